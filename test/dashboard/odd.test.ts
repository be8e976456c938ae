import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { createSimulatedMapper } from '../../mappers/simulated/mapper.ts';
import type { DeviceObject, ModelPropertyObject } from '../../twin/device-object.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { browserSkip, startBrowser, type TestBrowser } from './browser.ts';
import { type Place, startPlace } from './crowd.ts';
import { card, offer, panel } from './page-objects.ts';

/** As long as Kubernetes lets a name be, or nearly so. */
const LONG_NAME = `${'a-device-with-a-name-'.repeat(11)}end`;
const LONG_PROPERTY = 'an_unbroken_name_of_a_property_that_goes_on_and_on_beyond_reason';
const NODE = `${'edge-node-with-a-name-'.repeat(6)}end`;

const writable = (name: string, type: string, more: Partial<ModelPropertyObject> = {}) => ({
  name,
  type,
  accessMode: 'ReadWrite',
  ...more,
});
const EVERY_TYPE = modelObject('every-type', [
  writable('level', 'INT', { minimum: '-5', maximum: '10', unit: 'pcs' }),
  writable('count', 'INT'),
  writable('ratio', 'DOUBLE', { unit: 'micrograms per cubic metre', description: 'Größe, 温度, حرارة' }),
  writable('words', 'STRING'),
  writable('blob', 'BYTES'),
  writable('eye', 'STREAM'),
  writable(LONG_PROPERTY, 'DOUBLE'),
]);

const device = (name: string, model = 'every-type'): DeviceObject => {
  const object = deviceObject(name, { model, nodeName: NODE });
  const labels = {
    'example.com/a-key-of-some-length': 'a-value-of-some-length-without-a-single-space-in-it',
  };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { ...object.spec, protocol: { protocolName: 'simulated' } },
  };
};

const PHONE = { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true };

/** Names that are long, values of every type, places that are empty: what no demo shows. */
describe.skipIf(browserSkip)(`dashboard of what is odd ${browserSkip || ''}`, { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  let place: Place;
  const mappers = () => [createSimulatedMapper({ clock: systemClock, random: Math.random })];
  const crowd = Array.from({ length: 60 }, (_, index) => device(`many-${String(index).padStart(2, '0')}`));

  beforeAll(async () => {
    browser = await startBrowser();
    const objects = [EVERY_TYPE, device('every'), device(LONG_NAME), device('lost', 'nowhere'), ...crowd];
    place = await startPlace({ nodeName: NODE, objects, mappers: mappers() });
  }, 60_000);
  afterEach(() => browser.closePages());
  afterAll(async () => {
    await browser?.close();
    await place?.close();
  });

  const open = async (hash: string, options = {}) => (await browser.open(place.url + hash, options)).page;

  it.each([
    [
      'the list',
      '#/devices?search=a-device',
      (page: Page) => card(page, LONG_NAME).locator('.reading').first(),
    ],
    [
      'a device',
      `#/devices/default/${LONG_NAME}`,
      (page: Page) => panel(page, LONG_PROPERTY).locator('.reading').first(),
    ],
    ['its history', `#/devices/default/${LONG_NAME}?property=ratio`, (page: Page) => page.locator('canvas')],
  ])('fits a phone of 360 px whatever the names: %s', async (_name, hash, shown) => {
    const page = await open(hash, PHONE);
    await shown(page).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  it('sets whole numbers below zero and beyond 2^53 without a loss', async () => {
    const page = await open('#/devices/default/every');
    await offer(panel(page, 'level'), 'level', '-3');
    await panel(page, 'level').locator('.desired .reading', { hasText: '-3' }).waitFor();
    await offer(panel(page, 'count'), 'count', '9007199254740993');
    await panel(page, 'count').locator('.desired .reading', { hasText: '9007199254740993' }).waitFor();
    await panel(page, 'level').getByLabel('Set level').fill('-6');
    await panel(page, 'level').getByRole('alert').filter({ hasText: 'from -5 to 10 pcs' }).waitFor();
    await panel(page, 'count').getByLabel('Set count').fill('9223372036854775808');
    await panel(page, 'count').getByRole('alert').filter({ hasText: '64 bits' }).waitFor();
  });

  it('leaves the focus of who sets and releases by keys where it was', async () => {
    const page = await open('#/devices/default/every');
    const ratio = panel(page, 'ratio');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await ratio.getByLabel('Set ratio').fill('0.25');
    await ratio.getByRole('button', { name: 'Set', exact: true }).press('Enter');
    await ratio.getByRole('listitem', { name: 'reported: done' }).waitFor();
    expect(await focused()).toBe('Set');
    await ratio.getByRole('button', { name: 'Release' }).press('Enter');
    await ratio.getByRole('button', { name: 'Release' }).waitFor({ state: 'detached' });
    expect(await focused()).toBe('Set');
  });

  it('shows text that is empty, bytes, and a stream for what they are', async () => {
    const page = await open('#/devices/default/every');
    await offer(panel(page, 'words'), 'words', '');
    await panel(page, 'words').locator('.desired .reading', { hasText: '""' }).waitFor();
    await offer(panel(page, 'words'), 'words', 'zwölf 温度');
    await panel(page, 'words').locator('.desired .reading', { hasText: 'zwölf 温度' }).waitFor();
    await offer(panel(page, 'blob'), 'blob', 'AAEC');
    await panel(page, 'blob').locator('.desired .reading', { hasText: 'AAEC' }).waitFor();
    await panel(page, 'eye').waitFor();
    expect(await panel(page, 'eye').locator('.desired, form, button').count()).toBe(0);
  });

  it('leads to a history that opens out of view, and back to where it was asked for', async () => {
    const page = await open('#/devices/default/every', PHONE);
    const button = panel(page, LONG_PROPERTY).getByRole('button', { name: 'History of' });
    await button.focus();
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(300);
    await page.keyboard.press('Enter');
    const history = page.locator(`[data-history="${LONG_PROPERTY}"]`);
    await history.waitFor();
    const isInView = () =>
      history.getByRole('heading').evaluate((heading) => {
        const { top, bottom } = heading.getBoundingClientRect();
        return top >= document.querySelector('.top')!.getBoundingClientRect().bottom && bottom <= innerHeight;
      });
    await waitFor('the history in view', isInView);
    await history.getByRole('button', { name: 'Close' }).press('Enter');
    await history.waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('draws no line of text, and asks nobody to mark a part of it', async () => {
    const page = await open('#/devices/default/every?property=words');
    const history = page.locator('[data-history=words]');
    await history.getByText('Text has no line to draw').waitFor();
    expect(await history.getByText('Mark a part of it').isVisible()).toBe(false);
  });

  it('says what is wrong with a filter, and no more that it loads', async () => {
    const page = await open('#/devices?labels=a%3D%3D%3D');
    await page.getByRole('alert').filter({ hasText: 'unable to parse requirement' }).waitFor();
    expect(await page.getByText('Loading').count()).toBe(0);
  });

  it('says what a device lacks', async () => {
    const page = await open('#/devices/default/lost');
    await page.getByText('DeviceModel nowhere does not exist').waitFor();
    expect(await page.title()).toBe(`lost · ${NODE} · Octograph`);
  });

  it('begins a page at its top, and leads back to where one was in the list', async () => {
    const page = await open('#/devices', { viewport: { width: 1280, height: 600 } });
    await card(page, 'every').locator('.reading').first().waitFor();
    const y = await page.evaluate(() => {
      scrollTo(0, 2000);
      return scrollY;
    });
    expect(y).toBeGreaterThan(1000);
    await waitFor(
      'the place to be remembered',
      async () => (await page.evaluate(() => history.state?.scrollY)) === y,
    );
    const link = page.locator('.device-card h2 a').last();
    await link.evaluate((element) => (element as HTMLElement).click());
    await panel(page, 'level').waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.goBack();
    await page.getByRole('heading', { name: 'Devices' }).waitFor();
    await waitFor('the place where one was', async () => (await page.evaluate(() => scrollY)) === y);
    await page.goForward();
    await panel(page, 'level').waitFor();
  });

  it('says in words that there is nothing', async () => {
    const empty = await startPlace({ mappers: mappers() });
    try {
      const { page } = await browser.open(empty.url);
      await page.getByText('There are no devices here yet.').waitFor();
      await page.goto(`${empty.url}#/devices?search=x`);
      await page.getByText('No device matches these filters.').waitFor();
      await page.goto(`${empty.url}#/devices/default/gone`);
      await page.getByText('There is no device gone here.').waitFor();
      await page.goto(`${empty.url}#/fleet?search=gone`);
      await page.getByText('No node matches these filters.').waitFor();
      await page.goto(`${empty.url}#/nodes/gone`);
      await page.getByText('There is no node gone.').waitFor();
    } finally {
      await empty.close();
    }
  });
});

import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import texts from '../../schema/generated/dashboard/persisted-documents.json' with { type: 'json' };
import { type Demo, startDemo } from '../harness/demo.ts';
import { query } from '../harness/graphql-client.ts';
import { connectModbus, type ModbusMaster } from '../harness/modbus-master.ts';
import { waitFor } from '../harness/wait.ts';
import { seriousFaults } from './axe.ts';
import { browserSkip, type OpenPage, startBrowser, type TestBrowser } from './browser.ts';
import { card, offer, panel } from './page-objects.ts';

/** The dashboard as an operator uses it: a real browser, at the pages of a real demo. */
describe.skipIf(browserSkip)(`dashboard of the demo ${browserSkip || ''}`, { timeout: 60_000 }, () => {
  let demo: Demo;
  let browser: TestBrowser;
  let plantA: ModbusMaster;
  const opened: OpenPage[] = [];

  const cloud = () => demo.cloudUrl.replace('/graphql', '/');
  const edge = (name: string) => demo.edge(name).url.replace('/graphql', '/');
  const open = async (url: string) => {
    const shown = await browser.open(url);
    opened.push(shown);
    return shown.page;
  };

  beforeAll(async () => {
    browser = await startBrowser();
    demo = await startDemo();
    plantA = await connectModbus(demo.edge('edge-a').modbusPort);
  }, 90_000);

  afterAll(async () => {
    await plantA?.close();
    await browser?.close();
    await demo?.stop();
  });

  afterEach(() => browser.closePages());

  it('shows the fleet with readiness, link, devices and pods of each node, and leads to a node', async () => {
    const page = await open(cloud());
    const row = page.locator('tr[data-node="edge-a"]');
    await row.getByText('node ready').waitFor();
    await row.getByText(/cloud link up for/).waitFor();
    await row.getByText('7 online').waitFor();
    await row.getByText('2 pending').waitFor();
    await row.getByRole('link', { name: 'edge-a', exact: true }).click();
    await page.getByRole('heading', { name: 'edge-a' }).waitFor();
    await page.getByText('NoContainerRuntime').first().waitFor();
    expect(new URL(page.url()).hash).toBe('#/nodes/edge-a');
  });

  it('keeps filters in the address, so that a link shows the same', async () => {
    const page = await open(`${cloud()}#/devices`);
    await card(page, 'meter-a').waitFor();
    await page.getByLabel('Model').selectOption('thermostat');
    await page.getByLabel('Node').selectOption('edge-b');
    await page.getByLabel('Labels').fill('site=edge-b');
    await page.getByText('4 devices match').waitFor();
    expect(new URL(page.url()).hash).toBe('#/devices?model=thermostat&node=edge-b&labels=site%3Dedge-b');

    const other = await open(page.url());
    await other.getByText('4 devices match').waitFor();
    expect(await other.getByLabel('Model').inputValue()).toBe('thermostat');
    await other.getByLabel('Name').fill('b3');
    await other.getByText('1 device match').waitFor();
    await card(other, 'thermostat-b3').waitFor();
  });

  it('shows a device that came while the list was open, and no more one that went', async () => {
    const page = await open(`${cloud()}#/devices`);
    await page.getByText('14 devices').waitFor();
    const guest = { name: 'a-guest', model: 'fan', nodeName: 'edge-a', protocol: { name: 'simulated' } };
    await query(
      demo.cloudUrl,
      'mutation ($input: CreateDeviceInput!) { createDevice(input: $input) { __typename } }',
      { input: guest },
    );
    await card(page, 'a-guest').waitFor();
    await page.getByText('15 devices').waitFor();
    await query(demo.cloudUrl, 'mutation { deleteDevice(device: { name: "a-guest" }) { __typename } }');
    await card(page, 'a-guest').waitFor({ state: 'detached' });
  });

  it('is told of what happens at a node, and asks then, not only in its turn', async () => {
    const { page } = await browser.open('about:blank');
    await page.addInitScript(() => {
      const { setTimeout: real } = globalThis;
      // Its turn never comes.
      globalThis.setTimeout = ((run: () => void, ms = 0) => real(run, ms === 3000 ? 1e9 : ms)) as typeof real;
    });
    await page.goto(`${cloud()}#/nodes/edge-b`);
    await page.getByText('historian-edge-b').waitFor();
    await query(demo.cloudUrl, 'mutation { deletePod(pod: { name: "historian-edge-b" }) { __typename } }');
    await page.getByText('historian-edge-b').waitFor({ state: 'detached' });
  });

  it('shows values live, with unit, age and the last minute', async () => {
    const page = await open(`${cloud()}#/devices?search=thermostat-a2`);
    const reading = card(page, 'thermostat-a2').locator('[data-property=temperature] .reading');
    const texts = new Set<string>();
    await waitFor('three different temperatures', async () => {
      texts.add(await reading.innerText());
      return texts.size >= 3;
    });
    for (const text of texts) expect(text).toMatch(/^\d+(\.\d)? °C$/);
    await waitFor('a line through them', async () =>
      /^M.*L/.test(
        (await page.locator('[data-property=temperature] .sparkline path').getAttribute('d')) ?? '',
      ),
    );
  });

  it('sets a thermostat, shows the way of the change, and the register of the device changes', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a1`);
    const setPoint = panel(page, 'setpoint');
    await setPoint.getByLabel('Set setpoint').fill('24.5');
    await setPoint.getByLabel('Set setpoint').press('Enter');
    await setPoint.getByRole('listitem', { name: 'reported: done' }).waitFor();
    expect(await plantA.holding(1, 0)).toBe(245);
    await setPoint.locator('.reported .reading', { hasText: '24.5' }).waitFor();
    await setPoint.locator('.desired .reading', { hasText: '24.5' }).waitFor();
  });

  it('refuses what the model forbids before it is sent', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a2`);
    const setPoint = panel(page, 'setpoint');
    await setPoint.getByLabel('Set setpoint').fill('99');
    await setPoint.getByRole('alert').filter({ hasText: 'expected a number from 5 to 35 °C' }).waitFor();
    expect(await setPoint.getByRole('button', { name: 'Set', exact: true }).isDisabled()).toBe(true);
    await setPoint.getByLabel('Set setpoint').fill('warm');
    await setPoint.getByRole('alert').filter({ hasText: 'expected a number' }).waitFor();
  });

  it('tells what the device refused, in its words', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a2`);
    await offer(panel(page, 'mode'), 'mode', '7');
    await panel(page, 'mode').getByText('illegal data value').waitFor();
    await panel(page, 'mode').getByRole('listitem', { name: 'rejected: failed' }).waitFor();
    await offer(panel(page, 'mode'), 'mode', '1');
    await panel(page, 'mode').getByRole('listitem', { name: 'reported: done' }).waitFor();
  });

  it('tells apart a device that moved off what was desired', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a3`);
    await offer(panel(page, 'setpoint'), 'setpoint', '20');
    await panel(page, 'setpoint').getByRole('listitem', { name: 'reported: done' }).waitFor();
    await plantA.writeHolding(3, 0, 170);
    await panel(page, 'setpoint').locator('.badge', { hasText: 'drifted' }).waitFor();
    await panel(page, 'setpoint').locator('.reported .reading', { hasText: '17' }).waitFor();
  });

  it('calls a method with arguments that the model types, and tells what came of it', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a3`);
    // What comes in above it would move it away from the pointer.
    await panel(page, 'heating').waitFor();
    const method = page.locator('[data-method=warmUp]');
    await method.getByText('warmUp', { exact: true }).click();
    const call = method.getByRole('button', { name: 'Call warmUp' });
    expect(await call.isDisabled()).toBe(true);
    await method.getByLabel('setpoint').fill('99');
    await method.getByRole('alert').filter({ hasText: 'expected a number from 5 to 35 °C' }).waitFor();
    expect(await call.isDisabled()).toBe(true);
    await method.getByLabel('setpoint').fill('22.5');
    await method.getByLabel('mode').fill('1');
    await call.click();
    await method.getByRole('status').filter({ hasText: 'done' }).waitFor();
    expect(await method.getByRole('status').innerText()).toContain('22.5 °C');
    expect(await plantA.holding(3, 0)).toBe(225);
    expect(await plantA.holding(3, 1)).toBe(1);
    await method.getByLabel('mode').fill('7');
    await call.click();
    await method.getByText('illegal data value').waitFor();
    await method.getByText('Nobody knows whether it was done').waitFor();
  });

  it('shows a change made in another tab', async () => {
    const [one, two] = [
      await open(`${cloud()}#/devices/default/thermostat-a4`),
      await open(`${edge('edge-a')}#/devices/default/thermostat-a4`),
    ];
    await offer(panel(one, 'setpoint'), 'setpoint', '19.5');
    for (const page of [one, two])
      await panel(page, 'setpoint').locator('.reported .reading', { hasText: '19.5' }).waitFor();
  });

  it('stands still while it is paused, and catches up after', async () => {
    const page = await open(`${edge('edge-a')}#/devices?search=thermostat-a1`);
    const reading = card(page, 'thermostat-a1').locator('[data-property=setpoint] .reading');
    await reading.waitFor();
    await page.keyboard.press('p');
    await page.getByText('Paused').waitFor();
    const before = await reading.innerText();
    await plantA.writeHolding(1, 0, 123);
    await waitFor('the edge to know', async () => {
      const text = '{ device(name: "thermostat-a1") { twin(property: "setpoint") { reported { value } } } }';
      return (await query(demo.edge('edge-a').url, text)).data.device.twin.reported.value === 12.3;
    });
    // A page that does not stand still shows it by then: this one must not.
    const marker = await open(`${edge('edge-a')}#/devices?search=thermostat-a1`);
    await card(marker, 'thermostat-a1')
      .locator('[data-property=setpoint] .reading', { hasText: '12.3' })
      .waitFor();
    expect(await reading.innerText()).toBe(before);
    await page.keyboard.press('p');
    await reading.filter({ hasText: '12.3' }).waitFor();
  });

  it('looks closer at a part of a history that is marked, and goes back', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-a1?property=temperature`);
    const history = page.locator('[data-history=temperature]');
    const box = (await history.locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await history.getByText(/\d\d:\d\d:\d\d to \d\d:\d\d:\d\d/).waitFor();
    expect(await history.locator('[aria-pressed=true]').count()).toBe(0);
    await history.getByRole('button', { name: '5 min' }).click();
    await history.getByText('Mark a part of it to look closer.').waitFor();
  });

  it("counts by the server's clock, whatever the browser's says", async () => {
    const { page } = await browser.open('about:blank');
    await page.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() - 7 * 86_400_000;
    });
    await page.goto(`${cloud()}#/devices/default/thermostat-a1?property=temperature`);
    await page.getByText(/cloud link up for \d+ (s|min)/).waitFor();
    await page.getByRole('img', { name: /^temperature: \d/ }).waitFor();
  });

  it('shows a broken link, lets the edge go on, and is live again without a hole in the history', async () => {
    const cloudPage = await open(`${cloud()}#/devices/default/thermostat-a2?property=temperature`);
    const edgePage = await open(`${edge('edge-a')}#/devices/default/thermostat-a2`);
    await panel(cloudPage, 'temperature').waitFor();
    const brokenAt = Date.now();
    await demo.link('edge-a', 'down');
    try {
      await cloudPage.getByText(/cloud link down for/).waitFor();
      await cloudPage.locator('.property.stale[data-property=temperature]').waitFor();
      await panel(cloudPage, 'temperature').getByText('last known value').waitFor();
      await cloudPage.getByText('Its node keeps the history, and cannot be reached now').waitFor();
      await cloudPage.getByText('device was online').waitFor();

      await edgePage.getByText(/cloud link down for/).waitFor();
      await edgePage.locator('.notice', { hasText: /No link to the cloud (for \d+ s|just now)/ }).waitFor();
      expect(await edgePage.locator('.property.stale').count()).toBe(0);
      await offer(panel(edgePage, 'setpoint'), 'setpoint', '28');
      await panel(edgePage, 'setpoint').getByRole('listitem', { name: 'reported: done' }).waitFor();
      expect(await plantA.holding(2, 0)).toBe(280);
    } finally {
      await demo.link('edge-a', 'up');
    }
    await cloudPage.getByText(/cloud link up for/).waitFor();
    await edgePage.locator('.notice').waitFor({ state: 'detached' });
    await waitFor(
      'values to be believed again',
      async () => (await cloudPage.locator('.stale').count()) === 0,
    );
    await panel(cloudPage, 'setpoint').locator('.reported .reading', { hasText: '28' }).waitFor();
    const text = `{ device(name: "thermostat-a2") { twin(property: "temperature") {
      history(from: "${new Date(brokenAt).toISOString()}") { gaps { from to } samples { at } } } } }`;
    const { history } = (await query(demo.cloudUrl, text)).data.device.twin;
    expect(history.gaps).toEqual([]);
    await cloudPage.locator('[data-history=temperature] canvas').waitFor();
  });

  it('survives the loss of its own server, and comes back without a reload', async () => {
    const page = await open(`${cloud()}#/devices/default/thermostat-b1`);
    const reading = panel(page, 'temperature').locator('.reading');
    await reading.waitFor();
    await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    await demo.kill('cloud');
    await page.getByText('This server has not answered').waitFor();
    for (const word of ['device was online', 'node edge-b was ready', 'cloud link was up'])
      await page.locator('.badges', { hasText: word }).waitFor();
    // Said once, at the top.
    expect(await page.locator('.problem-box').count()).toBe(0);
    await page.getByText('This server has not answered').waitFor({ state: 'detached' });
    const texts = new Set<string>();
    await waitFor('live values', async () => texts.add(await reading.innerText()).size >= 3);
    await waitFor('values to be believed again', async () => (await page.locator('.stale').count()) === 0);
    expect(await page.evaluate(() => 'isTheSamePage' in window)).toBe(true);
  });

  it('settles a conflict between what cloud and edge wanted while they were apart', async () => {
    const [cloudPage, edgePage] = [
      await open(`${cloud()}#/devices/default/thermostat-b2`),
      await open(`${edge('edge-b')}#/devices/default/thermostat-b2`),
    ];
    await panel(cloudPage, 'setpoint').waitFor();
    await demo.link('edge-b', 'down');
    try {
      await offer(panel(edgePage, 'setpoint'), 'setpoint', '17');
      await panel(edgePage, 'setpoint').getByRole('listitem', { name: 'reported: done' }).waitFor();
      await offer(panel(cloudPage, 'setpoint'), 'setpoint', '26');
      await panel(cloudPage, 'setpoint').locator('.badge', { hasText: 'pending' }).waitFor();
    } finally {
      await demo.link('edge-b', 'up');
    }
    const conflict = cloudPage.locator('[data-conflict="thermostat-b2"]');
    await conflict.getByRole('button', { name: 'Keep 26' }).waitFor();
    await cloudPage.getByRole('link', { name: 'Conflicts 1' }).waitFor();
    await conflict.getByRole('button', { name: 'Set 17 again' }).click();
    await panel(cloudPage, 'setpoint').locator('.desired .reading', { hasText: '17' }).waitFor();
    await panel(cloudPage, 'setpoint').locator('.reported .reading', { hasText: '17' }).waitFor();
    await conflict.waitFor({ state: 'detached' });
    await cloudPage.getByRole('link', { name: 'Conflicts', exact: true }).waitFor();
  });

  it.each([
    ['fleet', '', 'light'],
    ['fleet', '', 'dark'],
    ['devices', '#/devices', 'light'],
    ['devices', '#/devices', 'dark'],
    ['a device', '#/devices/default/thermostat-a1?property=temperature', 'light'],
    ['a device', '#/devices/default/thermostat-a1?property=temperature', 'dark'],
    ['a node', '#/nodes/edge-a', 'dark'],
    ['conflicts', '#/conflicts', 'light'],
  ] as const)(
    'has no serious fault of accessibility on the page of %s%s (%s)',
    async (_name, hash, colorScheme) => {
      const { page } = await browser.open(`${cloud()}${hash}`, { colorScheme, bypassCSP: true });
      await page.locator('[data-device], tr[data-node], .property, .facts, .empty').first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
    },
  );

  it('runs under its strict policy, asks nobody else for anything, and throws no errors', () => {
    expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
    for (const { hosts } of opened) expect(hosts.size).toBe(1);
  });

  it('sends no document that is not on its list', () => {
    const listed = new Set(Object.values(texts));
    const sent = new Set(opened.flatMap(({ documents }) => [...documents]));
    expect(sent.size).toBeGreaterThan(6);
    expect([...sent].filter((text) => !listed.has(text))).toEqual([]);
    for (const [id, text] of Object.entries(texts))
      expect(id).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  });
});

/**
 * Takes the pictures of docs/dashboard.md, of a demo whose second node is cut off:
 *
 *     node test/dashboard/pictures.ts
 */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startDemo } from '../harness/demo.ts';
import { startBrowser } from './browser.ts';
import { card, offer, panel } from './page-objects.ts';

const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
};

/** Until the lines of the last minute have some length. */
const FILL_MS = 45_000;

const browser = await startBrowser();
const demo = await startDemo();
const cloud = demo.cloudUrl.replace('/graphql', '/');
const edgeB = demo.edge('edge-b').url.replace('/graphql', '/');
const open = async (url: string, colorScheme: 'light' | 'dark', options = WIDE): Promise<Page> =>
  (await browser.open(url, { ...options, colorScheme })).page;
const take = (page: Page, name: string) => page.screenshot({ path: `docs/dashboard/${name}.png` });

try {
  const devices = await open(`${cloud}#/devices`, 'dark');
  const device = await open(`${cloud}#/devices/default/thermostat-a1?property=temperature`, 'light');
  const cutOff = await open(`${cloud}#/devices/default/thermostat-b1`, 'dark');
  const local = await open(`${edgeB}#/devices/default/thermostat-b1`, 'dark', PHONE);
  const phone = await open(`${edgeB}#/devices`, 'light', PHONE);
  await offer(panel(device, 'setpoint'), 'setpoint', '23.5');
  await offer(panel(device, 'mode'), 'mode', '7');
  await card(devices, 'thermostat-a1').waitFor();
  await device.waitForTimeout(FILL_MS);
  const node = await open(`${cloud}#/nodes/edge-a`, 'light');
  await node.getByText('5 online').waitFor();
  const method = device.locator('[data-method=warmUp]');
  await method.getByText('warmUp', { exact: true }).click();
  await method.getByLabel('setpoint').fill('40');
  await take(devices, 'devices-dark');
  await take(node, 'node-light');
  await method.scrollIntoViewIfNeeded();
  await take(device, 'method-light');
  await method.getByText('warmUp', { exact: true }).click();
  await device.evaluate(() => scrollTo(0, 0));
  await take(device, 'device-light');
  await take(phone, 'phone-light');

  await demo.link('edge-b', 'down');
  await panel(cutOff, 'temperature').getByText('last known value').waitFor();
  await offer(panel(cutOff, 'setpoint'), 'setpoint', '18');
  await panel(cutOff, 'setpoint').locator('.badge', { hasText: 'pending' }).waitFor();
  await local.getByText(/cloud link down for/).waitFor();
  await local.getByText(/No link to the cloud for/).waitFor();
  await offer(panel(local, 'setpoint'), 'setpoint', '24');
  await panel(local, 'setpoint').getByRole('listitem', { name: 'reported: done' }).waitFor();
  const fleet = await open(cloud, 'light');
  await fleet.getByText(/cloud link down for/).waitFor();
  // The operator's eyes, not the caret, are where the page is.
  await local.locator('.title-line').scrollIntoViewIfNeeded();
  await take(cutOff, 'cut-off-dark');
  await take(local, 'phone-local-control-dark');
  await take(fleet, 'fleet-light');

  await demo.link('edge-b', 'up');
  const conflicts = await open(`${cloud}#/conflicts`, 'light');
  await conflicts.locator('[data-conflict]').waitFor();
  await take(conflicts, 'conflicts-light');
} finally {
  await browser.close();
  await demo.stop();
}

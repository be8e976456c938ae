import type { Locator, Page } from 'playwright-core';

/** A device in the list. */
export const card = (page: Page, device: string): Locator => page.locator(`[data-device="${device}"]`);

/** A property on a device's page. */
export const panel = (page: Page, property: string): Locator =>
  page.locator(`.property[data-property="${property}"]`);

/** Types a set point and sends it. */
export async function offer(panel: Locator, property: string, value: string): Promise<void> {
  await panel.getByLabel(`Set ${property}`).fill(value);
  await panel.getByRole('button', { name: 'Set', exact: true }).click();
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../harness/gateway.ts';
import { startEmbedded } from '../kubernetes/embedded.ts';
import { browserSkip, startBrowser, type TestBrowser } from './browser.ts';

/** What the console of a cloud says while the API server of its cluster is away. */
describe.skipIf(browserSkip)(`dashboard without Kubernetes ${browserSkip || ''}`, { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterEach(() => browser.closePages());
  afterAll(() => browser?.close());

  it('says since when it has not answered, and why, until it answers again', async () => {
    const { kubeconfig, start, stop } = await startEmbedded();
    const gateway = await startGateway(kubeconfig);
    const { page, complaints } = await browser.open(gateway.url.replace('/graphql', '/'));
    await page.getByText('There are no nodes here yet').waitFor();
    const notice = page.locator('.notice', { hasText: 'Kubernetes has not answered' });
    expect(await notice.count()).toBe(0);
    await stop();
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(
      /Kubernetes has not answered (for \d+ s|just now) \(GET .+\): nodes, pods, devices and models are as they were then; values go on\.$/,
    );
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByRole('heading', { name: 'Devices' }).waitFor();
    expect(await notice.count()).toBe(1);
    await start();
    await notice.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { READY_QUERY } from '../../cli/demo/ready.ts';
import { type Demo, startDemo } from '../harness/demo.ts';
import { query } from '../harness/graphql-client.ts';
import { waitFor } from '../harness/wait.ts';
import { browserSkip, startBrowser, type TestBrowser } from './browser.ts';
import { card, offer, panel } from './page-objects.ts';

/** The list as it lies beside the built page. */
const LIST = 'dist/dashboard/persisted-documents.json';
const ANY_OTHER = '{ place { kind } }';

/** Cloud and edge nodes that execute what stands on the dashboard's list, and nothing else. */
describe.skipIf(browserSkip)(`dashboard and its list alone ${browserSkip || ''}`, { timeout: 60_000 }, () => {
  let demo: Demo;
  let browser: TestBrowser;
  let folder: string;
  const places = () => [demo.cloudUrl, demo.edge('edge-a').url];
  const codeOf = async (url: string, text: string) => (await query(url, text)).errors?.[0]?.extensions?.code;

  beforeAll(async () => {
    browser = await startBrowser();
    folder = mkdtempSync(join(tmpdir(), 'octograph-list-'));
    const path = join(folder, 'documents.json');
    const list = readFileSync(LIST, 'utf8');
    // The demo asks whether it is up, too; from then on the list is the dashboard's own.
    const readyId = createHash('sha256').update(READY_QUERY).digest('hex');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(list), [readyId]: READY_QUERY }));
    demo = await startDemo({
      OCTOGRAPH_PERSISTED_DOCUMENTS: path,
      OCTOGRAPH_PERSISTED_ONLY: 'true',
      OCTOGRAPH_HARDENED: 'true',
    });
    writeFileSync(path, list);
    await waitFor(
      'the cloud to read the list again',
      async () => (await codeOf(demo.cloudUrl, READY_QUERY)) !== undefined,
    );
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => browser.closePages());

  it('refuses any other document, in the cloud and at the edge', async () => {
    for (const url of places()) {
      expect(await codeOf(url, ANY_OTHER)).toBe('PERSISTED_DOCUMENT_REQUIRED');
      expect(await codeOf(url, 'subscription { twins { kind } }')).toBe('PERSISTED_DOCUMENT_REQUIRED');
    }
    const subgraph = demo.cloudUrl.replace('/graphql', '/subgraphs/cloud');
    expect((await fetch(subgraph, { method: 'POST' })).status).toBe(404);
  });

  it('serves every page of the dashboard, in the cloud and at the edge', async () => {
    for (const url of places()) {
      const { page, complaints } = await browser.open(url.replace('/graphql', '/#/devices'));
      await card(page, 'thermostat-a1').locator('.reading').first().waitFor();
      await card(page, 'thermostat-a1').getByRole('link').click();
      await offer(panel(page, 'setpoint'), 'setpoint', url === demo.cloudUrl ? '19' : '20');
      await panel(page, 'setpoint').getByRole('listitem', { name: 'reported: done' }).waitFor();
      await page.getByLabel('History of temperature').click();
      await page.locator('[data-history=temperature] canvas').waitFor();
      const method = page.locator('[data-method=warmUp]');
      await method.getByText('warmUp', { exact: true }).click();
      await method.getByLabel('setpoint').fill('21');
      await method.getByRole('button', { name: 'Call warmUp' }).click();
      await method.getByRole('status').filter({ hasText: 'done' }).waitFor();
      expect(await page.locator('.problem, .problem-box').allInnerTexts()).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });

  it('serves the fleet, a node and the conflicts', async () => {
    const { page, complaints } = await browser.open(demo.cloudUrl.replace('/graphql', '/'));
    await page.getByRole('link', { name: 'edge-a', exact: true }).click();
    await page.getByText('NoContainerRuntime').first().waitFor();
    await page.getByRole('link', { name: 'Conflicts' }).click();
    await page.getByText('Nothing to settle.').waitFor();
    expect(await page.locator('.problem, .problem-box').allInnerTexts()).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

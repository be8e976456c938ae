/**
 * The dashboard in headless chromium, at an edge node with 10 000 devices: 500 tiles in view at 1 000 updates per second,
 * how busy the page's main thread is, how often a tile is drawn; what the page holds on to as that goes on, and as its pages
 * are visited again and again; then a list that is scrolled and filtered.
 *
 *     node bench/dashboard.ts [seconds]     # of updates between the first look at the heap and the last: 240
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { CDPSession, Page } from 'playwright-core';
import { startBrowser } from '../test/dashboard/browser.ts';
import type { CrowdOptions } from '../test/dashboard/crowd.ts';
import { type Heap, leastHeap, trendOf } from './dashboard/heap.ts';

const seconds = Number(process.argv[2] ?? 240);
const LOOKS = 9;
/** Faster than the rest is measured at: four minutes of it bring as much as ten do. */
const HEAP_UPDATES_PER_SECOND = 2500;
/** The main thread is looked at for so long. */
const BUSY_MS = 60_000;
/** Until the first minute has filled the sparklines, the page only grows. */
const FILL_MS = 70_000;
/** Rounds through the pages, of which the first ones load and compile what they need. */
const ROUNDS = 60;
const FIRST_ROUNDS = 15;
const TILES = 500;
/** Its sixth property has no row. */
const ROWS_OF_A_CARD = 5;
const UPDATES_PER_SECOND = 1000;
/** High enough for all the tiles. */
const VIEWPORT = { width: 1680, height: 4400 };

const options: CrowdOptions = {
  devices: 10_000,
  lively: TILES / ROWS_OF_A_CARD,
  updatesPerSecond: UPDATES_PER_SECOND,
};
// It builds the dashboard, which the place looks for when it starts.
const browser = await startBrowser();
const place = fork(new URL('./dashboard/place.ts', import.meta.url), [JSON.stringify(options)]);
const [url] = (await once(place, 'message')) as [string];
try {
  // biome-ignore-start lint/suspicious/noConsole: the tables are what this program is for
  console.table(await measureLive(`${url}#/devices`));
  console.table(await measureVisits(`${url}#/devices`));
  console.table(await measureList(`${url}#/devices`));
  // biome-ignore-end lint/suspicious/noConsole: see above
} finally {
  await browser.close();
  if (place.connected) place.disconnect();
}

async function measureLive(address: string) {
  const { page } = await browser.open(address, { viewport: VIEWPORT });
  const cdp = await page.context().newCDPSession(page);
  // CPU time of the thread, not of the clock on the wall: others use these cores too.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.waitForFunction(
    (tiles) => document.querySelectorAll('.twin-row .reading').length >= tiles,
    TILES,
  );
  await page.waitForTimeout(FILL_MS);
  await countDraws(page);
  const before = await metrics(cdp);
  await page.waitForTimeout(BUSY_MS);
  const after = await metrics(cdp);
  const draws = await page.evaluate(() => (globalThis as unknown as { draws: number[] }).draws);
  const wallS = after.Timestamp! - before.Timestamp!;
  const total = draws.reduce((sum, count) => sum + count, 0);
  const heaps = await watchHeap(page, cdp);
  await page.context().close();
  return {
    'tiles in view': draws.length,
    'main thread busy, %': round((100 * (after.TaskDuration! - before.TaskDuration!)) / wallS),
    'of it scripts, %': round((100 * (after.ScriptDuration! - before.ScriptDuration!)) / wallS),
    'of it style and layout, %': round(
      (100 *
        (after.LayoutDuration! +
          after.RecalcStyleDuration! -
          before.LayoutDuration! -
          before.RecalcStyleDuration!)) /
        wallS,
    ),
    'tiles drawn per second': round(total / wallS),
    'most draws of one tile per second': round(Math.max(...draws) / wallS),
    ...tellHeaps(heaps, 60, 'minute'),
  };
}

/** What the page holds on to after so many seconds of updates, each time at rest: what waits to be drawn is not in it. */
async function watchHeap(
  page: Page,
  cdp: CDPSession,
): Promise<Array<readonly [seconds: number, heap: Heap]>> {
  // Its observers are not the page's.
  await page.evaluate(() => (globalThis as unknown as { endDraws(): void }).endDraws());
  const heaps: Array<readonly [number, Heap]> = [];
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) {
      place.send(HEAP_UPDATES_PER_SECOND);
      await page.waitForTimeout((1000 * seconds) / (LOOKS - 1));
    }
    place.send(0);
    heaps.push([(look * seconds) / (LOOKS - 1), await leastHeap(page, cdp)]);
  }
  return heaps;
}

/** A device's page with its history, back, down the list and up, and so on: what is left of that. */
async function measureVisits(address: string) {
  const { page } = await browser.open(address);
  const cdp = await page.context().newCDPSession(page);
  const heaps: Array<readonly [number, Heap]> = [];
  place.send(UPDATES_PER_SECOND);
  for (let round = 1; round <= ROUNDS; round++) {
    const card = page.locator(`[data-device="pump-0000${round % 8}"]`);
    await card.locator('.reading').first().waitFor();
    await card.getByRole('link').click();
    await page.getByLabel('History of flow').click();
    await page.locator('canvas').waitFor();
    await page.goBack();
    await card.waitFor();
    await page.keyboard.press('p');
    for (const y of [30_000, 60_000, 0]) {
      await page.evaluate((y) => scrollTo(0, y), y);
      await page.waitForTimeout(200);
    }
    await page.keyboard.press('p');
    if (round % FIRST_ROUNDS !== 0) continue;
    place.send(0);
    // What scrolled away is followed for two seconds more.
    await page.waitForTimeout(2500);
    heaps.push([round, await leastHeap(page, cdp)]);
    place.send(UPDATES_PER_SECOND);
  }
  await page.context().close();
  return tellHeaps(heaps, 1, 'round');
}

function tellHeaps(heaps: ReadonlyArray<readonly [at: number, heap: Heap]>, units: number, unit: string) {
  const list = (pick: (heap: Heap) => number) => heaps.map(([, heap]) => pick(heap)).join(' ');
  const { slope, from, to } = trendOf(heaps.map(([at, { objects }]) => [at / units, objects]));
  return {
    'objects at rest': list(({ objects }) => objects),
    [`of them more per ${unit}`]: `${round(slope)} (${round(from)} to ${round(to)})`,
    'MB at rest': list(({ bytes }) => round(bytes / 2 ** 20)),
    'nodes of documents': list(({ nodes }) => nodes),
    'event listeners': list(({ listeners }) => listeners),
  };
}

/** Draws are frames in which a tile's document changed. */
async function countDraws(page: Page): Promise<void> {
  await page.evaluate(() => {
    const rows = [...document.querySelectorAll('.twin-row')];
    const draws = rows.map(() => 0);
    const observers = rows.map((row, index) => {
      // All changes of one task come in one call.
      const observer = new MutationObserver(() => draws[index]!++);
      observer.observe(row, { subtree: true, characterData: true, childList: true, attributes: true });
      return observer;
    });
    const endDraws = () => {
      for (const observer of observers.splice(0)) observer.disconnect();
    };
    Object.assign(globalThis, { draws, endDraws });
  });
}

async function metrics(cdp: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function measureList(address: string) {
  const { page } = await browser.open(address);
  await page.getByText('10000 devices').waitFor();
  await page.evaluate(() => {
    const longest = { ms: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
    }).observe({ type: 'longtask' });
    Object.assign(globalThis, { longest });
  });
  // Down to the last device, as fast as pages come.
  const startedAt = performance.now();
  while ((await page.locator('[data-device="pump-09999"]').count()) === 0) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(20);
  }
  const scrolledMs = performance.now() - startedAt;
  const inDocument = await page.locator('.device-card').count();

  const typedAt = performance.now();
  await page.getByLabel('Name').fill('pump-012');
  await page.getByText('100 devices match').waitFor();
  const filteredMs = performance.now() - typedAt;
  const longest = await page.evaluate(
    () => (globalThis as unknown as { longest: { ms: number } }).longest.ms,
  );
  await page.context().close();
  return {
    'scrolled through 10 000 devices in, s': round(scrolledMs / 1000),
    'cards in the document then': inDocument,
    'filter to answer, ms': round(filteredMs),
    'longest task meanwhile, ms': round(longest),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

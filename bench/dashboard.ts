/**
 * The dashboard in headless chromium, at an edge node with 10 000 devices: 500 tiles in view at 1 000 updates per second,
 * how busy the page's main thread is, how often a tile is drawn, how its heap grows; then a list that is scrolled and filtered.
 *
 *     node bench/dashboard.ts [seconds]     # 600
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { CDPSession, Page } from 'playwright-core';
import { startBrowser } from '../test/dashboard/browser.ts';
import type { CrowdOptions } from '../test/dashboard/crowd.ts';

const seconds = Number(process.argv[2] ?? 600);
/** Between two looks at the heap. */
const SAMPLE_S = 15;
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
const place = fork(new URL('./dashboard/place.ts', import.meta.url), [JSON.stringify(options)]);
const [url] = (await once(place, 'message')) as [string];
const browser = await startBrowser();
try {
  // biome-ignore-start lint/suspicious/noConsole: the tables are what this program is for
  console.table(await measureLive(`${url}#/devices`));
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
  // Until the first minute has filled the sparklines, the page only grows.
  await page.waitForTimeout(5000);
  await countDraws(page);
  const before = await metrics(cdp);
  const heaps = [{ atS: 0, mb: before.heapMb }];
  for (let atS = SAMPLE_S; atS <= seconds; atS += SAMPLE_S) {
    await page.waitForTimeout(SAMPLE_S * 1000);
    heaps.push({ atS, mb: (await metrics(cdp)).heapMb });
  }
  const after = await metrics(cdp);
  const draws = await page.evaluate(() => (globalThis as unknown as { draws: number[] }).draws);
  const wallS = after.Timestamp! - before.Timestamp!;
  const total = draws.reduce((sum, count) => sum + count, 0);
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
    'heap after a collection, first sample, MB': round(before.heapMb),
    least: round(Math.min(...heaps.map(({ mb }) => mb))),
    greatest: round(Math.max(...heaps.map(({ mb }) => mb))),
    last: round(after.heapMb),
    'each minute': heaps
      .filter(({ atS }) => atS % 60 === 0)
      .map(({ mb }) => round(mb))
      .join(' '),
    'slope of the second half, MB per 10 minutes': round(600 * slopeOf(heaps.slice(heaps.length >> 1))),
  };
}

/** By least squares, MB per second. The first half is left out: sparklines fill in it, and code is compiled. */
function slopeOf(samples: ReadonlyArray<{ atS: number; mb: number }>): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ atS }) => atS)), mean(samples.map(({ mb }) => mb))];
  const over = samples.reduce((sum, { atS, mb }) => sum + (atS - x) * (mb - y), 0);
  return over / samples.reduce((sum, { atS }) => sum + (atS - x) ** 2, 0);
}

/** Draws are frames in which a tile's document changed. */
async function countDraws(page: Page): Promise<void> {
  await page.evaluate(() => {
    const rows = [...document.querySelectorAll('.twin-row')];
    const draws = rows.map(() => 0);
    rows.forEach((row, index) => {
      // All changes of one task come in one call.
      new MutationObserver(() => draws[index]!++).observe(row, {
        subtree: true,
        characterData: true,
        childList: true,
        attributes: true,
      });
    });
    Object.assign(globalThis, { draws });
  });
}

async function metrics(cdp: CDPSession): Promise<Record<string, number> & { heapMb: number }> {
  // What only a browser object held on to goes at the second.
  for (let times = 0; times < 2; times++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const named = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  return { ...named, heapMb: (named.JSHeapUsedSize ?? 0) / 1024 / 1024 };
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { IngestNode, startIngestCloud } from './cloud/ingest.ts';

/**
 * Heap of the cloud per twin, after collection: Device objects, replica, live sets, what watches freshness, and what
 * lies before the store. All twins were reported twice.
 *
 *     node --expose-gc bench/cloud-memory.ts [--devices 10000]
 */
const { values } = parseArgs({ options: { devices: { type: 'string', default: '10000' } } });
const devices = Number(values.devices);
const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const store = openSqliteStore({
  path: join(folder, 'cloud.db'),
  history: { maxAgeMs: 0 },
  clock: systemClock,
  logger: silentLogger,
});

// Whatever is loaded once, is.
await startIngestCloud(10).close();
const before = used();
const cloud = startIngestCloud(devices, store);
const objects = used();
const node = new IngestNode(devices);
cloud.take(node.states());
for (let round = 0; round < 2; round++)
  for (const frame of node.reports(devices * 10, 400)) {
    cloud.take(frame);
    await pause(0);
  }
// Freshness is told a slice at a time, and the archive writes once a second.
await pause(2000 + devices);
const perTwin = (bytes: number) => Math.round(bytes / devices / 10);
const all = used() - before;
process.stdout.write(
  `${devices} devices of ten twins: ${perTwin(all)} bytes of heap per twin, ${perTwin(objects - before)} of them before anything was reported (budget 4096)\n`,
);
await cloud.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);

function used(): number {
  if (!globalThis.gc) throw new Error('run with node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

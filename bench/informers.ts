/**
 * How long the informers take to hold a large cluster, and what its objects cost in memory, at a fifth of the size and at the whole.
 *
 *     node --expose-gc bench/informers.ts [nodes pods devices]     # 5000 50000 100000
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../kubernetes/cluster.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/logger.ts';

const given = process.argv.slice(2).map(Number);
const [nodes = 5_000, pods = 50_000, devices = 100_000] = given;
if (!globalThis.gc) throw new Error('start node with --expose-gc: memory is measured after a collection');

const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const rows = [];
for (const share of [0.2, 1]) rows.push(await measure(nodes * share, pods * share, devices * share));
rmSync(folder, { recursive: true });
// biome-ignore lint/suspicious/noConsole: the table is what this program is for
console.table(rows);

async function measure(nodeCount: number, podCount: number, deviceCount: number) {
  const script = new URL('./list-watch-server.ts', import.meta.url).pathname;
  const server = spawn(process.execPath, [script, ...[nodeCount, podCount, deviceCount].map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(`http://127.0.0.1:${String(line).trim()}`));

  const before = heapBytes();
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const options = { clock: systemClock, random: Math.random, logger: createLogger('bench', 'warn') };
  const cluster = startCluster({ source: { kubeconfig }, ...options });
  const caches = [cluster.nodes, cluster.pods, cluster.devices, cluster.deviceModels, cluster.events];
  await Promise.all(caches.map(({ whenSynced }) => whenSynced));
  const readyMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const bytes = heapBytes() - before;
  const objects = caches.reduce((sum, { size }) => sum + size, 0);

  const lookedUpAt = performance.now();
  const lookups = 1_000;
  for (let index = 0; index < lookups; index++) [...cluster.devices.byNode(`n${index % nodeCount}`)];
  const lookupUs = ((performance.now() - lookedUpAt) * 1000) / lookups;

  await cluster.close();
  server.stdin.end();
  await once(server, 'exit');
  return {
    objects,
    'ready s': (readyMs / 1000).toFixed(1),
    'CPU µs/object': ((user + system) / objects).toFixed(0),
    'bytes/object': Math.round(bytes / objects),
    'heap MB': Math.round(bytes / 1e6),
    'devices of a node µs': lookupUs.toFixed(1),
  };
}

function heapBytes(): number {
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: {} }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  });
}

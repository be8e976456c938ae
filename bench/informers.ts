/**
 * How long the informers take to hold a large cluster, what its objects cost in memory, and how long a filtered list of its devices
 * takes through schema and resolvers, at a fifth of the size and at the whole.
 *
 *     node --expose-gc bench/informers.ts [nodes pods devices]     # 5000 50000 100000
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import { createPlanRuntime } from '../gateway/index.ts';
import { createLocalExecutor } from '../gateway/local-executor.ts';
import { type Cluster, startCluster } from '../kubernetes/cluster.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger, silentLogger } from '../lib/logger.ts';
import { supergraphSdl } from '../schema/generated/supergraph.ts';
import { createCloudSubgraph, createEdgeSubgraph } from '../schema/schemas.ts';
import { createBenchServices } from './bench-cloud.ts';

/** What clients filter by: place, label, model, and what the device said last. */
const WHERES = [
  '{ nodeName: { eq: "n7" } }',
  '{ labels: [{ key: "room", eq: "room-5" }], namespace: { in: ["ns-1", "ns-2"] } }',
  '{ model: { eq: "m3" }, name: { like: "d9%" } }',
  '{ state: { ne: "online" }, not: { namespace: { eq: "ns-0" } } }',
];
const LISTS_PER_WHERE = 50;

const given = process.argv.slice(2).map(Number);
const [nodes = 5_000, pods = 50_000, devices = 100_000] = given;
if (!globalThis.gc) throw new Error('start node with --expose-gc: memory is measured after a collection');

const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const rows = [];
for (const share of [0.2, 1]) rows.push(await measure(nodes * share, pods * share, devices * share));
rmSync(folder, { recursive: true });
// biome-ignore lint/suspicious/noConsole: the table is what this program is for
console.table(rows);
process.exit(0);

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

  const lists = await listTimes(cluster);

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
    'list p50 ms': quantile(lists, 0.5).toFixed(1),
    'list p99 ms': quantile(lists, 0.99).toFixed(1),
  };
}

/** Milliseconds of each list, one after the other. */
async function listTimes(cluster: Cluster): Promise<number[]> {
  const { contextFor } = createBenchServices(cluster);
  const executors = {
    cloud: createLocalExecutor(createCloudSubgraph(), silentLogger),
    edge: createLocalExecutor(createEdgeSubgraph(), silentLogger),
  };
  const { schema, execute } = createPlanRuntime({ supergraphSdl, executors });
  const documents = WHERES.map((where) =>
    parse(
      `{ devices(first: 50, where: ${where}) { totalCount edges { node { namespace name nodeName state model { name } } } } }`,
    ),
  );
  const times: number[] = [];
  for (let round = 0; round < LISTS_PER_WHERE; round++) {
    for (const document of documents) {
      const { signal } = new AbortController();
      const contextValue = contextFor({ name: 'bench', rights: 'read' }, { signal });
      const startedAt = performance.now();
      const { errors } = await execute({ schema, document, contextValue, signal });
      if (errors) throw errors[0];
      times.push(performance.now() - startedAt);
    }
  }
  return times.slice(documents.length);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] as number;
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

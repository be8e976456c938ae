/**
 * 10 000 reported updates per second over 10 nodes, and what of them reaches the API server: the embedded one, in a process of its own.
 *
 *     node bench/status-writer.ts [seconds]     # 60
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../kubernetes/cluster.ts';
import { reportedProperty } from '../kubernetes/device-status.ts';
import { startDeviceStatusWriter } from '../kubernetes/device-status-writer.ts';
import { collectionPath, DEVICE_OBJECTS } from '../kubernetes/resources.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/logger.ts';
import type { DeviceObject } from '../twin/device-object.ts';

const seconds = Number(process.argv[2] ?? 60);
const UPDATES_PER_SECOND = 10_000;
const NODES = 10;
const DEVICES_PER_NODE = 100;
const TICK_MS = 10;

const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const kubeconfig = join(folder, 'kubeconfig');
const cli = new URL('../cli/octograph.ts', import.meta.url).pathname;
const settings = [
  '--listen=127.0.0.1:0',
  `--state-dir=${join(folder, 'state')}`,
  `--kubeconfig=${kubeconfig}`,
];
const api = spawn(process.execPath, [cli, 'kube', ...settings, '--log-level=warn'], { stdio: 'inherit' });
while (!existsSync(kubeconfig)) await sleep(20);

const shared = { clock: systemClock, random: Math.random, logger: createLogger('bench', 'warn') };
const cluster = startCluster({ source: { kubeconfig }, ...shared });
const ids: string[] = [];
for (let index = 0; index < NODES * DEVICES_PER_NODE; index++) {
  const metadata = { name: `d${index}`, namespace: 'default' };
  const spec = { nodeName: `edge-${index % NODES}`, deviceModelRef: { name: 'm' } };
  const device: DeviceObject = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', metadata, spec };
  await cluster.client.create(collectionPath(DEVICE_OBJECTS, 'default'), device);
  ids.push(`default/d${index}`);
}
while (cluster.devices.size < ids.length || !cluster.deviceStatuses.synced) await sleep(20);

const values = new Map<string, number>();
const writer = startDeviceStatusWriter({
  ...cluster,
  ...shared,
  statusOf: (id) => ({
    twins: [
      { propertyName: 'temperature', reported: reportedProperty(String(values.get(id)), Date.now(), 'INT') },
    ],
    state: 'online',
  }),
  manages: () => true,
});

const rows = [];
const startedAt = performance.now();
let sent = 0;
let last = { sent: 0, written: 0, own: process.cpuUsage(), apiMs: apiCpuMs(), at: startedAt };
for (let quarter = 1; quarter <= 4; quarter++) {
  const until = startedAt + (seconds * 1000 * quarter) / 4;
  while (performance.now() < until) {
    // As many as are due: a late timer does not lower the rate.
    const due = ((performance.now() - startedAt) / 1000) * UPDATES_PER_SECOND;
    for (; sent < due; sent++) {
      const id = ids[sent % ids.length]!;
      values.set(id, sent);
      writer.markDirty(id);
    }
    await sleep(TICK_MS);
  }
  rows.push(lap(quarter));
}
// biome-ignore lint/suspicious/noConsole: the table is what this program is for
console.table(rows);

await writer.close();
await cluster.close();
api.kill();
rmSync(folder, { recursive: true, force: true });

function lap(quarter: number) {
  const now = performance.now();
  const { updatesIn, writesOut, queueAgeMs } = writer.metrics();
  const passedS = (now - last.at) / 1000;
  const own = process.cpuUsage(last.own);
  const apiMs = apiCpuMs();
  const row = {
    quarter,
    'updates/s': Math.round((updatesIn - last.sent) / passedS),
    'writes/s': ((writesOut - last.written) / passedS).toFixed(1),
    'queue age s': (queueAgeMs / 1000).toFixed(1),
    'writer CPU %': ((own.user + own.system) / 10_000 / passedS).toFixed(1),
    'API CPU %': ((apiMs - last.apiMs) / 10 / passedS).toFixed(1),
  };
  last = { sent: updatesIn, written: writesOut, own: process.cpuUsage(), apiMs, at: now };
  return row;
}

/** CPU that the API's process has used so far, from Linux' own count in hundredths of a second. */
function apiCpuMs(): number {
  const fields = readFileSync(`/proc/${api.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

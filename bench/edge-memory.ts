import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { NodeObject } from '../twin/node-object.ts';
import { freePort } from './edge/node.ts';
import { devicesOf, PROPERTIES } from './edge/objects.ts';
import { childrenOf, type Peer, startModbusTags, startOpcuaItems } from './mappers/peers.ts';

/**
 * `npm run build && node bench/edge-memory.ts [seconds]`: resident memory of `dist/octograph.js edge` with 1000 twins, all of
 * them changing every second: alone, with Modbus, with Modbus and MQTT, and with OPC UA too, each beside a bare Node of the
 * same run. And the time from the start of the process to its "ready".
 */
const [seconds = '30'] = process.argv.slice(2);
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-memory-'));
const children: ChildProcess[] = [];
const peers: Peer[] = [];

try {
  const bare = await measureBare();
  const modbus = await startModbusTags(folder, true);
  peers.push(modbus);
  const opcua = await startOpcuaItems(folder, { items: 100, everyMs: 1000 });
  peers.push(opcua);
  await measure(
    'edge, no device answers',
    bare,
    devicesOf('none', 100, () => ({})),
  );
  const modbusDevices = (count: number) =>
    devicesOf('modbus', count, (n) => ({ register: 'HoldingRegister', offset: n * 2, limit: 2 }), {
      ip: '127.0.0.1',
      port: modbus.port,
      slaveID: 1,
    });
  const mqttDevices = devicesOf('mqtt', 50, (n, device) => ({
    topic: `${device}/state`,
    jsonPath: `p${n}`,
  }));
  const opcuaDevice = devicesOf(
    'opcua',
    1,
    (n) => ({ nodeID: `ns=2;s=Boiler.Item${n}` }),
    { url: `opc.tcp://127.0.0.1:${opcua.port}` },
    100,
  );
  await measure('edge, Modbus', bare, modbusDevices(100));
  await measure('edge, Modbus and MQTT', bare, [...modbusDevices(50), ...mqttDevices], true);
  await measure(
    'edge, Modbus, MQTT and OPC UA',
    bare,
    [...modbusDevices(40), ...mqttDevices, ...opcuaDevice],
    true,
  );
} finally {
  for (const child of children) child.kill('SIGKILL');
  for (const peer of peers) peer.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureBare(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  await sleep(3_000);
  const { rss } = memoryOf(child.pid as number);
  say(`bare Node ${process.version}: ${rss} MB`);
  return rss;
}

/** One edge node on a store that knows its devices already. */
async function measure(name: string, bare: number, objects: NodeObject[], hasMqtt = false): Promise<void> {
  const dataDir = mkdtempSync(join(folder, 'edge-'));
  const store = openSqliteStore({ path: join(dataDir, 'edge.db'), clock: systemClock, logger: silentLogger });
  store.putObjects(objects, []);
  await store.durable();
  await store.close();
  const [graphql, mqtt] = [await freePort(), await freePort()];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [
    join(here, '../dist/octograph.js'),
    ...['edge', '--node-name', 'bench', '--data-dir', dataDir, '--log-level', 'error', '--anonymous', 'read'],
    ...['--listen', `127.0.0.1:${graphql}`, ...(hasMqtt ? ['--mqtt-listen', `127.0.0.1:${mqtt}`] : [])],
  ]);
  children.push(child);
  const url = `http://127.0.0.1:${graphql}`;
  while (!(await isReady(url))) await sleep(5);
  const readyMs = performance.now() - startedAt;
  const stop = hasMqtt ? await publishAll(`mqtt://127.0.0.1:${mqtt}`) : async () => {};
  await sleep(Number(seconds) * 1000);
  const own = memoryOf(child.pid as number);
  const others = childrenOf(child.pid as number).map((pid) => memoryOf(pid).rss);
  const good = await countGood(`${url}/graphql`);
  const asked = memoryOf(child.pid as number);
  say(
    `${name}: ${own.rss} MB, ${own.anonymous} MB of it anonymous; ${own.rss - bare} MB over bare Node, × ${(own.rss / bare).toFixed(2)}` +
      `${others.length > 0 ? `; OPC UA process ${others.join(', ')} MB` : ''}; ${asked.rss} MB after a query of all; ready after ${Math.round(readyMs)} ms; ${good} twins GOOD`,
  );
  await stop();
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false; // It does not listen yet.
  }
}

/** How many twins have a good reading: nothing was measured where none has. */
async function countGood(url: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: '{ devices(first: 200) { edges { node { twins { reported { quality } } } } } }',
    }),
  });
  return ((await response.text()).match(/"GOOD"/g) ?? []).length;
}

/** Every second a message of every MQTT device, each with all of its properties. */
async function publishAll(url: string): Promise<() => Promise<void>> {
  const client = await connectAsync(url);
  let round = 0;
  const timer = setInterval(() => {
    round++;
    const payload = JSON.stringify(
      Object.fromEntries(Array.from({ length: PROPERTIES }, (_, n) => [`p${n}`, round + n])),
    );
    for (let device = 0; device < 50; device++) client.publish(`mqtt${device}/state`, payload, { qos: 1 });
  }, 1000);
  return async () => {
    clearInterval(timer);
    await client.endAsync(true);
  };
}

/** Source: proc(5), `status`. In MB. */
function memoryOf(pid: number): { rss: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    Math.round((Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6);
  return { rss: megabytes('VmRSS'), anonymous: megabytes('RssAnon') };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

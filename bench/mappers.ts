import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { startBroker } from '../bus/broker.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createModbusMapper } from '../mappers/modbus/mapper.ts';
import { createMqttMapper } from '../mappers/mqtt/mapper.ts';
import { createOpcuaMapper } from '../mappers/opcua/mapper.ts';
import { benchDevice, benchProperty, startBenchNode } from './mappers/bench-node.ts';
import { childrenOf, startModbusTags, startOpcuaItems } from './mappers/peers.ts';

/**
 * `node bench/mappers.ts <modbus|moving|cycles|opcua|opcua-bare|mqtt|topics> [seconds]`: real devices' programs in processes of their own, through mapper
 * and host into twins and the SQLite store; `opcua-bare` leaves those out. CPU is this process's, with its children where it has some.
 */
const [what = 'modbus', seconds = '10'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-mappers-'));
const here = import.meta.dirname;
const say = (line: string) => process.stdout.write(`${line}\n`);
const shared = { clock: systemClock, random: Math.random };

const benches: Record<string, () => Promise<void>> = {
  modbus: () => modbusTags(false),
  moving: () => modbusTags(true),
  cycles: modbusCycles,
  opcua: () => opcua(true),
  'opcua-bare': () => opcua(false),
  mqtt,
  topics: mqttTopics,
};
try {
  const bench = benches[what];
  if (!bench) throw new Error(`${what}: expected one of ${Object.keys(benches).join(', ')}`);
  await bench();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** 400 tags, five registers apart, of each of four devices, as often as they can be read. */
async function modbusTags(moving: boolean): Promise<void> {
  const { port, stop } = await startModbusTags(folder, moving);
  const node = startBenchNode([createModbusMapper(shared)]);
  const tags = Array.from({ length: 400 }, (_, n) =>
    benchProperty(`tag${n}`, 10, { register: 'HoldingRegister', offset: n * 5, dataType: 'float32' }),
  );
  node.run(
    Array.from({ length: 4 }, (_, n) =>
      // Another address of loopback for each: a connection for each.
      benchDevice(`plc${n}`, {
        protocol: { ip: '127.0.0.1', port, slaveID: 1, timeoutMs: 1000 + n },
        properties: tags,
      }),
    ),
  );
  await measure(`400 scattered tags of 4 devices${moving ? ', all of them moving' : ''}`, node.counts);
  await node.close();
  stop();
}

/** 100 devices with 20 properties each, at 1 s, behind one gateway. */
async function modbusCycles(): Promise<void> {
  const { port, stop } = await startModbusTags(folder, true);
  const node = startBenchNode([createModbusMapper(shared)]);
  node.run(
    Array.from({ length: 100 }, (_, unit) =>
      benchDevice(`meter${unit}`, {
        protocol: { ip: '127.0.0.1', port, slaveID: unit + 1 },
        properties: Array.from({ length: 20 }, (_, n) =>
          benchProperty(`x${n}`, 1000, { register: 'HoldingRegister', offset: n * 2, limit: 2 }),
        ),
      }),
    ),
  );
  await measure('100 devices × 20 properties at 1 s', node.counts);
  await node.close();
  stop();
}

/** 2 000 monitored items at 10 Hz. */
async function opcua(stores: boolean): Promise<void> {
  const server = await startOpcuaItems(folder, { items: 2000, everyMs: 100 });
  const pkiDir = join(folder, 'edge');
  const node = startBenchNode([createOpcuaMapper({ ...shared, pkiDir, logger: silentLogger })], stores);
  node.run([
    benchDevice('plant', {
      protocolName: 'opcua',
      protocol: { url: `opc.tcp://127.0.0.1:${server.port}`, timeoutMs: 20_000 },
      properties: Array.from({ length: 2000 }, (_, n) =>
        benchProperty(`Item${n}`, 100, { nodeID: `ns=2;s=Boiler.Item${n}` }),
      ),
    }),
  ]);
  await measure(
    `2 000 items at 10 Hz${stores ? '' : ', not stored'}`,
    node.counts,
    (pid) => pid !== server.pid,
  );
  await node.close();
  server.stop();
}

/** Messages of 100 devices through the embedded broker of this process into twins. */
async function mqtt(): Promise<void> {
  for (const qos of ['0', '1']) {
    const broker = await startBroker({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      logger: silentLogger,
      // One program stands for a hundred devices.
      limits: { messagesPerSecond: 0, bytesPerSecond: 0 },
    });
    const node = startBenchNode([
      createMqttMapper({ broker: { url: broker.url }, ...shared, logger: silentLogger }),
    ]);
    node.run(
      Array.from({ length: 100 }, (_, n) =>
        benchDevice(`room${n}`, {
          protocolName: 'mqtt',
          properties: [
            benchProperty('temperature', 1000, {
              topic: `bench/${n}`,
              jsonPath: 'temperature',
              qos: Number(qos),
            }),
          ],
        }),
      ),
    );
    await sleep(1_000);
    const publisher = spawn(process.execPath, [
      join(here, 'mappers/mqtt-publisher.ts'),
      broker.url,
      qos,
      seconds,
    ]);
    await sleep(1_000);
    await measure(`MQTT, QoS ${qos}`, node.counts, () => false, Number(seconds) - 2);
    await waitForEnd(publisher);
    await node.close();
    await broker.close();
  }
}

/** 10 000 topics of 1 000 devices, each told once every ten seconds, through the embedded broker of this process. */
async function mqttTopics(): Promise<void> {
  const rss = () => Math.round(process.memoryUsage().rss / 1e6);
  const owner = { username: 'node', password: 'bench' };
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    owner,
    clock: systemClock,
    logger: silentLogger,
  });
  const before = rss();
  const node = startBenchNode([
    createMqttMapper({ broker: { url: broker.url, ...owner }, ...shared, logger: silentLogger }),
  ]);
  node.run(
    Array.from({ length: 1_000 }, (_, device) =>
      benchDevice(`device${device}`, {
        protocolName: 'mqtt',
        properties: Array.from({ length: 10 }, (_, n) =>
          benchProperty(`x${n}`, 1000, { topic: `bench/${device}/${n}` }),
        ),
      }),
    ),
  );
  await sleep(4_000);
  const subscribed = rss();
  const client = await connectAsync(broker.url, owner);
  let sent = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 100; n++, sent++)
      client.publish(`bench/${Math.floor(sent / 10) % 1000}/${sent % 10}`, `${sent}`);
  }, 100);
  await measure('10 000 topics', node.counts, () => false, Math.max(12, Number(seconds)));
  say(
    `${before} MB before, ${subscribed} MB with 10 000 subscriptions, ${rss()} MB when all of them have told`,
  );
  clearInterval(timer);
  await client.endAsync(true);
  await node.close();
  await broker.close();
}

async function waitForEnd(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}

/** Counts and processor time between two moments of a run that has settled. */
async function measure(
  name: string,
  counts: { collected: number; stored: number },
  isOurs: (pid: number) => boolean = () => false,
  lastsSeconds = Number(seconds),
): Promise<void> {
  await sleep(what === 'mqtt' ? 0 : 4_000);
  const children = childrenOf(process.pid).filter(isOurs);
  const before = {
    ...counts,
    cpu: process.cpuUsage(),
    children: cpuSecondsOf(children),
    at: performance.now(),
  };
  await sleep(lastsSeconds * 1000);
  const elapsed = (performance.now() - before.at) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const own = (user + system) / 1e6 / elapsed;
  const child = (cpuSecondsOf(children) - before.children) / elapsed;
  const perSecond = (now: number, then: number) => Math.round((now - then) / elapsed).toLocaleString('en');
  const perCpu = (now: number, then: number) =>
    Math.round((now - then) / (own * elapsed)).toLocaleString('en');
  say(
    `${name}: ${perSecond(counts.collected, before.collected)} read/s, ${perSecond(counts.stored, before.stored)} stored/s, ` +
      `${perCpu(counts.collected, before.collected)} read per second of CPU; ` +
      `${(own * 100).toFixed(1)} % of a core${children.length > 0 ? ` and ${(child * 100).toFixed(1)} % in its child` : ''}, ` +
      `${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
}

/** Source: proc(5), fields 14 and 15 of stat, in hundredths of a second. */
function cpuSecondsOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

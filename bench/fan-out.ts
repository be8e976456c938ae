/**
 * One publisher, a thousand graphql-transport-ws subscribers that select fields of both subgraphs, beside `ws` that broadcasts
 * the same bytes to as many sockets in the same run; then what idle and stalled subscribers cost.
 *
 *     node --expose-gc bench/fan-out.ts [fan-out] [idle] [stalled]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ClientsOptions, FromClients } from './fan-out/clients.ts';
import { startGateway, subscription } from './fan-out/gateway.ts';

const clientsModule = new URL('./fan-out/clients.ts', import.meta.url);

async function startClients(options: ClientsOptions): Promise<ChildProcess> {
  const child = fork(clientsModule, [JSON.stringify(options)], { execArgv: [] });
  await told(child, 'open');
  return child;
}

async function told<K extends FromClients['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<FromClients & { kind: K }> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [FromClients];
    if (message.kind === kind) return message as FromClients & { kind: K };
  }
}

const wsUrl = (port: number) => `ws://127.0.0.1:${port}/graphql`;
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const used = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage();
};

interface Rate {
  perSecond: number;
  cpuMicros: number;
}

/** `events` at a time, the next ones when all clients have them. */
async function deliver(
  child: ChildProcess,
  clients: number,
  events: number,
  publish: () => void,
): Promise<Rate> {
  const frames = clients * events;
  child.send({ expect: frames });
  await wait(20);
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const received = told(child, 'received');
  for (let event = 0; event < events; event++) {
    publish();
    // Each event is an event: not a batch that is written at once.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await received;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: frames / ((performance.now() - begin) / 1000),
    cpuMicros: (user + system) / frames,
  };
}

async function fanOut(clients = 1000, events = 20, rounds = 15): Promise<void> {
  const gateway = await startGateway();
  const subscribers = await startClients({ url: wsUrl(gateway.server.port), count: clients, subscription });
  const raw = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(raw, 'listening');
  const listeners = await startClients({ url: wsUrl((raw.address() as AddressInfo).port), count: clients });
  const frame = JSON.stringify({
    id: crypto.randomUUID(),
    type: 'next',
    payload: {
      data: {
        twins: {
          kind: 'UPDATED',
          cursor: 'YmVuY2g6MTIzNA',
          property: 'temperature',
          device: {
            namespace: 'default',
            name: 'device-0',
            nodeName: 'node-0',
            protocol: 'modbus',
            state: 'online',
          },
          twin: {
            property: 'temperature',
            unit: 'celsius',
            reported: { value: 1234, quality: 'GOOD', observedAt: '2026-01-01T00:00:00.000Z' },
          },
        },
      },
    },
  });
  // As fast as it goes: a string would be encoded anew for each client.
  const encoded = Buffer.from(frame);
  const broadcast = () => {
    for (const client of raw.clients) client.send(encoded, { binary: false });
  };
  const ours: Rate[] = [];
  const theirs: Rate[] = [];
  for (let round = -3; round < rounds; round++) {
    // Interleaved, so that neighbours on the machine disturb both alike.
    const mine = await deliver(subscribers, clients, events, () => gateway.publish(1000 + round));
    const yardstick = await deliver(listeners, clients, events, broadcast);
    // The first rounds warm up.
    if (round < 0) continue;
    ours.push(mine);
    theirs.push(yardstick);
  }
  const row = (rates: Rate[]) => ({
    'delivered/s': Math.round(median(rates.map(({ perSecond }) => perSecond))),
    'server CPU us/delivery': median(rates.map(({ cpuMicros }) => cpuMicros)).toFixed(2),
  });
  const ratios = ours.map(({ perSecond }, index) => perSecond / theirs[index]!.perSecond);
  print(`fan-out: ${clients} subscribers, ${events} events a round, ${frame.length} bytes a frame`, {
    gateway: { ...row(ours), ratio: median(ratios).toFixed(2), budget: '>= 0.80' },
    'ws broadcast': row(theirs),
  });
  subscribers.disconnect();
  listeners.disconnect();
  raw.close();
  await gateway.server.close();
}

async function idle(clients = 10_000): Promise<void> {
  const gateway = await startGateway();
  gateway.publish(1);
  const warm = await startClients({ url: wsUrl(gateway.server.port), count: 200, subscription });
  warm.disconnect();
  await wait(1000);
  const before = used();
  const processes: ChildProcess[] = [];
  for (let opened = 0; opened < clients; opened += 2500) {
    const count = Math.min(2500, clients - opened);
    processes.push(await startClients({ url: wsUrl(gateway.server.port), count, subscription }));
  }
  await wait(1000);
  const after = used();
  const each = (of: keyof NodeJS.MemoryUsage) => Math.round((after[of] - before[of]) / clients);
  print(`idle: ${clients} subscribers, a connection each`, {
    'bytes each': {
      heap: each('heapUsed'),
      external: each('external'),
      'heap + external': each('heapUsed') + each('external'),
      'heap total': each('heapTotal'),
      rss: each('rss'),
      budget: '<= 10240',
    },
  });
  for (const child of processes) child.disconnect();
  await gateway.server.close();
}

async function stalled(
  clients = 1000,
  perSecond = 1000,
  seconds = Number(process.env.STALL_SECONDS ?? 60),
): Promise<void> {
  // Pings would cut who does not read within 24 s; here they shall stay.
  const gateway = await startGateway({ pingMs: 600_000 });
  const url = wsUrl(gateway.server.port);
  gateway.publish(1);
  const healthy = await startClients({ url, count: 10, subscription, ages: true });
  const stuck = await startClients({ url, count: clients, subscription, stalled: true });
  const before = used();
  let peak = before.heapUsed + before.external;
  const begin = performance.now();
  for (let sent = 0; performance.now() - begin < seconds * 1000; ) {
    const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
    for (; sent < due; sent++) gateway.publish(performance.timeOrigin + performance.now());
    const { heapUsed, external } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + external);
    await wait(1);
  }
  healthy.send({ report: true });
  const { p50, p99, max, count } = await told(healthy, 'ages');
  const after = used();
  const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  print(`stalled: ${clients} subscribers do not read, ${perSecond} events/s for ${seconds} s`, {
    memory: {
      'heap growth MB': mb(after.heapUsed - before.heapUsed),
      'heap + external growth MB': mb(after.heapUsed + after.external - before.heapUsed - before.external),
      'peak before collection MB': mb(peak - before.heapUsed - before.external),
      budget: '<= 50',
    },
    'ten others, ms': {
      p50: p50.toFixed(1),
      p99: p99.toFixed(1),
      max: max.toFixed(1),
      events: count,
      budget: 'p99 <= 100',
    },
  });
  healthy.disconnect();
  stuck.kill('SIGKILL');
  await gateway.server.close();
}

function print(title: string, table: Record<string, object>): void {
  process.stdout.write(`\n${title}\n`);
  // biome-ignore lint/suspicious/noConsole: the table is what this program is for
  console.table(table);
}

const all = { 'fan-out': () => fanOut(), idle: () => idle(), stalled: () => stalled() };
const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(all)) {
  if (wanted.length === 0 || wanted.includes(name)) await run();
}
process.exit(0);

/** The other end, in a process of its own: opens graphql-transport-ws clients, and counts what they get. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface ClientsOptions {
  url: string;
  count: number;
  /** Without it the clients only count frames: the yardstick's server speaks first and needs no subscription. */
  subscription?: string;
  /** Stop reading once subscribed. */
  stalled?: boolean;
  /** Note the age of each `value`, a number of milliseconds on the clock of both processes. */
  ages?: boolean;
}

export type FromClients =
  | { kind: 'open' }
  | { kind: 'received'; frames: number }
  | { kind: 'ages'; p50: number; p99: number; max: number; count: number };

const options = JSON.parse(process.argv[2]!) as ClientsOptions;
const tell = (message: FromClients) => process.send!(message);
let received = 0;
let expected = Number.POSITIVE_INFINITY;
let ages: number[] = [];

function count(data: Buffer): void {
  received++;
  if (options.ages) {
    const sent = /"value":([\d.]+)/.exec(data.toString())?.[1];
    if (sent) ages.push(performance.timeOrigin + performance.now() - Number(sent));
  }
  if (received >= expected) {
    expected = Number.POSITIVE_INFINITY;
    tell({ kind: 'received', frames: received });
  }
}

async function openOne(): Promise<void> {
  const socket = new WebSocket(options.url, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  if (options.subscription) {
    const subscribed = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (String(data).includes('SNAPSHOT_END')) resolve();
      });
    });
    socket.send('{"type":"connection_init"}');
    const payload = { query: options.subscription };
    // Not before it is acknowledged.
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: crypto.randomUUID(), type: 'subscribe', payload }));
    await subscribed;
    socket.removeAllListeners('message');
  }
  socket.on('message', count);
  if (options.stalled) socket.pause();
}

process.on('message', ({ expect, report }: { expect?: number; report?: boolean }) => {
  if (expect !== undefined) {
    received = 0;
    expected = expect;
  }
  if (report) {
    ages.sort((a, b) => a - b);
    const at = (share: number) => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] ?? 0;
    tell({ kind: 'ages', p50: at(0.5), p99: at(0.99), max: at(1), count: ages.length });
    ages = [];
  }
});
process.on('disconnect', () => process.exit(0));

for (let opened = 0; opened < options.count; opened += 100) {
  await Promise.all(Array.from({ length: Math.min(100, options.count - opened) }, openOne));
}
tell({ kind: 'open' });

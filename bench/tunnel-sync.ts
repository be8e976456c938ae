import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSchema } from 'graphql';
import { EdgeSync } from '../edge-node/sync.ts';
import { TwinRegistry } from '../edge-node/twin-registry.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { startFaultProxy } from '../test/harness/fault-proxy.ts';
import { deviceObject, modelObject } from '../test/harness/objects.ts';
import { startTunnelClient } from '../tunnel/client.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import { checkUpMessage } from '../tunnel/message-check.ts';
import type { ReportsUp } from '../tunnel/messages.ts';
import { startTunnelServer } from '../tunnel/server.ts';
import { SyncDecoder, SyncEncoder } from '../tunnel/sync-payload.ts';
import { createFleetPki } from './tunnel/pki.ts';

/**
 * What reports cost on the tunnel: the store with its group commit, the sync layer and the tunnel as an edge node has them,
 * over TLS through a proxy that counts. One line of JSON per figure.
 * Run: node bench/tunnel-sync.ts [--seconds 20] [--devices 100]
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, devices: { type: 'string', default: '100' } },
});
const SECONDS = Number(values.seconds);
const DEVICES = Number(values.devices);
const PROPERTIES = Array.from({ length: 10 }, (_, index) => `property-${index}`);

const say = (figure: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const round = (number: number) => Math.round(number * 10) / 10;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const model = modelObject(
  'sensor',
  PROPERTIES.map((name) => ({ name, type: 'DOUBLE', accessMode: 'ReadOnly' })),
);
const pki = await createFleetPki(1);

/** Reports at a rate, for a while; returns the messages as the cloud got them. */
async function run(perSecond: number): Promise<ReportsUp[]> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
  const messages: ReportsUp[] = [];
  let got = 0;
  const server = await startTunnelServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: () => pki.server,
    replicaId: 'replica-1',
    logger: silentLogger,
    handler: {
      onConnected() {},
      onMessage(session: NodeSession, message) {
        if (message.type === 'snapshot' && message.last)
          session.send({ type: 'acked', seq: 0, snapshot: true });
        if (message.type !== 'reports' || message.ahead) return;
        messages.push(message);
        got += message.updates.length;
        session.send({ type: 'acked', seq: message.updates.at(-1)?.seq ?? 0 });
      },
      onDisconnected() {},
    },
  });
  const proxy = await startFaultProxy(server);
  const store = openSqliteStore({ path: join(folder, 'edge.db'), clock: systemClock, logger: silentLogger });
  const registry = new TwinRegistry(store, systemClock);
  for (let index = 0; index < DEVICES; index++) {
    const uid = crypto.randomUUID();
    registry.setDevice(deviceObject(`device-${index}`, { model: 'sensor', uid }), model);
  }
  const sync = new EdgeSync({ store, registry, onObjects() {}, clock: systemClock, logger: silentLogger });
  const client = startTunnelClient({
    url: `wss://127.0.0.1:${proxy.port}`,
    tls: () => (pki.nodes[0] as (typeof pki.nodes)[0]).tls,
    hello: () => ({ ...store.identity, ...store.sync, schemaHash: 'abc', version: '0.1.0' }),
    handler: sync,
    serveGraphql: { schema: buildSchema('type Query { nothing: String }') },
    logger: silentLogger,
  });
  while (!client.state().up) await pause(10);

  let made = 0;
  const report = () => {
    const property = PROPERTIES[made % PROPERTIES.length] as string;
    const device = `default/device-${Math.floor(made / PROPERTIES.length) % DEVICES}`;
    // Tenths that drift, as a thermometer gives them.
    const value = Math.round(200 + 50 * Math.sin(made / 1000) + 5 * Math.random()) / 10;
    registry.report(device, property, { value, quality: 'GOOD', observedAt: Date.now() });
    made++;
  };
  const pace = async (seconds: number) => {
    const startedAt = performance.now();
    const first = made;
    while (performance.now() - startedAt < seconds * 1000) {
      const due = ((performance.now() - startedAt) / 1000) * perSecond;
      while (made - first < due) report();
      await pause(1);
    }
    while (got < made) await pause(5);
  };
  await pace(2);
  const before = { up: client.state().bytesOut, wire: proxy.forwarded, made, messages: messages.length };
  await pace(SECONDS);
  const updates = made - before.made;
  const batches = messages.length - before.messages;
  say({
    what: 'reports',
    perSecond,
    updates,
    updatesPerMessage: round(updates / batches),
    frameBytesUpPerUpdate: round((client.state().bytesOut - before.up) / updates),
    wireBytesBothWaysPerUpdate: round((proxy.forwarded - before.wire) / updates),
  });
  await client.close();
  sync.close();
  await store.close();
  await proxy.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  return messages.slice(before.messages);
}

/** The receiving end alone: inflate, msgpack, rows, checks. */
function decode(what: string, messages: ReportsUp[]): void {
  const encoder = new SyncEncoder();
  const wire = messages.map((message) => encoder.encode(message));
  let updates = 0;
  const startedAt = performance.now();
  for (let round = 0; round < 5; round++) {
    const decoder = new SyncDecoder();
    for (const message of wire)
      updates += (checkUpMessage(decoder.decode(message)) as ReportsUp).updates.length;
  }
  const perSecond = Math.round((updates / (performance.now() - startedAt)) * 1000);
  const bytes = wire.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) * 5;
  say({
    what: 'decode',
    of: what,
    updatesPerSecond: perSecond,
    payloadBytesPerUpdate: round(bytes / updates),
  });
}

for (const perSecond of [1000, 20_000]) decode(`${perSecond} updates/s`, await run(perSecond));

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSchema } from 'graphql';
import { createEdgeNodes } from '../cloud/edge-nodes.ts';
import { NodeAuthorizer } from '../cloud/node-authorizer.ts';
import { ProposalCourt } from '../cloud/proposals.ts';
import type { KnownTwin } from '../cloud/replica.ts';
import { EdgeSync } from '../edge-node/sync.ts';
import { TwinRegistry } from '../edge-node/twin-registry.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { CloudFixture } from '../test/cloud/fixture.ts';
import { modelObject } from '../test/harness/objects.ts';
import { startTunnelClient } from '../tunnel/client.ts';
import type { CloudSession } from '../tunnel/contract.ts';
import type { StatesUp } from '../tunnel/messages.ts';
import { startTunnelServer } from '../tunnel/server.ts';
import { SyncEncoder } from '../tunnel/sync-payload.ts';
import { createFleetPki } from './tunnel/pki.ts';

/**
 * What it costs that a gateway was started again: the node's way to a replica that knows all of it, or all but a part, by digests
 * and by the snapshot that was the way before (tunnel 1.0). Over TLS; bytes of frames from the node, which are the tunnel's
 * dear direction, until the gateway says that it has everything. One line of JSON per figure.
 * Run: node bench/tunnel-resync.ts [--devices 1000] [--properties 10]
 */
const { values } = parseArgs({
  options: { devices: { type: 'string', default: '1000' }, properties: { type: 'string', default: '10' } },
});
const DEVICES = Number(values.devices);
const PROPERTIES = Array.from({ length: Number(values.properties) }, (_, index) => `property-${index}`);

const say = (figure: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pki = await createFleetPki(1);
const model = modelObject(
  'sensor',
  PROPERTIES.map((name) => ({ name, type: 'DOUBLE', accessMode: 'ReadOnly' })),
);

const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const store = openSqliteStore({ path: join(folder, 'edge.db'), clock: systemClock, logger: silentLogger });
const registry = new TwinRegistry(store, systemClock);
const devices = Array.from({ length: DEVICES }, (_, index) => ({
  name: `device-${index}`,
  uid: crypto.randomUUID(),
}));
const objects = new CloudFixture().cluster;
for (const { name, uid } of devices) {
  const object = objects.putDevice(name, { nodeName: 'edge-0', model: 'sensor', uid });
  registry.setDevice(object, model);
  registry.setState({ device: `default/${name}`, uid, state: 'online' });
  for (const property of PROPERTIES)
    registry.report(`default/${name}`, property, {
      value: Math.round(1000 * Math.random()) / 10,
      quality: 'GOOD',
      observedAt: Date.now(),
    });
  await pause(0);
}
store.flush();

/** @param known what the gateway has of the node already @returns bytes of frames from the node */
async function connect(replicaId: string, known: readonly KnownTwin[], minor: number) {
  const cloud = new CloudFixture();
  const { cluster, links, replica } = cloud;
  for (const cache of [cluster.nodes, cluster.pods, cluster.configMaps, cluster.deviceModels])
    cache.beginList().end();
  const list = cluster.devices.beginList();
  list.page([...objects.devices.list()]);
  list.end();
  replica.restore('edge-0', known, []);
  const server = await startTunnelServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: () => pki.server,
    replicaId,
    logger: silentLogger,
    handler: createEdgeNodes({
      cluster: cluster.asCluster,
      links,
      replica,
      court: new ProposalCourt({
        record() {},
        createId: (prefix) => prefix,
        objects: cloud.objects,
        writeDesired: async () => ({ metadata: {} }),
        clock: systemClock,
        logger: silentLogger,
      }),
      authorizer: new NodeAuthorizer({
        device: cluster.devices.get.bind(cluster.devices),
        clock: systemClock,
        logger: silentLogger,
      }),
      onLink() {},
      onInfo() {},
      clock: systemClock,
    }),
  });
  const sync = new EdgeSync({ store, registry, onObjects() {}, clock: systemClock, logger: silentLogger });
  let isWhole = false;
  let spoken: CloudSession;
  const startedAt = performance.now();
  const client = startTunnelClient({
    url: `wss://127.0.0.1:${server.port}`,
    tls: () => (pki.nodes[0] as (typeof pki.nodes)[0]).tls,
    hello: () => ({
      ...store.identity,
      ...store.sync,
      lastSeq: store.lastSeq(),
      schemaHash: 'abc',
      version: '0.1.0',
    }),
    handler: {
      onConnected(session) {
        spoken = Object.create(session, { minor: { value: minor } });
        sync.onConnected(spoken);
      },
      onMessage(_session, message) {
        isWhole ||= message.type === 'acked' && message.snapshot === true;
        if (message.type !== 'taken' && message.type !== 'publish') sync.onMessage(spoken, message);
      },
      onDisconnected: (reason, code) => sync.onDisconnected(reason, code),
    },
    serveGraphql: { schema: buildSchema('type Query { nothing: String }') },
    logger: silentLogger,
  });
  while (!isWhole) await pause(1);
  const ms = Math.round(performance.now() - startedAt);
  const bytes = client.state().bytesOut;
  const twins = [...replica.held('edge-0')].flatMap(([, held]) => held);
  await client.close();
  sync.close();
  await server.close();
  if (twins.length !== DEVICES * PROPERTIES.length) throw new Error(`the replica has ${twins.length} twins`);
  return { bytes, ms, twins };
}

const { twins: all } = await connect('replica-0', [], 1);
store.flush();
// They go up with every connection, and with a snapshot once more.
const states: StatesUp = { type: 'states', states: [...registry.states()], sentAt: Date.now() };
say({ what: 'device states', bytes: new SyncEncoder().encode(states).bytes.byteLength });
let replicas = 0;
for (const changedPart of [0, 0.01, 0.1, 1]) {
  const changed = new Set(devices.slice(0, DEVICES * changedPart).map(({ name }) => `default/${name}`));
  const known = all.filter(({ twin }) => !changed.has(twin.device));
  const digest = await connect(`replica-${++replicas}`, known, 1);
  const snapshot = await connect(`replica-${++replicas}`, known, 0);
  say({
    what: 'resync',
    devices: DEVICES,
    properties: PROPERTIES.length,
    devicesChanged: changed.size,
    digestBytesUp: digest.bytes,
    snapshotBytesUp: snapshot.bytes,
    ratio: Math.round((digest.bytes / snapshot.bytes) * 1000) / 1000,
    digestMs: digest.ms,
    snapshotMs: snapshot.ms,
  });
}
await store.close();
rmSync(folder, { recursive: true, force: true });

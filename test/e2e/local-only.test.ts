import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { type CloudGateway, startCloud } from '../../cloud/cloud.ts';
import { startEdgeNode } from '../../edge-node/edge-node.ts';
import {
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  objectPath,
} from '../../kubernetes/resources.ts';
import type { Mapper } from '../../mappers/contract.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import type { TwinValue } from '../../twin/value.ts';
import { type AnyData, query, subscribeWs } from '../harness/graphql-client.ts';
import { startTunnelTap } from '../harness/tunnel-tap.ts';
import { waitFor } from '../harness/wait.ts';
import { SHARED, startEmbedded } from '../kubernetes/embedded.ts';
import { createPki } from '../tunnel/harness.ts';

/** Texts and a number that occur nowhere else; the number as msgpack writes it, and as JSON does. */
const SECRETS = { pin: 'pin-8d1f3c5a', code: 'code-41c9e07b', wish: 'wish-b26f90aa', name: 'name-5e77d1c3' };
const LEVEL = 4711.081512342;
const LEVEL_BYTES = Buffer.alloc(8);
LEVEL_BYTES.writeDoubleBE(LEVEL);
const NEEDLES = [...Object.values(SECRETS), String(LEVEL), LEVEL_BYTES];
const OPEN = 'open-0a7b66d2';

const TEXT = { type: 'STRING', accessMode: 'ReadOnly' };
const MODEL: DeviceModelObject = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'vault', namespace: 'default' },
  spec: {
    protocol: 'vault',
    properties: [
      { name: 'pin', ...TEXT },
      { name: 'level', type: 'DOUBLE', accessMode: 'ReadOnly' },
      { name: 'code', type: 'STRING', accessMode: 'ReadWrite' },
      { name: 'label', ...TEXT },
      { name: 'count', type: 'INT', accessMode: 'ReadOnly' },
    ],
  },
};

const deviceObject = (name: string, localOnly: string): DeviceObject => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name, namespace: 'default', annotations: { [LOCAL_ONLY]: localOnly } },
  spec: {
    deviceModelRef: { name: 'vault' },
    nodeName: 'edge-a',
    protocol: { protocolName: 'vault', configData: {} },
    properties: MODEL.spec.properties?.map((property) => ({
      name: property.name,
      collectCycle: 50,
      reportCycle: 50,
    })),
    methods: [{ name: 'tell' }],
  },
});

/** Devices that know all of the secrets, and answer with them whatever they are asked. */
function createVaults(): Mapper & { values: Record<string, TwinValue> } {
  const values: Record<string, TwinValue> = {
    pin: SECRETS.pin,
    level: LEVEL,
    code: '',
    label: OPEN,
    count: 0,
  };
  return {
    values,
    protocol: 'vault',
    delivery: 'poll',
    open: async ({ name }) => ({
      methods: new Set(['tell']),
      async collect(properties) {
        const read = (property: string) =>
          name === 'ghost' && property === 'label' ? SECRETS.name : (values[property] ?? null);
        return properties.map((property) => ({
          property,
          value: read(property),
          quality: 'GOOD',
          observedAt: SHARED.clock.now(),
        }));
      },
      async apply(property, value) {
        values[property] = value;
        return value;
      },
      invoke: async () => SECRETS.pin,
      close: async () => {},
    }),
    close: async () => {},
  };
}

async function start() {
  const { cluster, kubeconfig } = await startEmbedded();
  const folder = mkdtempSync(join(tmpdir(), 'octograph-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const pki = await createPki();
  const [server, node] = [await pki.server(), await pki.node('edge-a')];
  const stateDir = join(folder, 'cloud');
  const api = {
    listen: { host: '127.0.0.1', port: 0 },
    access: { anonymous: 'write' as const },
    graphiql: false,
  };
  const startGateway = () =>
    startCloud({
      ...SHARED,
      ...api,
      kubernetes: { kubeconfig },
      tunnel: { listen: { host: '127.0.0.1', port: 0 }, identity: { tls: server } },
      statusWritesPerSecond: 100,
      leaseNamespace: 'default',
      stateDir,
    });
  let gateway: CloudGateway | undefined = await startGateway();
  onTestFinished(() => gateway?.close());
  const tap = await startTunnelTap(server, node, `wss://127.0.0.1:${gateway.tunnelPort}`);
  onTestFinished(() => tap.close());
  const vaults = createVaults();
  const { client } = cluster;
  await client.create(collectionPath(DEVICE_MODELS, 'default'), MODEL);
  await client.create(collectionPath(DEVICE_OBJECTS, 'default'), deviceObject('safe', 'pin, level, code'));
  await client.create(collectionPath(DEVICE_OBJECTS, 'default'), deviceObject('ghost', 'true'));
  const edge = await startEdgeNode({
    ...SHARED,
    ...api,
    nodeName: 'edge-a',
    dataDir: join(folder, 'edge'),
    tunnel: { url: tap.url, tls: node, backoffCapMs: 50 },
    mappers: [vaults],
  });
  onTestFinished(() => edge.close());
  return {
    cluster,
    tap,
    vaults,
    edge,
    stateDir,
    annotate: (name: string, value: string | null) =>
      client.patch(
        objectPath(DEVICE_OBJECTS, { namespace: 'default', name }),
        { metadata: { annotations: { [LOCAL_ONLY]: value } } },
        'application/merge-patch+json',
      ),
    atCloud: <T = AnyData>(text: string) => query<T>(gateway?.url ?? '', text),
    cloudUrl: () => gateway?.url ?? '',
    atEdge: <T = AnyData>(text: string) => query<T>(edge.url, text),
    async stopGateway() {
      await gateway?.close();
      gateway = undefined;
    },
    /** Another replica, that knows nothing but what lies in the state directory. */
    async startGateway() {
      gateway = await startGateway();
      tap.target = `wss://127.0.0.1:${gateway.tunnelPort}`;
    },
  };
}

const TWIN =
  'property localOnly desired { value } observedDesired { value } reported { value } sync { state } freshness { stale }';
const EVERYTHING = ['AUTO', 'REPLICA', 'EDGE', 'DEVICE']
  .map((read) => `${read}: twins(read: ${read}) { ${TWIN} history { samples { value } gaps { from } } }`)
  .join(' ');
const setCode = (value: string, wait: string) =>
  `mutation { setDesired(input: { device: { name: "safe" }, values: [{ property: "code", value: "${value}" }], waitFor: ${wait} }) {
    __typename ... on Rejected { code property } ... on Settled { change { state } } } }`;
const tell = (device: string) =>
  `mutation { invokeMethod(input: { device: { name: "${device}" }, method: "tell" }) {
    __typename ... on MethodDone { value } ... on MethodFailed { code } } }`;

type Site = Awaited<ReturnType<typeof start>>;

const countIs = (site: Site, value: number) =>
  waitFor(`the cloud to have count ${value}`, async () => {
    const { data } = await site.atCloud(
      '{ device(name: "safe") { twin(property: "count") { reported { value } } } }',
    );
    return data?.device?.twin?.reported?.value === value;
  });

it('[T24, T25, T26] nothing of it is found in the tunnel, whatever is done at either end', async () => {
  const site = await start();
  const { tap, vaults, atCloud, atEdge } = site;
  await countIs(site, 0);
  const events = subscribeWs(site.cloudUrl(), `subscription { twins { kind property twin { ${TWIN} } } }`);
  const atNode = subscribeWs(site.edge.url, `subscription { twins { kind property twin { ${TWIN} } } }`);

  for (const name of ['safe', 'ghost']) {
    const { data, errors } = await atCloud(`{ device(name: "${name}") { state ${EVERYTHING} } }`);
    expect(errors).toBeUndefined();
    for (const read of ['AUTO', 'REPLICA', 'EDGE', 'DEVICE']) {
      const hidden = data.device[read].filter(({ localOnly }: { localOnly: boolean }) => localOnly);
      expect(hidden).toHaveLength(name === 'safe' ? 3 : 5);
      for (const twin of hidden)
        expect(twin).toMatchObject({
          observedDesired: null,
          reported: null,
          sync: { state: 'NONE' },
          freshness: { stale: true },
          history: { samples: [], gaps: [{}] },
        });
    }
    expect(data.device.state === 'unknown').toBe(name === 'ghost');
    expect((await atCloud(tell(name))).data.invokeMethod).toMatchObject({ code: 'LOCAL_ONLY' });
    expect((await atEdge(tell(name))).data.invokeMethod).toMatchObject({ value: SECRETS.pin });
  }
  const refused = await atCloud(setCode('from the cloud', 'ACCEPTED'));
  expect(refused.data.setDesired).toEqual({ __typename: 'Rejected', code: 'LOCAL_ONLY', property: 'code' });
  const filter = (reported: string) =>
    `{ devices(where: { twin: { property: "pin", reported: { ${reported} } } }) { totalCount } }`;
  expect((await atCloud(filter('like: "pin-%"'))).data.devices.totalCount).toBe(0);
  expect((await atEdge(filter('like: "pin-%"'))).data.devices.totalCount).toBe(2);

  // At the node it is like any other.
  const here = await atEdge(setCode(SECRETS.code, 'REPORTED'));
  expect(here.data.setDesired).toMatchObject({ change: { state: 'REPORTED' } });
  const { data } = await atEdge(
    `{ device(name: "safe") { state twins { ${TWIN} history { samples { value } } } } }`,
  );
  expect(data.device.twins[2]).toMatchObject({
    localOnly: true,
    desired: { value: SECRETS.code },
    reported: { value: SECRETS.code },
    sync: { state: 'IN_SYNC' },
  });
  expect(data.device.twins[0].history.samples.at(-1)).toEqual({ value: SECRETS.pin });
  await atNode.find('the code at the node', ({ twins }) => twins.twin?.reported?.value === SECRETS.code);

  // Offline, with a backlog; then a replica that gets a snapshot of everything.
  tap.refuse(true);
  vaults.values.count = 1;
  vaults.values.level = -LEVEL;
  expect((await atEdge(setCode(SECRETS.wish, 'REPORTED'))).data.setDesired).toMatchObject({
    change: { state: 'REPORTED' },
  });
  await waitFor('the count at the node', async () => {
    const { data } = await atEdge(
      '{ device(name: "safe") { twin(property: "count") { reported { value } } } }',
    );
    return data.device.twin.reported.value === 1;
  });
  tap.refuse(false);
  await countIs(site, 1);
  await events.find('the count in the cloud', ({ twins }) => twins.twin?.reported?.value === 1);
  expect(
    events.results.some(({ data }) => data.twins.twin?.localOnly && data.twins.twin.reported !== null),
  ).toBe(false);
  await events.close();
  await atNode.close();
  await site.stopGateway();
  vaults.values.count = 2;
  await site.startGateway();
  await countIs(site, 2);

  const negative = Buffer.alloc(8);
  negative.writeDoubleBE(-LEVEL);
  expect(tap.found(...NEEDLES, negative)).toEqual([...NEEDLES, negative].map(() => 0));
  expect(tap.found(OPEN)[0]).toBeGreaterThan(0);
}, 60_000);

it('[T26] flows when the annotation goes, and is forgotten by the cloud when it comes', async () => {
  const site = await start();
  const { atCloud, atEdge, annotate, cluster } = site;
  await countIs(site, 0);
  await atEdge(setCode(SECRETS.code, 'REPORTED'));
  const pin = async () =>
    (await atCloud('{ device(name: "safe") { twin(property: "pin") { localOnly reported { value } } } }'))
      .data.device.twin;
  const status = async () => {
    const found = await cluster.client.get<DeviceStatusObject>(
      objectPath(DEVICE_STATUSES, { namespace: 'default', name: 'safe' }),
    );
    return found.status?.twins?.map(({ propertyName }) => propertyName).sort();
  };
  await waitFor('the status of what is open', async () => (await status().catch(() => []))?.length === 2);

  await annotate('safe', null);
  await waitFor('the pin in the cloud', async () => (await pin()).reported?.value === SECRETS.pin);
  // The wish of the node is a proposal as any other now.
  await waitFor('the wish in the cluster', async () => {
    const device = cluster.devices.get('default', 'safe');
    return device?.spec.properties?.some(({ desired }) => desired?.value === SECRETS.code);
  });
  await waitFor('the status of all', async () => (await status())?.length === 5);

  await annotate('safe', 'pin,level');
  expect(
    await waitFor('the pin to be gone', async () => ((await pin()).localOnly ? pin() : undefined)),
  ).toEqual({
    localOnly: true,
    reported: null,
  });
  await waitFor('the status without it', async () => (await status())?.join() === 'code,count,label');
  await site.stopGateway();
  const db = new Database(join(site.stateDir, 'cloud.db'), { readonly: true });
  const rows = db
    .prepare("SELECT property FROM twin WHERE device = 'default/safe' ORDER BY property")
    .pluck()
    .all();
  // History is the nodes' alone.
  const series = db.prepare('SELECT count(*) FROM series').pluck().get();
  db.close();
  expect(rows).toEqual(['code', 'count', 'label']);
  expect(series).toBe(0);

  await site.startGateway();
  await annotate('safe', 'pin,levle');
  await waitFor('all of it to be gone', async () => {
    const { data } = await atCloud(
      '{ device(name: "safe") { state problems { reason message } twins { localOnly } } }',
    );
    const { state, problems, twins } = data.device ?? {};
    return (
      state === 'unknown' &&
      twins.every(({ localOnly }: { localOnly: boolean }) => localOnly) &&
      problems[0]?.reason === 'LocalOnlyInvalid' &&
      problems[0].message.includes('"levle"')
    );
  });
  await waitFor('the status without anything', async () => (await status())?.length === 0);
}, 60_000);

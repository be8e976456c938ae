import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EdgeNode, startEdgeNode } from '../../edge-node/edge-node.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { Mapper } from '../../mappers/contract.ts';
import { createSimulatedMapper } from '../../mappers/simulated/mapper.ts';
import type { NodeSession } from '../../tunnel/contract.ts';
import type { KubePod } from '../../twin/cluster-object.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import type { NodeObject, ObjectRef } from '../../twin/node-object.ts';
import { type Subscription, subscribeSse, subscribeWs } from '../harness/graphql-client.ts';
import { type DeviceWish, deviceObject, modelObject } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { createPki, type Pki, RecordingCloud, startCloud } from '../tunnel/harness.ts';

const MODEL = modelObject('thermostat', [
  { name: 'temperature', type: 'DOUBLE', accessMode: 'ReadOnly', minimum: '0', maximum: '40' },
  { name: 'setpoint', type: 'DOUBLE', accessMode: 'ReadWrite', minimum: '5', maximum: '30' },
]);

const simulated = (name: string, wish?: DeviceWish): DeviceObject => {
  const device = deviceObject(name, wish);
  return { ...device, spec: { ...device.spec, protocol: { protocolName: 'simulated' } } };
};

let pki: Pki;
beforeAll(async () => {
  pki = await createPki();
});

/** A node with a simulated device, and a cloud that acknowledges what comes. */
async function start({ mappers = [] }: { mappers?: Mapper[] } = {}) {
  const cloud = new RecordingCloud();
  cloud.onUp = (message) => {
    if (message.type === 'reports' && !message.ahead)
      cloud.session?.send({ type: 'acked', seq: message.updates.at(-1)?.seq ?? 0 });
    if (message.type === 'snapshot' && message.last)
      cloud.session?.send({ type: 'acked', seq: 0, snapshot: true });
  };
  const server = await startCloud(await pki.server(), cloud);
  const dataDir = mkdtempSync(join(tmpdir(), 'octograph-node-'));
  let node: EdgeNode | undefined;
  const startNode = async () => {
    node = await startEdgeNode({
      nodeName: 'edge-a',
      dataDir,
      listen: { host: '127.0.0.1', port: 0 },
      access: { anonymous: 'write' },
      graphiql: false,
      tunnel: { url: `wss://127.0.0.1:${server.port}`, tls: await pki.node('edge-a'), backoffCapMs: 50 },
      mappers: [createSimulatedMapper({ clock: systemClock, random: Math.random }), ...mappers],
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
    });
    return node;
  };
  onTestFinished(async () => {
    await node?.close();
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await startNode();
  const session = await connected(cloud);
  session.send({ type: 'objects', complete: true, upsert: [MODEL, simulated('pump')], remove: [] });
  return {
    cloud,
    session,
    restart: async () => {
      await node?.close();
      cloud.session = undefined;
      await startNode();
    },
    ask: (query: string) => askNode(node, query),
    url: () => node?.url ?? '',
  };
}

/** The mapper of devices that have entries, and nothing else. */
const directory = (): Mapper => ({
  protocol: 'directory',
  delivery: 'event',
  open: async () => ({
    collect: async () => [],
    apply: async (_property, value) => value,
    browse: async (node) => [
      { id: `${node}/b`, name: 'b', kind: 'variable', dataType: 'Double', writable: true },
    ],
    close: async () => {},
  }),
  close: async () => {},
});

const connected = (cloud: RecordingCloud): Promise<NodeSession> =>
  waitFor('the node to connect', () => cloud.session);

async function askNode(node: EdgeNode | undefined, query: string) {
  const response = await fetch(node?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: Record<string, unknown>; errors?: Array<{ message: string }> };
}

const ENTITY = `query ($read: ReadMode, $properties: [String!]) {
  _entities(representations: [{ __typename: "Device", namespace: "default", name: "pump", nodeName: "edge-a" }]) {
    ... on Device { twins(read: $read, properties: $properties) { property seq reported { value } } } } }`;

describe('an edge node', () => {
  it('runs the devices that the cloud sends, and brings what they say up', async () => {
    const { cloud } = await start();
    const seen = await waitFor('a temperature', () =>
      cloud.messages
        .flatMap((message) => ('updates' in message ? message.updates : []))
        .find(({ property }) => property === 'temperature'),
    );
    expect(seen).toMatchObject({ device: 'default/pump', uid: 'uid-pump', reported: { quality: 'GOOD' } });
    await waitFor('its state', () =>
      cloud.messages.some(
        (message) => message.type === 'states' && message.states.some(({ state }) => state === 'online'),
      ),
    );
  });

  it('tells which mappers it has, and how many of their devices are online', async () => {
    const { session } = await start({ mappers: [directory()] });
    const query = `{ _entities(representations: [{ __typename: "Node", name: "edge-a" }]) {
      ... on Node { edgeNode { mappers { protocol isLoaded devices online } } } } }`;
    const mappers = async () => {
      const { data } = await session.execute({ query });
      return (data?._entities as Array<{ edgeNode: { mappers: unknown } }> | undefined)?.[0]?.edgeNode
        .mappers;
    };
    await waitFor('the device to be online', async () =>
      JSON.stringify(await mappers())?.includes(
        '"protocol":"simulated","isLoaded":true,"devices":1,"online":1',
      ),
    );
    expect(await mappers()).toEqual([
      { protocol: 'directory', isLoaded: true, devices: 0, online: 0 },
      { protocol: 'simulated', isLoaded: true, devices: 1, online: 1 },
    ]);
  });

  it('lists what a device has, and says that a protocol has nothing to list', async () => {
    const { session, ask } = await start({ mappers: [directory()] });
    const shelf = deviceObject('shelf');
    shelf.spec.protocol = { protocolName: 'directory' };
    session.send({ type: 'objects', complete: false, upsert: [shelf], remove: [] });
    const browse = (device: string) =>
      ask(`{ device(name: "${device}") { browse(node: "a") { id kind dataType writable } } }`);
    const found = await waitFor('an answer', async () => {
      const answer = await browse('shelf');
      return (answer.data?.device as { browse: unknown } | null)?.browse ?? undefined;
    });
    expect(found).toEqual([{ id: 'a/b', kind: 'VARIABLE', dataType: 'Double', writable: true }]);
    expect(await browse('pump')).toMatchObject({
      data: { device: { browse: null } },
      errors: [{ message: 'default/pump: protocol "simulated" has nothing to browse' }],
    });
  });

  it('answers the cloud from its own store and its devices, through the tunnel', async () => {
    const { session } = await start();
    for (const read of ['EDGE', 'DEVICE']) {
      const twins = await waitFor('an answer', async () => {
        const { data } = await session.execute({
          query: ENTITY,
          variables: { read, properties: ['temperature'] },
        });
        const entities = data?._entities as Array<{
          twins: Array<{ reported: unknown; seq: number }> | null;
        }>;
        const twins = entities?.[0]?.twins;
        return twins?.[0]?.reported ? twins : undefined;
      });
      expect(twins).toMatchObject([{ property: 'temperature', seq: expect.any(Number) }]);
    }
  });

  it('[T24] tells whoever asks through the tunnel nothing of what is local only', async () => {
    const { session, ask } = await start();
    const device = simulated('pump', { annotations: { [LOCAL_ONLY]: 'temperature' } });
    const methods = [{ name: 'tell' }];
    const pump = { ...device, spec: { ...device.spec, methods } };
    session.send({ type: 'objects', complete: true, upsert: [MODEL, pump], remove: [] });
    await waitFor('a value at the node', async () => {
      const { data } = await ask(
        '{ device(name: "pump") { twin(property: "temperature") { localOnly reported { value } } } }',
      );
      const { twin } = (data?.device ?? {}) as { twin?: { localOnly: boolean; reported: unknown } };
      return twin?.localOnly && twin.reported;
    });
    const events = session.subscribe({
      query: 'subscription { twins { kind property twin { reported { value } } } }',
    });
    const heard: unknown[] = [];
    for await (const { data } of events) {
      const event = data?.twins as { kind: string; property: string } | undefined;
      if (event?.kind === 'SNAPSHOT_END') break;
      heard.push(event?.property);
    }
    expect(heard).toEqual(['setpoint']);
    for (const read of ['EDGE', 'DEVICE']) {
      const { data } = await session.execute({ query: ENTITY, variables: { read } });
      expect(data?._entities).toMatchObject([
        { twins: [{ property: 'temperature', seq: 0, reported: null }, {}] },
      ]);
    }
    const { data } = await session.execute({
      query:
        'mutation { invokeMethod(input: { device: { name: "pump" }, method: "tell" }) { ... on MethodFailed { code } } }',
    });
    expect(data).toEqual({ invokeMethod: { code: 'LOCAL_ONLY' } });
    const bus = session.subscribe({ query: 'subscription { messages(topic: "#") { kind } }' });
    expect(JSON.stringify(await bus.next().catch((error) => error))).toContain('FORBIDDEN');
  });

  it('[T24] lists nothing of a device that is local only to whoever asks through the tunnel', async () => {
    const { session, ask } = await start({ mappers: [directory()] });
    const shelf = deviceObject('shelf', { annotations: { [LOCAL_ONLY]: 'true' } });
    shelf.spec.protocol = { protocolName: 'directory' };
    session.send({ type: 'objects', complete: true, upsert: [MODEL, shelf], remove: [] });
    await waitFor('its entries at the node', async () => {
      const { data } = await ask('{ device(name: "shelf") { browse { id } } }');
      return (data?.device as { browse: unknown } | null)?.browse ?? undefined;
    });
    const { data, errors } = await session.execute({
      query: `{ _entities(representations: [{ __typename: "Device", namespace: "default", name: "shelf", nodeName: "edge-a" }]) {
        ... on Device { browse { id } } } }`,
    });
    expect(data).toEqual({ _entities: [{ browse: null }] });
    expect(errors).toMatchObject([{ extensions: { code: 'LOCAL_ONLY' } }]);
  });

  it('keeps the codes of its errors on their way through the tunnel', async () => {
    const { session } = await start();
    const execute = () => session.execute({ query: ENTITY, variables: { properties: ['speed'] } });
    const errors = await waitFor('the device to be known', async () => {
      const result = await execute();
      return (
        result.errors?.some(({ extensions }) => extensions?.code !== 'DEVICE_NOT_FOUND') && result.errors
      );
    });
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('no property speed'),
        path: ['_entities', 0, 'twins'],
        extensions: { code: 'PROPERTY_NOT_FOUND' },
      },
    ]);
  });

  it('brings a desired value to its device, and says so', async () => {
    const { cloud, session } = await start();
    const upsert = [simulated('pump', { desired: { setpoint: '22.5' } })];
    session.send({ type: 'objects', complete: false, upsert, remove: [] });
    await waitFor('IN_SYNC', () =>
      cloud.messages
        .flatMap((message) => (message.type === 'reports' ? message.updates : []))
        .find(
          ({ property, sync, reported }) =>
            property === 'setpoint' && sync.state === 'IN_SYNC' && reported?.value === 22.5,
        ),
    );
  });

  it('serves its devices at once after a restart, before any word from the cloud', async () => {
    const { cloud, restart, ask } = await start();
    await waitFor('a report', () => cloud.messages.some(({ type }) => type === 'reports'));
    cloud.onUp = () => {};
    await restart();
    const { data, errors } = await ask('{ devices { edges { node { name nodeName twins { property } } } } }');
    expect(errors).toBeUndefined();
    expect(data?.devices).toMatchObject({ edges: [{ node: { name: 'pump', twins: [{}, {}] } }] });
  });

  it('tells its machine in the hello, and serves its Node of the cloud’s last word without a link', async () => {
    const { session, restart, ask } = await start();
    expect(session.hello.machine).toMatchObject({ hostname: hostname(), operatingSystem: process.platform });
    const capacity = { cpu: '4', memory: '7951764Ki' };
    const upsert = [
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a' }, status: { capacity } } as const,
    ];
    session.send({ type: 'objects', complete: false, upsert: [...upsert], remove: [] });
    const text = '{ node(name: "edge-a") { capacity { name quantity } allocatable { name } } }';
    await waitFor('the Node', async () => (await ask(text)).data?.node);
    await restart();
    expect((await ask(text)).data?.node).toEqual({
      capacity: [
        { name: 'cpu', quantity: '4' },
        { name: 'memory', quantity: '7951764Ki' },
      ],
      allocatable: [],
    });
  });

  it('forgets a device that was taken from it', async () => {
    const { session, ask } = await start();
    await waitFor('the device', async () => {
      const { data } = await ask('{ device(name: "pump") { name } }');
      return data?.device;
    });
    session.send({ type: 'objects', complete: true, upsert: [MODEL], remove: [] });
    await waitFor(
      'it to go',
      async () => (await ask('{ device(name: "pump") { name } }')).data?.device === null,
    );
  });

  it('judges what is set here itself, and proposes it to the cloud', async () => {
    const { cloud, ask } = await start();
    await waitFor('the device', async () => (await ask('{ device(name: "pump") { name } }')).data?.device);
    const { data } = await ask(`mutation { setDesired(input: {
      device: { name: "pump" }, values: [{ property: "setpoint", value: 19 }], waitFor: REPORTED
    }) { __typename ... on Settled { change { id state } } } }`);
    expect(data?.setDesired).toMatchObject({ __typename: 'Settled', change: { state: 'REPORTED' } });
    const message = await waitFor('the proposal', () =>
      cloud.messages.find(({ type }) => type === 'proposals'),
    );
    expect(message).toMatchObject({
      proposals: [{ property: 'setpoint', base: null, desired: { value: 19 } }],
    });
  });
});

describe.each([
  ['WebSocket', subscribeWs],
  ['server-sent events', subscribeSse],
])('live sets at the edge, over %s', (_name, subscribe) => {
  type Told = { kind: string; name: string | null; cursor: string } & Record<string, unknown>;

  it('tell who enters, changes and leaves, from what the cloud sent and the devices say', async () => {
    const { session, url } = await start();
    const open = (text: string) => {
      const subscription = subscribe(url(), text) as Subscription<Record<string, Told>>;
      onTestFinished(() => subscription.close());
      return subscription;
    };
    const told = ({ results }: Subscription<Record<string, Told>>) =>
      results.flatMap(({ data }) => Object.values(data ?? {}));
    const until = (subscription: Subscription<Record<string, Told>>, kind: string, name?: string) =>
      waitFor(`${kind} ${name ?? ''}`, () =>
        told(subscription).find((event) => event.kind === kind && (!name || event.name === name)),
      );
    const nodes = open('subscription { nodes { kind cursor name node { name place: name } } }');
    const pods = open(
      'subscription { pods(where: { phase: { eq: "Running" } }) { kind cursor name pod { phase } } }',
    );
    const devices = open(
      'subscription { devices(where: { name: { like: "fan%" } }) { kind cursor name device { twins { property } } } }',
    );
    const twins = open(
      'subscription { twins(where: { name: { like: "fan%" } }) { kind cursor name: property twin { reported { value } } } }',
    );
    for (const each of [nodes, pods, devices, twins]) await until(each, 'SNAPSHOT_END');

    const pod = (phase: string): KubePod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', uid: 'uid-web' },
      spec: { nodeName: 'edge-a', containers: [] },
      status: { phase },
    });
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a', uid: 'uid-edge-a' } } as const;
    const fan = simulated('fan-1');
    const send = (upsert: NodeObject[], remove: ObjectRef[] = []) =>
      session.send({ type: 'objects', complete: false, upsert, remove });
    send([node, pod('Pending'), fan]);
    expect(await until(nodes, 'ENTERED', 'edge-a')).toMatchObject({ node: { name: 'edge-a' } });
    expect(await until(devices, 'ENTERED', 'fan-1')).toMatchObject({
      device: { twins: [{ property: 'temperature' }, { property: 'setpoint' }] },
    });
    await until(twins, 'ENTERED', 'temperature');
    await until(twins, 'UPDATED', 'temperature');
    send([pod('Running')]);
    await until(pods, 'ENTERED', 'web');
    send([pod('Failed')]);
    expect(await until(pods, 'LEFT', 'web')).toMatchObject({ pod: { phase: 'Failed' } });
    send([], [{ kind: 'Device', namespace: 'default', name: 'fan-1' }]);
    expect(await until(devices, 'LEFT', 'fan-1')).toMatchObject({ device: null });
    expect(await until(twins, 'LEFT', 'temperature')).toMatchObject({ twin: null });
    // A complete set that says the same again is no news; what it lacks has left.
    send([pod('Running')]);
    await waitFor('web again', () => told(pods).filter(({ kind }) => kind === 'ENTERED').length === 2);
    session.send({ type: 'objects', complete: true, upsert: [MODEL, node, simulated('pump')], remove: [] });
    await waitFor('web gone', () => told(pods).at(-1)?.kind === 'LEFT');
    expect(told(pods).at(-1)).toMatchObject({ name: 'web', pod: null });
    expect(told(nodes).map(({ kind }) => kind)).toEqual(['SNAPSHOT_END', 'ENTERED']);
  });

  it('fold what their flow says, and refuse a flow that is none', async () => {
    const { url } = await start();
    const open = (flow: string) => {
      const subscription = subscribe(
        url(),
        `subscription { twins(properties: ["temperature"], flow: ${flow}) { kind skipped twin { reported { value } } } }`,
      );
      onTestFinished(() => subscription.close());
      return subscription;
    };
    const latest = open('{ minIntervalMs: 2500, conflate: LATEST }');
    const refused = open('{ deadband: { percent: 101 } }');
    const { errors } = await waitFor('the refusal', () => refused.results[0]);
    expect(errors).toMatchObject([
      {
        message: 'flow.deadband.percent is 101: expected 0 to 100',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    await latest.find('one for several', ({ twins }) => twins.kind === 'UPDATED' && twins.skipped > 0);
  });
});

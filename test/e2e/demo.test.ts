import { execFileSync, spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  OverviewDocument,
  SetDesiredDocument,
  TwinsDocument,
} from '../../schema/generated/client/graphql.ts';
import { type Demo, startDemo } from '../harness/demo.ts';
import { query, subscribeSse, subscribeWs } from '../harness/graphql-client.ts';
import { connectModbus, type ModbusMaster } from '../harness/modbus-master.ts';
import { waitFor } from '../harness/wait.ts';

/** The main job through the front door: `octograph demo`, its processes, its sockets, and clients that are not ours. */
let demo: Demo;
let plantA: ModbusMaster;

beforeAll(async () => {
  demo = await startDemo();
  plantA = await connectModbus(demo.edge('edge-a').modbusPort);
}, 90_000);

afterAll(async () => {
  await plantA?.close();
  await demo?.stop();
});

const thermostat = (name: string) => ({ name: { eq: name } });
const setPoint = (name: string, value: unknown, waitFor = 'REPORTED') => ({
  input: { device: { name }, values: [{ property: 'setpoint', value }], waitFor } as never,
});

describe('queries', () => {
  it('answers live values of all devices in the cloud, without errors', async () => {
    const { data, errors } = await query(demo.cloudUrl, OverviewDocument);
    expect(errors).toBeUndefined();
    expect(data.place.kind).toBe('CLOUD');
    const devices = data.devices.edges.map(({ node }) => node);
    expect(devices).toHaveLength(14);
    for (const device of devices) {
      for (const twin of device.twins ?? []) {
        expect(twin.reported?.value, `${device.name}.${twin.property}`).not.toBeNull();
        expect(twin.freshness, `${device.name}.${twin.property}`).toMatchObject({ stale: false, link: 'UP' });
      }
    }
    expect(data.nodes.edges.map(({ node }) => [node.name, node.ready, node.edgeNode?.link.state])).toEqual([
      ['edge-a', true, 'UP'],
      ['edge-b', true, 'UP'],
    ]);
  });

  it.each(['edge-a', 'edge-b'])('answers the same document at %s with its own devices', async (name) => {
    const { data, errors } = await query(demo.edge(name).url, OverviewDocument);
    expect(errors).toBeUndefined();
    expect(data.place).toMatchObject({ kind: 'EDGE', nodeName: name });
    expect(new Set(data.devices.edges.map(({ node }) => node.nodeName))).toEqual(new Set([name]));
    expect(data.devices.edges).toHaveLength(7);
    expect(data.nodes.edges.map(({ node }) => node.name)).toEqual([name]);
  });

  it('tells of each node what its machine is, in the cloud and at the edge alike', async () => {
    const text = `{ node(name: "edge-a") { capacity { name quantity } allocatable { name }
      addresses { type address } conditions { type status } } }`;
    const inCloud = await query(demo.cloudUrl, text);
    expect(inCloud.data.node).toEqual({
      capacity: [
        { name: 'cpu', quantity: expect.stringMatching(/^[1-9]\d*$/) },
        { name: 'ephemeral-storage', quantity: expect.stringMatching(/^\d+[KMGT]i$/) },
        { name: 'memory', quantity: expect.stringMatching(/^\d+[KMGT]i$/) },
        { name: 'pods', quantity: '0' },
      ],
      allocatable: ['cpu', 'ephemeral-storage', 'memory', 'pods'].map((name) => ({ name })),
      addresses: expect.arrayContaining([{ type: 'Hostname', address: hostname() }]),
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : expect.any(String),
      })),
    });
    await waitFor('the same at the edge', async () => {
      const atEdge = await query(demo.edge('edge-a').url, text);
      return JSON.stringify(atEdge.data) === JSON.stringify(inCloud.data);
    });
  });

  it('reads the node and the device itself when asked to', async () => {
    await plantA.writeHolding(4, 0, 187);
    const text =
      '{ device(name: "thermostat-a4") { twin(property: "setpoint", read: DEVICE) { reported { value } freshness { source } } } }';
    const { data } = await query(demo.cloudUrl, text);
    expect(data.device.twin).toEqual({ reported: { value: 18.7 }, freshness: { source: 'DEVICE' } });
  });

  it('shows pods as Pending with the reason that no runtime is there', async () => {
    const { data } = await query(demo.cloudUrl, '{ pods { edges { node { name nodeName phase reason } } } }');
    expect(data.pods.edges).toHaveLength(4);
    for (const { node } of data.pods.edges)
      expect(node).toMatchObject({ phase: 'Pending', reason: 'NoContainerRuntime' });
  });
});

describe('setDesired', () => {
  it('returns Settled after the register was written and read back', async () => {
    const { data } = await query(demo.cloudUrl, SetDesiredDocument, setPoint('thermostat-a1', 25.5));
    expect(data.setDesired).toMatchObject({ __typename: 'Settled', change: { state: 'REPORTED' } });
    expect(await plantA.holding(1, 0)).toBe(255);
  });

  it('settles at the edge too, and the cloud takes the value over', async () => {
    const { data } = await query(demo.edge('edge-a').url, SetDesiredDocument, setPoint('thermostat-a3', 24));
    expect(data.setDesired).toMatchObject({ __typename: 'Settled', change: { state: 'REPORTED' } });
    expect(await plantA.holding(3, 0)).toBe(240);
    const text =
      '{ device(name: "thermostat-a3") { twin(property: "setpoint") { desired { value } sync { state } } } }';
    await waitFor('the cloud to want what the edge set', async () => {
      const twin = (await query(demo.cloudUrl, text)).data.device.twin;
      return twin.desired?.value === 24 && twin.sync.state === 'IN_SYNC';
    });
  });

  it('obeys over MQTT as well', async () => {
    const input = {
      device: { name: 'fan-b' },
      values: [{ property: 'speed', value: 3 }],
      waitFor: 'REPORTED',
    } as never;
    const { data } = await query(demo.cloudUrl, SetDesiredDocument, { input });
    expect(data.setDesired).toMatchObject({ __typename: 'Settled' });
  });

  it('tells what the device refused, in its words', async () => {
    const input = {
      device: { name: 'thermostat-a1' },
      values: [{ property: 'mode', value: 7 }],
      waitFor: 'REPORTED',
    } as never;
    const { data } = await query(demo.cloudUrl, SetDesiredDocument, { input });
    expect(data.setDesired).toMatchObject({ __typename: 'Rejected', code: 'REJECTED', property: 'mode' });
    expect(data.setDesired).toHaveProperty('message', expect.stringContaining('illegal data value'));
  });

  it.each([
    [
      'an unknown device',
      { device: { name: 'nope' }, values: [{ property: 'setpoint', value: 20 }] },
      'DEVICE_NOT_FOUND',
      'default/nope',
    ],
    [
      'a property that the model lacks',
      { device: { name: 'thermostat-a1' }, values: [{ property: 'colour', value: 1 }] },
      'PROPERTY_NOT_FOUND',
      'colour',
    ],
    [
      'a value of the wrong type',
      { device: { name: 'thermostat-a1' }, values: [{ property: 'setpoint', value: 'warm' }] },
      'INVALID_VALUE',
      '"warm"',
    ],
    [
      'a value out of range',
      { device: { name: 'thermostat-a1' }, values: [{ property: 'setpoint', value: 99 }] },
      'INVALID_VALUE',
      'maximum 35',
    ],
    [
      'a READ_ONLY property',
      { device: { name: 'thermostat-a1' }, values: [{ property: 'temperature', value: 20 }] },
      'PROPERTY_READ_ONLY',
      'temperature',
    ],
  ])('refuses %s, in the cloud and at the edge', async (_what, input, code, word) => {
    for (const url of [demo.cloudUrl, demo.edge('edge-a').url]) {
      const { data } = await query(url, SetDesiredDocument, { input: input as never });
      expect(data.setDesired).toMatchObject({ __typename: 'Rejected', code });
      expect(data.setDesired).toHaveProperty('message', expect.stringContaining(word));
    }
  });
});

describe('kubectl', () => {
  const isHere = spawnSync('kubectl', ['version', '--client']).status === 0;
  const kubectl = (...args: string[]) =>
    execFileSync('kubectl', ['--kubeconfig', demo.layout.kubeconfig, ...args], { encoding: 'utf8' });

  it.runIf(isHere)('shows a desired value that GraphQL set', async () => {
    await query(demo.cloudUrl, SetDesiredDocument, setPoint('thermostat-b1', 23.5));
    expect(kubectl('get', 'device', 'thermostat-b1', '-o', 'yaml')).toContain('value: "23.5"');
  });

  it.runIf(isHere)('reaches the register with a JSON patch of a desired value', async () => {
    const device = JSON.parse(kubectl('get', 'device', 'thermostat-a2', '-o', 'json'));
    const index = device.spec.properties.findIndex(({ name }: { name: string }) => name === 'setpoint');
    const patch = [{ op: 'add', path: `/spec/properties/${index}/desired`, value: { value: '28.5' } }];
    kubectl('patch', 'device', 'thermostat-a2', '--type=json', '-p', JSON.stringify(patch));
    await waitFor('the register to hold the patched value', async () => (await plantA.holding(2, 0)) === 285);
  });

  it.skipIf(isHere)('is skipped: kubectl is not on this machine', () => {});
});

describe('subscriptions', () => {
  const text =
    'subscription { twins(where: { name: { eq: "thermostat-a4" } }, properties: ["setpoint"]) { kind cursor twin { reported { value } } } }';

  it.each([
    ['the cloud over graphql-ws', () => subscribeWs(demo.cloudUrl, text), 201],
    ['the cloud over SSE', () => subscribeSse(demo.cloudUrl, text), 202],
    ['the edge over graphql-ws', () => subscribeWs(demo.edge('edge-a').url, text), 203],
    ['the edge over SSE', () => subscribeSse(demo.edge('edge-a').url, text), 204],
  ])('shows a change of the register at %s', async (_where, subscribe, raw) => {
    const subscription = subscribe();
    try {
      await subscription.find('the end of the snapshot', ({ twins }) => twins.kind === 'SNAPSHOT_END');
      await plantA.writeHolding(4, 0, raw);
      const { twins } = await subscription.find(
        'the change',
        (data) => data.twins.twin?.reported?.value === raw / 10,
      );
      expect(twins.kind).toBe('UPDATED');
      expect(subscription.results.map(({ data }) => data.twins.kind).slice(0, 2)).toEqual([
        'SNAPSHOT',
        'SNAPSHOT_END',
      ]);
    } finally {
      await subscription.close();
    }
  });

  it('goes on behind a cursor without a new snapshot, and answers RESET to a foreign one', async () => {
    const first = subscribeWs(demo.cloudUrl, TwinsDocument, {
      where: thermostat('thermostat-a4'),
      properties: ['setpoint'],
    });
    const { twins } = await first.find(
      'the end of the snapshot',
      (data) => data.twins?.kind === 'SNAPSHOT_END',
    );
    await first.close();
    await plantA.writeHolding(4, 0, 211);
    const after = twins?.cursor;
    const second = subscribeWs(demo.cloudUrl, TwinsDocument, {
      where: thermostat('thermostat-a4'),
      properties: ['setpoint'],
      after,
    });
    await second.find('the change', (data) => data.twins?.twin?.reported?.value === 21.1);
    expect(second.results.every(({ data }) => data.twins?.kind === 'UPDATED')).toBe(true);
    await second.close();
    const foreign = subscribeWs(demo.cloudUrl, TwinsDocument, { after: 'bm90IG91cnM' });
    await foreign.find('the reset', (data) => data.twins?.kind === 'RESET');
    await foreign.close();
  });
});

describe('access', () => {
  it('gives a page of another origin and a foreign Host nothing', async () => {
    for (const url of [demo.cloudUrl, demo.edge('edge-a').url]) {
      for (const header of [{ origin: 'https://evil.example' }, { host: 'evil.example' }]) {
        // curl, because fetch does not let a page, or us, set Host.
        const [[name, value]] = Object.entries(header) as [[string, string]];
        const status = execFileSync('curl', [
          ...['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `${name}: ${value}`],
          ...['-H', 'content-type: application/json', '-d', '{"query":"{__typename}"}', url],
        ]).toString();
        expect(status).toBe('403');
      }
    }
  });

  it('answers a malformed query with the place of the mistake', async () => {
    const { errors } = await query(demo.cloudUrl, '{ devices( ');
    expect(errors?.[0]?.message).toContain('Syntax Error');
  });

  it('tells whether it is alive and ready', async () => {
    for (const url of [demo.cloudUrl, demo.edge('edge-a').url]) {
      for (const path of ['/livez', '/readyz', '/metrics']) {
        expect((await fetch(url.replace('/graphql', path))).status, path).toBe(200);
      }
    }
  });
});

describe.each([
  ['the cloud', () => demo.cloudUrl],
  ['the edge', () => demo.edge('edge-a').url],
])('GraphQL over HTTP at %s', (_where, urlOf) => {
  const audits = serverAudits({ url: () => urlOf(), fetchFn: fetch });
  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    '%s %s',
    async (_id, _name, audit) => {
      expect(await audit.fn()).toMatchObject({ status: 'ok' });
    },
  );
});

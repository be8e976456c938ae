import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { DeviceKey, ReadMode } from '../../resolvers/context.ts';
import type { GraphqlRequest } from '../../tunnel/contract.ts';
import { encodeDesired } from '../../twin/desired.ts';
import { CloudFixture, pumpKey, ScriptedNode, state, twin } from './fixture.ts';

const keyOf = (name: string, nodeName: string | null = 'edge-a'): DeviceKey => ({
  namespace: 'default',
  name,
  nodeName,
});

/** What a node answers of one property: positions and values as the test says. */
function edgeTwin(property: string, seq: number, value: unknown, fields: object = {}) {
  return {
    property,
    seq,
    observedDesired: null,
    reported: { value, raw: null, quality: 'GOOD', observedAt: '2026-11-20T08:00:00.000Z' },
    sync: { state: 'NONE', change: null, since: null, reason: null },
    freshness: { source: 'EDGE', ageMs: 40, stale: false },
    ...fields,
  };
}

/** The groups of devices that a request asks for, `d0`, `d1` and so on. */
const groupsOf = ({ variables = {} }: GraphqlRequest) =>
  Object.keys(variables)
    .filter((name) => name.startsWith('d'))
    .map((name) => variables[name] as Array<{ name: string }>);

const answering =
  (...twins: Array<object[] | null>) =>
  (request: GraphqlRequest): ExecutionResult => ({
    data: Object.fromEntries(
      groupsOf(request).map((devices, group) => [
        `g${group}`,
        devices.map((_device, index) => ({ twins: twins[index] === undefined ? twins[0] : twins[index] })),
      ]),
    ),
  });

function start() {
  const cloud = new CloudFixture();
  cloud.cluster.putDevice('pump', { desired: { setpoint: '21' } });
  const operation = () => cloud.twins.forOperation(cloud.asker());
  const read = (mode: ReadMode, names?: string[], key: DeviceKey = pumpKey) =>
    operation().read(key, names, mode);
  return { cloud, operation, read };
}

describe('AUTO', () => {
  it('answers from the replica, and does not ask the node', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    cloud.replica.apply('edge-a', [twin(1, 20)]);
    cloud.replica.applyStates('edge-a', [state({ aliveAt: 1000 })], 1100, cloud.clock.now());
    const twins = await read('AUTO');
    expect(twins?.map(({ model }) => model.name)).toEqual(['temperature', 'setpoint', 'mode']);
    expect(twins?.[0]).toMatchObject({
      reported: { value: 20 },
      freshness: { source: 'REPLICA', ageMs: 100, stale: false, link: 'UP' },
    });
    expect(node.requests).toEqual([]);
  });

  it('answers what is known last when the node is away, and says so', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    cloud.replica.apply('edge-a', [twin(1, 20)]);
    cloud.links.down(node, 'reset');
    const [temperature] = (await read('AUTO', ['temperature'])) ?? [];
    expect(temperature).toMatchObject({
      reported: { value: 20 },
      freshness: { source: 'LAST_KNOWN', stale: true, link: 'DOWN', linkSince: cloud.clock.now() },
    });
  });

  it('asks the node while the replica has not got everything of it', async () => {
    const { cloud, read } = start();
    const node = cloud.connect(new ScriptedNode(), { isWhole: false });
    node.answer = answering([edgeTwin('temperature', 7, 22)]);
    const [temperature] = (await read('AUTO', ['temperature'])) ?? [];
    expect(temperature).toMatchObject({ reported: { value: 22 }, seq: 7, freshness: { source: 'EDGE' } });
  });

  it('takes what there is when the node goes away while it is asked', async () => {
    const { cloud, read } = start();
    const node = cloud.connect(new ScriptedNode(), { isWhole: false });
    cloud.replica.apply('edge-a', [twin(1, 20)]);
    cloud.links.down(node, 'reset');
    const [temperature] = (await read('AUTO', ['temperature'])) ?? [];
    expect(temperature).toMatchObject({ reported: { value: 20 }, freshness: { source: 'LAST_KNOWN' } });
  });

  it('tells once per node and operation that it never heard of it', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('fan');
    cloud.cluster.putDevice('far', { nodeName: 'edge-b' });
    const reader = operation();
    const read = (name: string, nodeName: string) => reader.read(keyOf(name, nodeName), undefined, 'AUTO');
    const answers = await Promise.allSettled([
      read('pump', 'edge-a'),
      read('fan', 'edge-a'),
      read('far', 'edge-b'),
    ]);
    expect(answers).toMatchObject([
      { status: 'rejected', reason: { code: 'EDGE_NODE_OFFLINE', details: { nodeName: 'edge-a' } } },
      { status: 'fulfilled', value: null },
      { status: 'rejected', reason: { code: 'EDGE_NODE_OFFLINE', details: { nodeName: 'edge-b' } } },
    ]);
    await expect(operation().read(pumpKey, undefined, 'AUTO')).rejects.toMatchObject({
      code: 'EDGE_NODE_OFFLINE',
    });
  });
});

describe('REPLICA', () => {
  it('never asks the node, known or not', async () => {
    const { cloud, read } = start();
    const [temperature] = (await read('REPLICA', ['temperature'])) ?? [];
    expect(temperature).toMatchObject({
      seq: 0,
      freshness: { source: 'LAST_KNOWN', stale: true, link: 'DOWN' },
    });
    const node = cloud.connect(new ScriptedNode(), { isWhole: false });
    await read('REPLICA');
    expect(node.requests).toEqual([]);
  });
});

describe('EDGE and DEVICE', () => {
  it('ask the node itself, in the mode that was asked for', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    node.answer = answering([
      edgeTwin('temperature', 7, 22, { freshness: { source: 'DEVICE', ageMs: 0, stale: false } }),
    ]);
    const [temperature] = (await read('DEVICE', ['temperature'])) ?? [];
    expect(node.requests[0]?.variables).toEqual({
      d0: [{ __typename: 'Device', ...pumpKey }],
      p0: ['temperature'],
      r0: 'DEVICE',
    });
    expect(temperature).toMatchObject({
      reported: { value: 22, observedAt: Date.parse('2026-11-20T08:00:00Z') },
      freshness: { source: 'DEVICE', ageMs: 0, asOf: cloud.clock.now(), stale: false },
    });
  });

  it('bring what was read into the replica, so that time does not run backwards', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    cloud.replica.apply('edge-a', [twin(5, 20)]);
    node.answer = answering([edgeTwin('temperature', 7, 22)]);
    await read('EDGE', ['temperature']);
    const known = await read('AUTO', ['temperature']);
    expect(known?.[0]).toMatchObject({ seq: 7, reported: { value: 22 } });
    // The node's answer was overtaken on its way by a report.
    cloud.replica.apply('edge-a', [twin(9, 25)]);
    node.answer = answering([edgeTwin('temperature', 8, 23)]);
    expect((await read('EDGE', ['temperature']))?.[0]).toMatchObject({ seq: 9, reported: { value: 25 } });
    expect(cloud.taken.map(({ seq }) => seq)).toEqual([5, 7, 9]);
  });

  it('take nothing in of a property that the node has said nothing of', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    node.answer = answering([edgeTwin('temperature', 0, null, { reported: null })]);
    expect((await read('EDGE', ['temperature']))?.[0]).toMatchObject({ seq: 0 });
    expect(cloud.taken).toEqual([]);
  });

  it('send one request per node in a tick, whatever is asked of it', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('fan');
    cloud.cluster.putDevice('far', { nodeName: 'edge-b' });
    const [a, b] = [cloud.connect(), cloud.connect(new ScriptedNode('edge-b'))];
    for (const node of [a, b]) node.answer = answering([edgeTwin('temperature', 1, 20)]);
    const reader = operation();
    await Promise.all([
      reader.read(keyOf('pump'), ['temperature'], 'EDGE'),
      reader.read(keyOf('pump'), ['temperature'], 'EDGE'),
      reader.read(keyOf('fan'), ['temperature'], 'EDGE'),
      reader.read(keyOf('far', 'edge-b'), ['temperature'], 'EDGE'),
      reader.read(keyOf('fan'), ['mode'], 'EDGE'),
      reader.read(keyOf('fan'), ['temperature'], 'DEVICE'),
    ]);
    const names = (request: GraphqlRequest) =>
      groupsOf(request).map((devices) => devices.map(({ name }) => name));
    expect(a.requests.map(names)).toEqual([[['pump', 'fan'], ['fan'], ['fan']]]);
    const { p0, r0, p1, r1, p2, r2 } = a.requests[0]?.variables ?? {};
    expect([p0, r0, p1, r1, p2, r2]).toEqual([
      ['temperature'],
      'EDGE',
      ['mode'],
      'EDGE',
      ['temperature'],
      'DEVICE',
    ]);
    expect(b.requests.map(names)).toEqual([[['far']]]);
  });

  it('share one request where several operations ask the same at the same time', async () => {
    const { cloud, operation } = start();
    const node = cloud.connect();
    let release = (_result: ExecutionResult) => {};
    node.answer = () => new Promise((resolve) => (release = resolve));
    const reads = [operation(), operation()].map((reader) => reader.read(pumpKey, ['temperature'], 'EDGE'));
    await cloud.clock.advance(0);
    expect(node.requests).toHaveLength(1);
    release(answering([edgeTwin('temperature', 1, 20)])(node.requests[0] as GraphqlRequest));
    for (const twins of await Promise.all(reads)) expect(twins?.[0]?.reported?.value).toBe(20);
  });

  it('leave a node alone for a moment after it left five requests in a row unanswered', async () => {
    const { cloud, operation } = start();
    const node = cloud.connect();
    node.answer = () => new Promise(() => {});
    for (let attempt = 0; attempt < 5; attempt++) {
      const read = operation().read(pumpKey, ['temperature'], 'EDGE');
      const failed = expect(read).rejects.toMatchObject({ code: 'EDGE_NODE_TIMEOUT' });
      await cloud.clock.advance(10_000);
      await failed;
    }
    await expect(operation().read(pumpKey, ['temperature'], 'EDGE')).rejects.toMatchObject({
      code: 'EDGE_NODE_RESTING',
    });
    expect(node.requests).toHaveLength(5);
    node.answer = answering([edgeTwin('temperature', 1, 20)]);
    await cloud.clock.advance(5_000);
    expect((await operation().read(pumpKey, ['temperature'], 'EDGE'))?.[0]?.reported?.value).toBe(20);
  });

  it('say which nodes were asked, and which are missing and why', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('far', { nodeName: 'edge-b' });
    const node = cloud.connect();
    node.answer = answering([edgeTwin('temperature', 1, 20)]);
    const reader = operation();
    await Promise.allSettled([
      reader.read(pumpKey, undefined, 'EDGE'),
      reader.read(keyOf('far', 'edge-b'), undefined, 'EDGE'),
    ]);
    expect(cloud.completeness.addTo({ data: {} }).extensions).toEqual({
      completeness: {
        asked: 2,
        answered: 1,
        missing: [{ node: 'edge-b', reason: 'EDGE_NODE_OFFLINE', lastSeenAt: null }],
      },
    });
  });

  it('ask a node of another version for what it knows, and tell what it lacks', async () => {
    const { cloud, operation } = start();
    const node = new ScriptedNode();
    Object.assign(node.hello, { schemaHash: 'older' });
    cloud.connect(node);
    const sdl = `type Query { x: Int } type Twin { property: String! seq: Float! observedDesired: Desired sync: Sync! }
      type Desired { value: Int } type Sync { state: String! }`;
    node.answer = (request) =>
      request.query.includes('_service')
        ? { data: { _service: { sdl } } }
        : answering([{ property: 'temperature', seq: 1, sync: { state: 'NONE' } }])(request);
    const [temperature] = (await operation().read(pumpKey, ['temperature'], 'EDGE')) ?? [];
    expect(node.requests.at(-1)?.query).not.toContain('reported');
    expect(temperature?.reported).toMatchObject({ code: 'EDGE_SCHEMA_MISMATCH' });
    expect(temperature?.sync.state).toBe('NONE');
  });

  it('ask anew in the next tick: a mutation’s next field sees what the one before it did', async () => {
    const { cloud, operation } = start();
    const node = cloud.connect();
    const reader = operation();
    for (const value of [20, 21]) {
      node.answer = answering([edgeTwin('temperature', value, value)]);
      expect((await reader.read(pumpKey, ['temperature'], 'EDGE'))?.[0]?.reported?.value).toBe(value);
      await cloud.clock.advance(1);
    }
  });

  it('have one deadline for the whole operation, and tell the node what is left of it', async () => {
    const { cloud, operation } = start();
    const node = cloud.connect();
    const reader = operation();
    const ask = () => reader.read(pumpKey, ['temperature'], 'EDGE');
    for (const waited of [0, 15_000, 10_000]) {
      await cloud.clock.advance(waited);
      node.answer = answering([edgeTwin('temperature', 1, 20)]);
      await ask();
    }
    expect(node.requests.map(({ timeoutMs }) => timeoutMs)).toEqual([10_000, 10_000, 5_000]);
    node.answer = () => new Promise(() => {});
    const late = expect(ask()).rejects.toMatchObject({
      message: 'edge node edge-a did not answer within 5000 ms',
    });
    await cloud.clock.advance(5_000);
    await late;
    expect(await ask()).toBeNull();
    expect(node.requests).toHaveLength(4);
    await operation().read(pumpKey, ['mode'], 'REPLICA');
  });

  it('do not join a request that the node gives up much earlier', async () => {
    const { cloud, operation } = start();
    const node = cloud.connect();
    const patient = answering([edgeTwin('temperature', 1, 20)]);
    node.answer = ({ timeoutMs = 0 }) =>
      timeoutMs < 5_000 ? new Promise(() => {}) : patient(node.requests[0]!);
    const old = operation();
    await old.read(pumpKey, ['temperature'], 'EDGE');
    await cloud.clock.advance(26_000);
    const first = expect(old.read(pumpKey, ['temperature'], 'EDGE')).rejects.toMatchObject({
      code: 'EDGE_NODE_TIMEOUT',
    });
    expect((await operation().read(pumpKey, ['temperature'], 'EDGE'))?.[0]?.reported?.value).toBe(20);
    await cloud.clock.advance(4_000);
    await first;
  });

  it('give up after ten seconds, and tell it once for the node', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('fan');
    const node = cloud.connect();
    node.answer = () => new Promise(() => {});
    const reader = operation();
    const reads = Promise.allSettled([
      reader.read(pumpKey, undefined, 'EDGE'),
      reader.read(keyOf('fan'), undefined, 'EDGE'),
    ]);
    await cloud.clock.advance(9_999);
    expect(node.requests[0]?.signal?.aborted).toBe(false);
    await cloud.clock.advance(1);
    expect(await reads).toMatchObject([
      {
        status: 'rejected',
        reason: { code: 'EDGE_NODE_TIMEOUT', message: 'edge node edge-a did not answer within 10000 ms' },
      },
      { status: 'fulfilled', value: null },
    ]);
  });

  it('end with the operation', async () => {
    const { cloud } = start();
    const node = cloud.connect();
    node.answer = () => new Promise(() => {});
    const client = new AbortController();
    const reading = cloud.twins.forOperation(cloud.asker(client.signal)).read(pumpKey, undefined, 'EDGE');
    await cloud.clock.advance(0);
    client.abort(new Error('the client went away'));
    await expect(reading).rejects.toThrow('the client went away');
  });

  it('answer what is known last when the node is away: a query does not fail for that', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    cloud.replica.apply('edge-a', [twin(1, 20)]);
    cloud.links.down(node, 'reset');
    for (const mode of ['EDGE', 'DEVICE'] as const) {
      const [temperature] = (await read(mode, ['temperature'])) ?? [];
      expect(temperature).toMatchObject({
        reported: { value: 20 },
        freshness: { source: 'LAST_KNOWN', stale: true, link: 'DOWN' },
      });
    }
  });

  it('fail once per node where nothing is known', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('fan');
    const reader = operation();
    await expect(reader.read(pumpKey, undefined, 'EDGE')).rejects.toMatchObject({
      code: 'EDGE_NODE_OFFLINE',
    });
    expect(await reader.read(keyOf('fan'), undefined, 'DEVICE')).toBeNull();
  });

  it('tell what the node says of each device, with its code, and of no other', async () => {
    const { cloud, operation } = start();
    for (const name of ['fan', 'lamp']) cloud.cluster.putDevice(name);
    const node = cloud.connect();
    const error = (index: number, message: string) => ({
      message,
      path: ['g0', index, 'twins'],
      extensions: { code: 'DEVICE_TIMEOUT' },
    });
    node.answer = () =>
      ({
        data: { g0: [{ twins: null }, { twins: [edgeTwin('temperature', 1, 20)] }, { twins: null }] },
        errors: [error(2, 'lamp is silent'), error(0, 'pump is silent')],
      }) as unknown as ExecutionResult;
    const reader = operation();
    const answers = await Promise.allSettled(
      ['pump', 'fan', 'lamp'].map((name) => reader.read(keyOf(name), ['temperature'], 'DEVICE')),
    );
    expect(answers).toMatchObject([
      { reason: { message: 'pump is silent', extensions: { code: 'DEVICE_TIMEOUT', nodeName: 'edge-a' } } },
      { value: [{ reported: { value: 20 } }] },
      { reason: { message: 'lamp is silent' } },
    ]);
    // An error of one device is no sign that the node is away.
    cloud.links.down(node, 'reset');
    cloud.cluster.putDevice('far', { nodeName: 'edge-b' });
    await expect(reader.read(keyOf('far', 'edge-b'), undefined, 'EDGE')).rejects.toMatchObject({
      code: 'EDGE_NODE_OFFLINE',
    });
  });

  it('say that a node gave no answer rather than give that of another device', async () => {
    const { cloud, operation } = start();
    cloud.cluster.putDevice('fan');
    const node = cloud.connect();
    node.answer = () =>
      ({
        data: { g0: [null, { twins: null }] },
        errors: [{ message: 'fan is silent', path: ['g0', 1, 'twins'] }],
      }) as unknown as ExecutionResult;
    const reader = operation();
    const answers = await Promise.allSettled(
      ['pump', 'fan'].map((name) => reader.read(keyOf(name), undefined, 'EDGE')),
    );
    expect(answers).toMatchObject([
      { reason: { message: 'edge node edge-a gave no answer' } },
      { reason: { message: 'fan is silent' } },
    ]);
  });

  it('tell an error of the whole request', async () => {
    const { cloud, read } = start();
    const node = cloud.connect();
    node.answer = () => ({ errors: [{ message: 'Syntax Error' }] }) as unknown as ExecutionResult;
    await expect(read('EDGE')).rejects.toThrow('Syntax Error');
  });
});

describe('a device', () => {
  it('without a node has what is wanted of it, nothing reported, and no error', async () => {
    const { cloud, read } = start();
    cloud.cluster.putDevice('spare', { nodeName: null, desired: { setpoint: '19' } });
    for (const mode of ['AUTO', 'EDGE', 'DEVICE', 'REPLICA'] as const) {
      const twins = await read(mode, undefined, keyOf('spare', null));
      expect(twins).toHaveLength(3);
      expect(twins?.[1]).toMatchObject({
        desired: { value: 19 },
        reported: undefined,
        sync: { state: 'PENDING' },
      });
    }
  });

  it('whose model is missing says which one', async () => {
    const { cloud, read } = start();
    cloud.cluster.putDevice('odd', { model: 'unknown' });
    await expect(read('AUTO', undefined, keyOf('odd'))).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'device default/odd has no model: DeviceModel unknown does not exist',
    });
    await expect(read('AUTO', undefined, keyOf('ghost'))).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    expect(cloud.twins.forOperation(cloud.asker()).known(keyOf('ghost'))).toBeUndefined();
  });

  it('has no property that its model lacks', async () => {
    const { read } = start();
    await expect(read('AUTO', ['speed', 'temperature'])).rejects.toMatchObject({
      code: 'PROPERTY_NOT_FOUND',
      message: expect.stringContaining('no property speed'),
    });
  });

  it('is PENDING until its node observed what is desired', () => {
    const { cloud } = start();
    cloud.connect();
    const device = cloud.cluster.putDevice('pump', {
      desired: { setpoint: encodeDesired({ value: 22, change: 'chg-2' }) },
    });
    const observed = (value: number, change: string) =>
      twin(1, value, {
        property: 'setpoint',
        seq: value,
        observedDesired: { value, change },
        sync: { state: 'IN_SYNC', change, since: 1 },
      });
    const view = () => cloud.twins.viewOf(device, 'setpoint');
    cloud.replica.apply('edge-a', [observed(21, 'chg-1')]);
    expect(view()).toMatchObject({
      desired: { value: 22 },
      observedDesired: { value: 21 },
      sync: { state: 'PENDING' },
    });
    cloud.replica.apply('edge-a', [observed(22, 'chg-2')]);
    expect(view()?.sync.state).toBe('IN_SYNC');
    expect(cloud.twins.viewOf(device, 'speed')).toBeUndefined();
  });

  it('has the properties of its model as it is now', async () => {
    const { cloud, read } = start();
    cloud.connect();
    const model = cloud.cluster.deviceModels.get('default', 'thermostat');
    if (!model) throw new Error('no model');
    cloud.cluster.deviceModels.put({
      ...model,
      metadata: { ...model.metadata, resourceVersion: '99' },
      spec: { properties: [{ name: 'speed', type: 'INT' }] },
    });
    expect((await read('AUTO'))?.map(({ model: property }) => property.name)).toEqual(['speed']);
  });

  it('tells its state, unknown where nobody did', () => {
    const { cloud } = start();
    const reader = cloud.twins.forOperation(cloud.asker());
    expect(reader.state(pumpKey)).toEqual({ state: 'unknown', reason: undefined, lastOnlineAt: undefined });
    cloud.connect();
    cloud.replica.applyStates(
      'edge-a',
      [state({ state: 'offline', reason: 'no answer', lastOnlineAt: 5 })],
      9,
      9,
    );
    expect(reader.state(pumpKey)).toEqual({ state: 'offline', reason: 'no answer', lastOnlineAt: 5 });
  });
});

import { execute, parse } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import { createObjectReader } from '../../cloud/object-reader.ts';
import { authorizedContext } from '../../gateway/authorized-context.ts';
import type { Principal } from '../../gateway/server/authentication.ts';
import { type AccessRule, Authorization } from '../../gateway/server/authorization.ts';
import type { Context } from '../../resolvers/context.ts';
import { createLocalSchema } from '../../schema/schemas.ts';
import { FakeCluster } from '../cloud/fixture.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

/** Gives back what it was asked for. */
const echo = { subscribe: (request: object) => request };

const schema = createLocalSchema();
const principal = (rules?: AccessRule[]): Principal => ({ name: 'ann', rights: 'write', rules });
const inPlant = (...resources: string[]): AccessRule[] => [
  { verbs: ['get', 'list'], resources, namespaces: ['plant'] },
];

let accepted: string[];
let cluster: FakeCluster;
let context: Context;
beforeEach(() => {
  cluster = new FakeCluster();
  cluster.putDevice('lamp');
  const foreign = deviceObject('pump');
  cluster.devices.put({
    ...foreign,
    metadata: { ...foreign.metadata, namespace: 'plant', uid: 'uid-plant-pump' },
  });
  cluster.pods.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'plant', uid: 'p', resourceVersion: '1' },
    spec: { containers: [] },
  });
  cluster.nodes.put({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'edge-a', uid: 'n', resourceVersion: '1' },
  } as never);
  accepted = [];
  // Only what these documents reach.
  context = {
    principal: principal(),
    createId: (prefix: string) => `${prefix}-1`,
    clock: new ManualClock(),
    place: { kind: 'CLOUD', version: 'test' },
    objects: createObjectReader(cluster.asCluster),
    twins: {
      read: async () => [],
      known: () => [],
      state: () => ({ state: 'online' }),
      onChange: () => () => {},
    },
    live: { nodes: echo, pods: echo, devices: echo, twins: echo },
    commands: {
      accept: async ({ device }: { device: string }) => accepted.push(device),
      reachable: () => false,
    },
    methods: { invoke: async () => null },
    browser: { browse: async () => [] },
    messages: {
      cloudNow: () => Date.UTC(2026, 0),
      record: () => undefined,
      publish: async ({ topic }: { topic: string }) => {
        accepted.push(topic);
        return { kind: 'MessagePublished', id: 'msg-1' };
      },
      subscribe: async ({ nodeName }: { nodeName?: string }) => nodeName ?? 'all',
    },
    changes: {
      accepted: async () => {},
      find: (id: string) =>
        id === 'chg-1' && {
          change: { id, namespace: 'plant', device: 'pump', values: [], createdAt: 0, createdBy: 'ann' },
          progress: { state: 'REPORTED', results: [] },
        },
      durable: async () => {},
      onProgress: () => () => {},
    },
    ledger: {
      conflicts: ({ after, limit }: { after?: string; limit: number }) =>
        ['default/lamp', 'plant/pump', 'default/lamp', 'plant/pump']
          .map((device, index) => ({ id: String(index), device }))
          .slice(after === undefined ? 0 : Number(after) + 1)
          .slice(0, limit),
    },
    history: {},
    links: { edgeNode: () => null },
    nodeFacts: {},
  } as unknown as Context;
});

const as = (rules?: AccessRule[]) => authorizedContext(context, new Authorization(principal(rules)));
async function ask(rules: AccessRule[] | undefined, document: string) {
  const result = await execute({ schema, document: parse(document), contextValue: await as(rules) });
  return JSON.parse(JSON.stringify(result));
}

describe('what a caller may not list', () => {
  const document = '{ devices { nodes: edges { node { namespace name } } totalCount } }';

  test('is left out of lists and their counts', async () => {
    const { data } = await ask(inPlant('devices'), document);
    expect(data.devices).toEqual({ nodes: [{ node: { namespace: 'plant', name: 'pump' } }], totalCount: 1 });
    expect((await ask(undefined, document)).data.devices.totalCount).toBe(2);
    expect((await ask([], document)).data.devices.totalCount).toBe(0);
  });

  test('answers like what is missing, by name and by key', async () => {
    const one =
      '{ foreign: device(name: "lamp") { name } missing: device(name: "none") { name } node(name: "edge-a") { name } }';
    expect(await ask(inPlant('devices'), one)).toEqual({
      data: { foreign: null, missing: null, node: null },
    });
    const { twins, browser } = await as(inPlant('devices'));
    const lamp = { namespace: 'default', name: 'lamp', nodeName: 'edge-a' };
    await expect(twins.read(lamp, undefined, 'AUTO')).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    await expect(browser.browse(lamp, undefined)).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    expect(twins.known(lamp)).toBeUndefined();
    expect(await twins.read({ ...lamp, namespace: 'plant' }, undefined, 'AUTO')).toEqual([]);
  });

  test('is not in the live set, nor among the conflicts, whose pages stay full', async () => {
    const { live, ledger } = await as(inPlant('devices', 'pods'));
    const inNamespace = (namespace: string) => ({ key: { namespace }, metadata: { namespace } });
    const sees = (feed: object) => {
      const { subscribe } = feed as { subscribe(request: object): { matches(value: object): boolean } };
      const { matches } = subscribe({ scope: '', matches: () => true });
      return ['plant', 'default'].map((namespace) => matches(inNamespace(namespace)));
    };
    expect(sees(live.pods)).toEqual([true, false]);
    expect(sees(live.nodes)).toEqual([false, false]);
    expect(sees(live.devices)).toEqual([true, false]);
    expect(sees(live.twins)).toEqual([true, false]);
    expect(ledger.conflicts({ limit: 2 }).map(({ id }) => id)).toEqual(['1', '3']);
  });
});

describe('who sees a device, and neither models nor nodes', () => {
  const setter: AccessRule[] = [
    ...inPlant('devices'),
    { verbs: ['update'], resources: ['devices/desired'], namespaces: ['plant'] },
  ];
  const setDesired = (property: string) =>
    `mutation { setDesired(input: {
      device: { namespace: "plant", name: "pump" }, values: [{ property: "${property}", value: 20 }]
    }) { __typename ... on Rejected { code } } }`;
  beforeEach(() => {
    const model = modelObject();
    cluster.deviceModels.put({ ...model, metadata: { ...model.metadata, namespace: 'plant', uid: 'm' } });
  });

  test('sets its values, which are judged by its model', async () => {
    expect((await ask(setter, setDesired('temperature'))).data.setDesired.code).toBe('PROPERTY_READ_ONLY');
    expect((await ask(setter, setDesired('setpoint'))).data.setDesired.__typename).not.toBe('Rejected');
    expect(accepted).toEqual(['pump']);
  });

  test('is told no problem that it has not', async () => {
    const document =
      '{ device(namespace: "plant", name: "pump") { protocol problems { reason } model { name } node { name } } }';
    const device = { protocol: 'modbus', problems: [], model: null, node: null };
    expect((await ask(setter, document)).data.device).toEqual(device);
    cluster.nodes.remove('n');
    expect((await ask(setter, document)).data.device.problems).toEqual([{ reason: 'NodeNotFound' }]);
  });
});

test('the Events of a pod are there in a namespace without devices too', async () => {
  const metadata = { name: 'db', namespace: 'office', uid: 'db' };
  cluster.pods.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } });
  cluster.events.put({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'db.1', namespace: 'office', uid: 'e' },
    involvedObject: { kind: 'Pod', namespace: 'office', name: 'db', uid: 'db' },
    reason: 'Started',
  });
  const rules = [{ verbs: ['list'], resources: ['pods', 'events'], namespaces: ['office'] }];
  const { data } = await ask(rules, '{ pods { edges { node { events { reason } } } totalCount } }');
  expect(data.pods).toEqual({ edges: [{ node: { events: [{ reason: 'Started' }] } }], totalCount: 1 });
});

describe('a change that has ended', () => {
  const document = '{ change(id: "chg-1") { state } }';

  test('is told to whoever sees its device, once it is kept', async () => {
    expect(await ask(inPlant('devices'), document)).toEqual({ data: { change: { state: 'REPORTED' } } });
    expect(await ask([], document)).toEqual({ data: { change: null } });
  });
});

describe('what a caller may not do', () => {
  const change = (namespace: string) => ({ namespace, device: 'pump' }) as never;

  test('is refused where it is done, and nothing is done', async () => {
    const { commands, methods } = await as(inPlant('devices'));
    await expect(commands.accept(change('plant'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const device = { namespace: 'plant', name: 'pump', nodeName: null };
    await expect(methods.invoke(device, {} as never)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(accepted).toEqual([]);
  });

  test('is done with the right of that very resource', async () => {
    const rules: AccessRule[] = [
      { verbs: ['update'], resources: ['devices/desired'], namespaces: ['plant'] },
    ];
    const { commands } = await as(rules);
    await commands.accept(change('plant'));
    await expect(commands.accept(change('default'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(accepted).toEqual(['pump']);
  });
});

test('no object is looked at before the caller asks for it: each event of a subscription has a context of its own', async () => {
  const none = () => expect.unreachable('a list');
  context.objects = { ...context.objects, nodes: none, pods: none, devices: none, deviceModels: none };
  const { objects } = await as(inPlant('devices', 'pods'));
  expect(objects.device('plant', 'pump')?.metadata.name).toBe('pump');
});

test('who is bound by nothing gets the very context', async () => {
  expect(await as()).toBe(context);
});

describe('messages of the buses', () => {
  const rule = (verbs: string[]): AccessRule[] => [{ verbs, resources: ['nodes/messages'] }];
  const publish =
    'mutation { publish(input: { nodeName: "edge-a", topic: "cmd", payload: "" }) { __typename } }';

  test('are published by whoever may create nodes/messages, and by nobody else', async () => {
    for (const rules of [[], rule(['watch']), inPlant('*')]) {
      const { data, errors } = await ask(rules, publish);
      expect([data.publish, errors[0].message]).toEqual([null, 'ann may not create nodes/messages edge-a']);
    }
    expect(accepted).toEqual([]);
    expect((await ask(rule(['create']), publish)).data.publish.__typename).toBe('MessagePublished');
    expect(accepted).toEqual(['cmd']);
  });

  test('are followed by whoever may watch nodes/messages, of one node or of all', async () => {
    const follow = async (rules: AccessRule[], nodeName?: string) =>
      (await as(rules)).messages.subscribe({ filter: '#', nodeName });
    await expect(follow(rule(['create']), 'edge-a')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(follow(inPlant('*'))).rejects.toMatchObject({
      message: 'ann may not watch nodes/messages',
    });
    expect(await follow(rule(['watch']), 'edge-a')).toBe('edge-a');
    expect(await follow(rule(['watch']))).toBe('all');
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccessRule } from '../../gateway/index.ts';
import {
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  NODES,
  objectPath,
  PODS,
} from '../../kubernetes/resources.ts';
import { startGateway } from '../harness/gateway.ts';
import { query, type Subscription, subscribeSse, subscribeWs } from '../harness/graphql-client.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { startEmbedded } from '../kubernetes/embedded.ts';

/** What the caller of this token may read; changed by the test. */
const rulesOf = new Map<string, AccessRule[] | undefined>();
const inNamespaces = (...namespaces: string[]): AccessRule[] => [
  { verbs: ['get', 'list'], resources: ['*'], namespaces },
];

async function start() {
  const { cluster, kubeconfig } = await startEmbedded();
  const { client } = cluster;
  const gateway = await startGateway(kubeconfig, {
    access: {
      anonymous: 'write',
      tokens: { verify: (name) => ({ name, rights: 'read', rules: [] }) },
      authorizer: {
        isUnbound: ({ rules }) => !rules,
        allows: ({ name }, { resource, namespace }) =>
          (rulesOf.get(name) ?? []).some(
            ({ resources, namespaces }) =>
              (resources.includes('*') || resources.includes(resource)) &&
              (!namespaces || (namespace !== undefined && namespaces.includes(namespace))),
          ),
      },
    },
    guards: { limits: { recheckMs: 50 } },
  });
  const create = (resource: typeof PODS | typeof DEVICE_OBJECTS, namespace: string, body: object) =>
    client.create(collectionPath(resource as typeof PODS, namespace), body as never);
  const { apiVersion, kind, spec } = modelObject();
  const model = { apiVersion, kind, spec, metadata: { name: 'thermostat', namespace: 'default' } };
  await client.create(collectionPath(DEVICE_MODELS, 'default'), model as never);
  await client.create(collectionPath(NODES), {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'edge-a', labels: { zone: 'north' } },
  } as never);
  return {
    url: gateway.url,
    client,
    createPod: (name: string, namespace = 'default', labels: Record<string, string> = { app: 'web' }) =>
      create(PODS, namespace, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels },
        spec: { nodeName: 'edge-a', containers: [{ name: 'web', image: 'web' }] },
      }),
    createDevice(name: string, namespace = 'default') {
      const { metadata, ...device } = deviceObject(name);
      return create(DEVICE_OBJECTS, namespace, { ...device, metadata: { name, namespace } });
    },
    patch: (resource: typeof PODS | typeof DEVICE_OBJECTS, name: string, body: object) =>
      client.patch(
        objectPath(resource as typeof PODS, { name, namespace: 'default' }),
        body,
        'application/merge-patch+json',
      ),
    remove: (resource: typeof PODS | typeof DEVICE_OBJECTS, name: string) =>
      client.remove(objectPath(resource as typeof PODS, { name, namespace: 'default' }), {
        gracePeriodSeconds: 0,
      }),
  };
}

type Told = { kind: string; name: string | null; cursor: string } & Record<string, unknown>;

/** What came, as `KIND name`. */
const told = (subscription: Subscription<Record<string, Told>>): Told[] =>
  subscription.results.flatMap(({ data }) => (data ? Object.values(data) : []));
const brief = (subscription: Subscription<Record<string, Told>>): string[] =>
  told(subscription).map(({ kind, name }) => (name ? `${kind} ${name}` : kind));
const until = (subscription: Subscription<Record<string, Told>>, what: string) =>
  waitFor(what, () => brief(subscription).includes(what));

const TRANSPORTS = [
  ['WebSocket', (url: string, text: string) => subscribeWs(url, text)],
  ['server-sent events', (url: string, text: string) => subscribeSse(url, text)],
] as const;

describe.each(TRANSPORTS)('live sets in the cloud, over %s', (_name, subscribe) => {
  it('tells who enters, changes and leaves, with fields of both subgraphs', async () => {
    const { url, createPod, createDevice, patch, remove } = await start();
    const open = (text: string) => {
      const subscription = subscribe(url, text) as Subscription<Record<string, Told>>;
      onTestFinished(() => subscription.close());
      return subscription;
    };
    const nodes = open(
      'subscription { nodes(labelSelector: "zone=north") { kind cursor name node { name labels { key value } edgeNode { version } } } }',
    );
    const pods = open(
      'subscription { pods(labelSelector: "app in (web)") { kind cursor namespace name pod { name node { name } } } }',
    );
    const devices = open(
      'subscription { devices(where: { labels: [{ key: "site", eq: "plant" }] }) { kind cursor name device { name twins { property } node { name edgeNode { version } } } } }',
    );
    const twins = open(
      'subscription { twins(where: { labels: [{ key: "site", eq: "plant" }] }, properties: ["mode"]) { kind cursor name: property deviceRef { name } device { state } twin { property } } }',
    );
    for (const each of [nodes, pods, devices, twins]) await until(each, 'SNAPSHOT_END');

    await createPod('web');
    await createPod('db', 'default', { app: 'db' });
    await patch(PODS, 'web', { metadata: { labels: { app: 'other' } } });
    await until(pods, 'LEFT web');
    await patch(PODS, 'db', { metadata: { labels: { app: 'web' } } });
    await until(pods, 'ENTERED db');
    await remove(PODS, 'db');
    await until(pods, 'LEFT db');
    const ends = told(pods).filter(({ kind }) => kind === 'LEFT' || kind === 'ENTERED');
    expect(ends.map(({ kind, name, pod }) => [kind, name, pod])).toEqual([
      ['ENTERED', 'web', { name: 'web', node: { name: 'edge-a' } }],
      ['LEFT', 'web', { name: 'web', node: { name: 'edge-a' } }],
      ['ENTERED', 'db', { name: 'db', node: { name: 'edge-a' } }],
      ['LEFT', 'db', null],
    ]);

    await createDevice('pump');
    await patch(DEVICE_OBJECTS, 'pump', { metadata: { labels: { site: 'plant' } } });
    await Promise.all([until(devices, 'ENTERED pump'), until(twins, 'ENTERED mode')]);
    const [entered] = told(devices).filter(({ kind }) => kind === 'ENTERED');
    expect(entered?.device).toEqual({
      name: 'pump',
      twins: ['temperature', 'setpoint', 'mode'].map((property) => ({ property })),
      node: { name: 'edge-a', edgeNode: null },
    });
    await remove(DEVICE_OBJECTS, 'pump');
    await Promise.all([until(devices, 'LEFT pump'), until(twins, 'LEFT mode')]);
    expect(told(devices).at(-1)).toMatchObject({ device: null });
    expect(told(twins).at(-1)).toMatchObject({ deviceRef: { name: 'pump' }, device: null, twin: null });
    for (const { results } of [nodes, pods, devices, twins])
      expect(results.flatMap(({ errors = [] }) => errors)).toEqual([]);
  });
});

describe('a live set that is resumed', () => {
  it('tells who entered and left meanwhile, and begins anew with other arguments', async () => {
    const { url, createPod, remove } = await start();
    const text = `subscription ($selector: String, $after: String) {
      pods(labelSelector: $selector, after: $after) { kind cursor name } }`;
    const open = (variables: Record<string, unknown>): Subscription<Record<string, Told>> => {
      const subscription = subscribeSse(url, text, { variables });
      onTestFinished(() => subscription.close());
      return subscription;
    };
    const selector = 'app=web';
    const first = open({ selector });
    await until(first, 'SNAPSHOT_END');
    const after = told(first).at(-1)?.cursor;
    await first.close();
    await createPod('web');
    await createPod('gone');
    await remove(PODS, 'gone');
    const second = open({ selector, after });
    await until(second, 'LEFT gone');
    const members = brief(second).filter((line) => !line.startsWith('UPDATED'));
    expect(members).toEqual(['ENTERED web', 'ENTERED gone', 'LEFT gone']);
    for (const other of [open({ after }), open({ selector, after: 'bm9ib2R5' })]) {
      await until(other, 'SNAPSHOT_END');
      expect(brief(other).slice(0, 3)).toEqual(['RESET', 'SNAPSHOT web', 'SNAPSHOT_END']);
    }
  });
});

describe('what a caller may not list', () => {
  it('never arrives; a right that is given brings its part in, one that is taken ends the stream', async () => {
    const { url, client, createPod, createDevice } = await start();
    for (const name of ['mine', 'theirs'])
      await client.create('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      } as never);
    for (const namespace of ['mine', 'theirs']) {
      await createPod(`web-${namespace}`, namespace);
      await createDevice(`pump-${namespace}`, namespace);
    }
    const known = async () => (await query(url, '{ devices { totalCount } pods { totalCount } }')).data;
    await waitFor('all objects', async () => {
      const { devices, pods } = await known();
      return devices.totalCount === 2 && pods.totalCount === 2;
    });
    rulesOf.set('ann', inNamespaces('mine'));
    const open = (root: string): Subscription<Record<string, Told>> => {
      const text = `subscription { ${root} { kind cursor name${root === 'twins' ? ': property' : ''} } }`;
      const subscription = subscribeSse(url, text, { token: 'ann' });
      onTestFinished(() => subscription.close());
      return subscription;
    };
    const [nodes, pods, devices] = [open('nodes'), open('pods'), open('devices')];
    for (const each of [nodes, pods, devices]) await until(each, 'SNAPSHOT_END');
    expect(brief(nodes)).toEqual(['SNAPSHOT_END']);
    expect(brief(pods)).toEqual(['SNAPSHOT web-mine', 'SNAPSHOT_END']);
    expect(brief(devices)).toEqual(['SNAPSHOT pump-mine', 'SNAPSHOT_END']);
    await createDevice('other', 'theirs');
    await createDevice('another', 'mine');
    await until(devices, 'ENTERED another');
    expect(brief(devices).join()).not.toContain('other,');

    rulesOf.set('ann', inNamespaces('mine', 'theirs'));
    await until(devices, 'SNAPSHOT pump-theirs');
    await until(pods, 'SNAPSHOT web-theirs');
    expect(brief(pods).slice(2, 3)).toEqual(['RESET']);

    rulesOf.set('ann', inNamespaces('theirs'));
    await waitFor('the end', () =>
      pods.results.some(({ errors }) => errors?.[0]?.extensions?.code === 'FORBIDDEN'),
    );
  });
});

import {
  type KubernetesListObject,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../harness/wait.ts';
import { DEVICE_STATUSES, DEVICES, type Device, device, refusal, useCluster } from './cluster.ts';

const cluster = useCluster();

const create = (body: Device) =>
  cluster().custom.createNamespacedCustomObject({
    ...DEVICES,
    namespace: cluster().namespace,
    body,
  }) as Promise<Device>;
const get = (name: string) =>
  cluster().custom.getNamespacedCustomObject({
    ...DEVICES,
    namespace: cluster().namespace,
    name,
  }) as Promise<Device>;
const replace = (body: Device) =>
  cluster().custom.replaceNamespacedCustomObject({
    ...DEVICES,
    namespace: cluster().namespace,
    name: body.metadata?.name ?? '',
    body,
  }) as Promise<Device>;
const patch = (name: string, body: unknown, strategy: string = PatchStrategy.JsonPatch) =>
  cluster().custom.patchNamespacedCustomObject(
    { ...DEVICES, namespace: cluster().namespace, name, body },
    setHeaderOptions('Content-Type', strategy),
  ) as Promise<Device>;
const remove = (name: string, body?: object) =>
  cluster().custom.deleteNamespacedCustomObject({ ...DEVICES, namespace: cluster().namespace, name, body });
const list = (
  options: { labelSelector?: string; fieldSelector?: string; limit?: number; _continue?: string } = {},
) =>
  cluster().custom.listNamespacedCustomObject({
    ...DEVICES,
    namespace: cluster().namespace,
    ...options,
  }) as Promise<KubernetesListObject<Device>>;
// The client renames fields of the types it knows; of custom objects it hands out the JSON as it came.
const continueOf = (page: KubernetesListObject<Device>) =>
  (page.metadata as { continue?: string } | undefined)?.continue;
const devicesPath = () => `/apis/devices.kubeedge.io/v1beta1/namespaces/${cluster().namespace}/devices`;

describe('create', () => {
  test('sets uid, creation time, version and generation, and keeps free-form fields', async () => {
    const created = await create(device('created'));
    expect(created.metadata).toMatchObject({
      name: 'created',
      namespace: cluster().namespace,
      generation: 1,
    });
    expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata?.resourceVersion).toMatch(/^\d+$/);
    expect(Date.parse(String(created.metadata?.creationTimestamp))).toBeGreaterThan(0);
    expect(created.spec.protocol).toEqual(device('x').spec.protocol);
    expect(await get('created')).toEqual(created);
  });

  test('makes a name from generateName', async () => {
    const body = { ...device(''), metadata: { generateName: 'made-' } };
    expect((await create(body)).metadata?.name).toMatch(/^made-[a-z0-9]{5}$/);
  });

  test('of an existing name is a conflict, in an unknown namespace not found', async () => {
    await create(device('twice'));
    expect(await refusal(create(device('twice')))).toEqual({
      code: 409,
      reason: 'AlreadyExists',
      message: 'devices.devices.kubeedge.io "twice" already exists',
    });
    const request = cluster().custom.createNamespacedCustomObject({
      ...DEVICES,
      namespace: 'no-such-namespace',
      body: device('twice'),
    });
    expect(await refusal(request)).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'namespaces "no-such-namespace" not found',
    });
  });

  test('refuses names that are not RFC 1123 subdomains, and names the field', async () => {
    const refused = await refusal(create(device('Not_A_Name')));
    expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refused.message).toContain('metadata.name: Invalid value: "Not_A_Name"');
  });

  test('refuses a value of the wrong type with its path', async () => {
    const body = device('wrong') as { spec: Record<string, unknown> } & Device;
    body.spec.properties = [{ name: 'p', collectCycle: 'fast' as unknown as number }];
    const refused = await refusal(create(body));
    expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refused.message).toContain('spec.properties[0].collectCycle');
  });
});

describe('replace', () => {
  test('from an old version is a conflict and changes nothing', async () => {
    const first = await create(device('stale'));
    const second = await replace({ ...first, spec: { ...first.spec, nodeName: 'edge-b' } });
    expect(second.metadata?.generation).toBe(2);
    expect(await refusal(replace({ ...first, spec: { ...first.spec, nodeName: 'edge-c' } }))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on devices.devices.kubeedge.io "stale": the object has been modified; ' +
        'please apply your changes to the latest version and try again',
    });
    expect((await get('stale')).spec.nodeName).toBe('edge-b');
  });

  test('without a version is refused for a custom resource', async () => {
    await create(device('versionless'));
    expect(await refusal(replace(device('versionless')))).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('that changes nothing makes no new version', async () => {
    const first = await create(device('same'));
    expect((await replace(first)).metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
  });

  test('of labels alone leaves the generation as it is', async () => {
    const first = await create(device('labelled'));
    const next = await replace({ ...first, metadata: { ...first.metadata, labels: { room: 'a' } } });
    expect(next.metadata?.generation).toBe(1);
    expect(next.metadata?.resourceVersion).not.toBe(first.metadata?.resourceVersion);
  });
});

describe('patch', () => {
  test('as JSON patch with a test that holds applies', async () => {
    await create(device('guarded'));
    const patched = await patch('guarded', [
      { op: 'test', path: '/spec/properties/0/name', value: 'setpoint' },
      { op: 'test', path: '/spec/properties/0/desired/value', value: '21.5' },
      { op: 'replace', path: '/spec/properties/0/desired', value: { value: '23' } },
    ]);
    expect(patched.spec.properties?.[0]?.desired).toEqual({ value: '23' });
  });

  test('as JSON patch with a test that fails is 422 and changes nothing', async () => {
    await create(device('unmoved'));
    const request = patch('unmoved', [
      { op: 'replace', path: '/spec/nodeName', value: 'edge-z' },
      { op: 'test', path: '/spec/properties/0/desired/value', value: '99' },
    ]);
    expect(await refusal(request)).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    });
    expect((await get('unmoved')).spec.nodeName).toBe('edge-a');
  });

  test('as merge patch merges, and null deletes', async () => {
    await create(device('merged', 'edge-a', { a: '1', b: '2' }));
    const patched = await patch(
      'merged',
      { metadata: { labels: { a: null, c: '3' } }, spec: { nodeName: null } },
      PatchStrategy.MergePatch,
    );
    expect(patched.metadata?.labels).toEqual({ b: '2', c: '3' });
    expect(patched.spec).not.toHaveProperty('nodeName');
  });

  test('that adds an unknown field is 422 under Strict', async () => {
    await create(device('strict'));
    const request = cluster().custom.patchNamespacedCustomObject(
      {
        ...DEVICES,
        namespace: cluster().namespace,
        name: 'strict',
        body: { spec: { nodeNam: 'edge-b' } },
        fieldValidation: 'Strict',
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    const refused = await refusal(request);
    expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refused.message).toMatch(
      /^ "" is invalid: patch: Invalid value: .*: strict decoding error: unknown field "spec\.nodeNam"$/,
    );
  });

  test('with the version it was made from is a conflict once that is old', async () => {
    const { metadata } = await create(device('versioned'));
    const body = { metadata: { resourceVersion: metadata?.resourceVersion }, spec: { nodeName: 'edge-b' } };
    await patch('versioned', body, PatchStrategy.MergePatch);
    body.spec.nodeName = 'edge-c';
    expect(await refusal(patch('versioned', body, PatchStrategy.MergePatch))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
  });

  test('as strategic merge patch is not for custom resources', async () => {
    await create(device('strategic'));
    const request = patch('strategic', { spec: {} }, PatchStrategy.StrategicMergePatch);
    expect(await refusal(request)).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });

  test('of what is not there is not found', async () => {
    expect(await refusal(patch('absent', []))).toMatchObject({
      code: 404,
      message: 'devices.devices.kubeedge.io "absent" not found',
    });
  });
});

describe('list', () => {
  test('chooses by labels and by name', async () => {
    await create(device('chosen', 'edge-a', { choice: 'yes' }));
    await create(device('not-chosen', 'edge-a', { choice: 'no' }));
    const names = async (options: object) =>
      (await list(options)).items.map(({ metadata }) => metadata?.name);
    expect(await names({ labelSelector: 'choice in (yes,perhaps)' })).toEqual(['chosen']);
    expect(await names({ labelSelector: 'choice,choice!=yes' })).toEqual(['not-chosen']);
    expect(await names({ fieldSelector: 'metadata.name=chosen' })).toEqual(['chosen']);
  });

  test('comes in pages that show one state, whatever changes meanwhile', async () => {
    const labelSelector = 'paged=yes';
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await create(device(name, 'edge-a', { paged: 'yes' }));
    const first = await list({ labelSelector, limit: 2 });
    await remove('p3');
    await patch('p4', { spec: { nodeName: 'edge-z' } }, PatchStrategy.MergePatch);
    await create(device('p6', 'edge-a', { paged: 'yes' }));
    const second = await list({ labelSelector, limit: 2, _continue: continueOf(first) });
    const third = await list({ labelSelector, limit: 2, _continue: continueOf(second) });
    const items = [...first.items, ...second.items, ...third.items];
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(items.map(({ spec }) => spec.nodeName)).toEqual(Array(5).fill('edge-a'));
    expect(continueOf(third) ?? '').toBe('');
  });

  test('of pods chooses by node', async () => {
    const { core, namespace } = cluster();
    for (const nodeName of ['edge-a', 'edge-b']) {
      const spec = { nodeName, containers: [{ name: 'c', image: 'i' }] };
      await core.createNamespacedPod({ namespace, body: { metadata: { name: `on-${nodeName}` }, spec } });
    }
    const { items } = await core.listNamespacedPod({ namespace, fieldSelector: 'spec.nodeName=edge-b' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['on-edge-b']);
  });
});

describe('delete', () => {
  test('refuses a precondition that does not hold', async () => {
    await create(device('precious'));
    const preconditions = { uid: '00000000-0000-0000-0000-000000000000' };
    expect(await refusal(remove('precious', { preconditions }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    await remove('precious');
    expect(await refusal(get('precious'))).toMatchObject({ code: 404, reason: 'NotFound' });
  });

  test('of a pod answers with the pod', async () => {
    const { core, namespace } = cluster();
    const body = { metadata: { name: 'answered' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const { metadata } = await core.createNamespacedPod({ namespace, body });
    const answer = await core.deleteNamespacedPod({ namespace, name: 'answered' });
    expect(answer).toMatchObject({ kind: 'Pod', metadata: { name: 'answered', uid: metadata?.uid } });
  });

  test('waits for finalizers', async () => {
    const body = device('held');
    body.metadata = { name: 'held', finalizers: ['octograph.dev/test'] };
    await create(body);
    await remove('held');
    expect((await get('held')).metadata?.deletionTimestamp).toBeDefined();
    await patch('held', { metadata: { finalizers: null } }, PatchStrategy.MergePatch);
    expect(await refusal(get('held'))).toMatchObject({ code: 404 });
  });

  // The garbage collector looks for new kinds twice a minute.
  test('of an owner takes its dependents along', { timeout: 120_000 }, async ({ skip }) => {
    const { custom, namespace, controllersMissing } = cluster();
    if (controllersMissing) skip(controllersMissing);
    const { metadata } = await create(device('owner'));
    const owner = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'Device',
      name: 'owner',
      uid: metadata?.uid,
    };
    const body = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'DeviceStatus',
      metadata: { name: 'owner', ownerReferences: [{ ...owner, controller: true }] },
      spec: {},
    };
    const request = { ...DEVICE_STATUSES, namespace, name: 'owner' };
    await custom.createNamespacedCustomObject({ ...DEVICE_STATUSES, namespace, body });
    await remove('owner');
    const isGone = async () => (await refusal(custom.getNamespacedCustomObject(request))).code === 404;
    await waitFor('the dependent to go', isGone, { timeoutMs: 90_000 });
  });
});

describe('watch', () => {
  const watch = (query: Record<string, string | boolean>) => {
    const events: Array<{ type: string; name: string; version: string }> = [];
    const watching = new Watch(cluster().config).watch(
      devicesPath(),
      query,
      (type, object) => {
        events.push({ type, name: object.metadata.name, version: object.metadata.resourceVersion });
      },
      () => {},
    );
    const seen = () => events.map(({ type, name }) => `${type} ${name}`);
    return { events, seen, stop: async () => (await watching).abort() };
  };

  test('from a list sees every change after it, once, in order', async () => {
    const labelSelector = 'watched=yes';
    const { metadata } = await list({ labelSelector });
    await create(device('w1', 'edge-a', { watched: 'yes' }));
    const { seen, events, stop } = watch({ labelSelector, resourceVersion: metadata?.resourceVersion ?? '' });
    await patch('w1', { spec: { nodeName: 'edge-b' } }, PatchStrategy.MergePatch);
    await patch('w1', { metadata: { labels: { watched: 'no' } } }, PatchStrategy.MergePatch);
    await patch('w1', { metadata: { labels: { watched: 'yes' } } }, PatchStrategy.MergePatch);
    await remove('w1');
    await waitFor('five events', () => events.length >= 5);
    expect(seen()).toEqual(['ADDED w1', 'MODIFIED w1', 'DELETED w1', 'ADDED w1', 'DELETED w1']);
    const versions = events.map(({ version }) => Number(version));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    await stop();
  });

  test('without a version begins with what there is', async () => {
    await create(device('initial', 'edge-a', { initial: 'yes' }));
    const { events, seen, stop } = watch({ labelSelector: 'initial=yes' });
    await waitFor('the object', () => events.length > 0);
    expect(seen()).toEqual(['ADDED initial']);
    await stop();
  });

  test('sends bookmarks to those who ask for them', async () => {
    const { metadata } = await list();
    const { events, stop } = watch({
      resourceVersion: metadata?.resourceVersion ?? '',
      allowWatchBookmarks: true,
      timeoutSeconds: '90',
    });
    await waitFor('a bookmark', () => events.some(({ type }) => type === 'BOOKMARK'), { timeoutMs: 80_000 });
    await stop();
  }, 90_000);

  test('feeds an informer through creation, change and deletion', async () => {
    const labelSelector = 'informed=yes';
    await create(device('i1', 'edge-a', { informed: 'yes' }));
    const informer = makeInformer<Device>(
      cluster().config,
      devicesPath(),
      () => list({ labelSelector }),
      labelSelector,
    );
    informer.on('error', () => {});
    await informer.start();
    await create(device('i2', 'edge-a', { informed: 'yes' }));
    const nodesOf = () =>
      informer
        .list()
        .map(({ metadata, spec }) => `${metadata?.name}@${spec.nodeName}`)
        .sort();
    await waitFor('both devices', () => nodesOf().length === 2);
    await patch('i1', { spec: { nodeName: 'edge-b' } }, PatchStrategy.MergePatch);
    await remove('i2');
    await waitFor('the change and the deletion', () => nodesOf().join() === 'i1@edge-b');
    await informer.stop();
  });
});

test('the status of a node is written through its subresource alone', async () => {
  const { core, namespace } = cluster();
  const name = `node-${namespace}`;
  await core.createNode({
    body: { metadata: { name }, spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } },
  });
  onTestFinished(async () => {
    await core.deleteNode({ name });
  });
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }];
  const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
  const body = { status: { conditions }, spec: { taints: [] } };
  const patched = await core.patchNodeStatus({ name, body }, strategic);
  // A node controller adds conditions and taints of its own.
  const holding = (fields: object) => expect.arrayContaining([expect.objectContaining(fields)]);
  expect(patched.status?.conditions).toEqual(holding({ type: 'Ready', status: 'True' }));
  expect(patched.spec?.taints).toEqual(holding({ key: 'k' }));
  const ignored = await core.patchNode({ name, body: { status: { phase: 'Running' } } }, strategic);
  expect(ignored.status?.phase).toBeUndefined();
});

test('a namespace goes with all that is in it, and takes nothing new meanwhile', {
  timeout: 120_000,
}, async ({ skip }) => {
  const { core, custom, namespace, controllersMissing } = cluster();
  if (controllersMissing) skip(controllersMissing);
  const name = `${namespace}-gone`;
  await core.createNamespace({ body: { metadata: { name } } });
  const body = device('inside');
  body.metadata = { name: 'inside', finalizers: ['octograph.dev/test'] };
  await custom.createNamespacedCustomObject({ ...DEVICES, namespace: name, body });
  await core.deleteNamespace({ name });
  expect((await core.readNamespace({ name })).status?.phase).toBe('Terminating');
  const late = custom.createNamespacedCustomObject({ ...DEVICES, namespace: name, body: device('late') });
  expect(await refusal(late)).toMatchObject({ code: 403, reason: 'Forbidden' });
  await custom.patchNamespacedCustomObject(
    { ...DEVICES, namespace: name, name: 'inside', body: { metadata: { finalizers: null } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
  const isGone = async () => (await refusal(core.readNamespace({ name }))).code === 404;
  await waitFor('the namespace to go', isGone, { timeoutMs: 90_000 });
});

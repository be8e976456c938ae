import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../harness/wait.ts';
import { refusal, useCluster } from './cluster.ts';
import { createKubectl, kubectlMissing } from './kubectl.ts';

const cluster = useCluster();
const { run, ok, start } = createKubectl(cluster);

const group = () => `${cluster().namespace}.example.com`;
const custom = () => cluster().config.makeApiClient(CustomObjectsApi);

interface Version {
  name: string;
  served?: boolean;
  storage?: boolean;
  deprecated?: boolean;
  schema?: { openAPIV3Schema: object };
  subresources?: object;
  additionalPrinterColumns?: object[];
}

interface Crd {
  apiVersion: string;
  kind: string;
  metadata: { name: string; generation?: number; annotations?: Record<string, string> };
  spec: { group: string; scope: string; names: object; versions: Version[] };
  status?: {
    storedVersions: string[];
    conditions?: Array<{ type: string; status: string; reason: string; message: string }>;
  };
}

// Through the client's own type for CRDs, half of a schema's keywords would be renamed.
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' } as const;
const crds = {
  create: (body: Crd) => custom().createClusterCustomObject({ ...CRDS, body }) as Promise<Crd>,
  get: (name: string) => custom().getClusterCustomObject({ ...CRDS, name }) as Promise<Crd>,
  remove: (name: string) => custom().deleteClusterCustomObject({ ...CRDS, name }),
  patch: (name: string, body: object[]) =>
    custom().patchClusterCustomObject(
      { ...CRDS, name, body },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    ) as Promise<Crd>,
};

const PUMP_SCHEMA = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['maker'],
      properties: {
        maker: { type: 'string', minLength: 2, maxLength: 8, pattern: '^[a-z]+$' },
        speed: { type: 'integer', minimum: 0, maximum: 100, default: 50 },
        ratio: { type: 'number', exclusiveMinimum: true, minimum: 0, multipleOf: 0.5 },
        mode: { type: 'string', enum: ['fast', 'slow'], default: 'slow' },
        note: { type: 'string', nullable: true },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 2 },
        since: { type: 'string', format: 'date-time' },
        stages: {
          type: 'array',
          minItems: 1,
          maxItems: 3,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, level: { type: 'integer', default: 1 } },
          },
        },
      },
      oneOf: [{ required: ['ratio'] }, { not: { required: ['ratio'] } }],
    },
    status: {
      type: 'object',
      properties: {
        ready: { type: 'boolean' },
        conditions: {
          type: 'array',
          items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  },
};

function definition(
  plural: string,
  kind: string,
  versions: Version[],
  { scope = 'Namespaced', shortNames = [] as string[], annotations = {} } = {},
): Crd {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group()}`, annotations },
    spec: {
      group: group(),
      scope,
      names: { plural, kind, shortNames },
      versions: versions.map((version, index) => ({
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: PUMP_SCHEMA },
        ...version,
      })),
    },
  };
}

/** Creates the CRD, and waits until its kind is served. */
async function define(body: Crd): Promise<string> {
  await crds.create(body);
  const { name } = body.metadata;
  await waitFor('the kind to be established', async () => {
    const { status } = await crds.get(name);
    return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
  });
  return name;
}

interface Pump {
  apiVersion: string;
  metadata: { name: string; generation: number; resourceVersion: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

function pumpsOf(plural: string, version = 'v1', kind = 'Pump') {
  const target = () => ({ group: group(), version, plural, namespace: cluster().namespace });
  const body = (name: string, spec: object, rest: object = {}) => ({
    apiVersion: `${group()}/${version}`,
    kind,
    metadata: { name },
    spec,
    ...rest,
  });
  return {
    target,
    create: (name: string, spec: object, rest: object = {}) =>
      custom().createNamespacedCustomObject({
        ...target(),
        body: body(name, spec, rest),
      }) as Promise<Pump>,
    get: (name: string) => custom().getNamespacedCustomObject({ ...target(), name }) as Promise<Pump>,
    list: () => custom().listNamespacedCustomObject(target()) as Promise<{ kind: string; items: Pump[] }>,
    replace: (body: Pump) =>
      custom().replaceNamespacedCustomObject({
        ...target(),
        name: body.metadata.name,
        body,
      }) as Promise<Pump>,
    merge: (name: string, body: object) =>
      custom().patchNamespacedCustomObject(
        { ...target(), name, body },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      ) as Promise<Pump>,
    mergeStatus: (name: string, body: object) =>
      custom().patchNamespacedCustomObjectStatus(
        { ...target(), name, body },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      ) as Promise<Pump>,
  };
}

describe('an object of a custom kind', () => {
  const pumps = pumpsOf('pumps');

  test('is pruned, gets its defaults and keeps what it may keep', async () => {
    await define(definition('pumps', 'Pump', [{ name: 'v1', subresources: { status: {} } }]));
    const created = await pumps.create(
      'p1',
      {
        maker: 'acme',
        speed: null,
        note: null,
        port: 'http',
        unknown: 1,
        free: { any: { thing: [1] } },
        labels: { a: 'b' },
        stages: [{ name: 'one', unknown: 2 }],
      },
      { status: { ready: true }, unknown: 3 },
    );
    expect(created.spec).toEqual({
      maker: 'acme',
      speed: 50,
      mode: 'slow',
      note: null,
      port: 'http',
      free: { any: { thing: [1] } },
      labels: { a: 'b' },
      stages: [{ name: 'one', level: 1 }],
    });
    expect(created).not.toHaveProperty('status');
    expect(created).not.toHaveProperty('unknown');
    expect((await pumps.list()).kind).toBe('PumpList');
  });

  test.each([
    [{}, 'spec.maker: Required value'],
    [
      { maker: 1 },
      'spec.maker: Invalid value: "integer": spec.maker in body must be of type string: "integer"',
    ],
    [{ maker: 'a' }, 'spec.maker: Invalid value: "a": spec.maker in body should be at least 2 chars long'],
    [{ maker: 'abcdefghi' }, 'spec.maker: Too long: may not be'],
    [{ maker: 'ACME' }, `spec.maker: Invalid value: "ACME": spec.maker in body should match '^[a-z]+$'`],
    [
      { maker: 'acme', speed: -1 },
      'spec.speed: Invalid value: -1: spec.speed in body should be greater than or equal to 0',
    ],
    [
      { maker: 'acme', speed: 101 },
      'spec.speed: Invalid value: 101: spec.speed in body should be less than or equal to 100',
    ],
    [{ maker: 'acme', speed: 1.5 }, 'spec.speed in body must be of type integer'],
    [{ maker: 'acme', ratio: 0 }, 'spec.ratio in body should be greater than 0'],
    [{ maker: 'acme', ratio: 0.7 }, 'spec.ratio in body should be a multiple of 0.5'],
    [{ maker: 'acme', mode: 'odd' }, 'spec.mode: Unsupported value: "odd": supported values: "fast", "slow"'],
    [{ maker: 'acme', port: 1.5 }, 'spec.port'],
    [{ maker: 'acme', labels: { a: 1 } }, 'spec.labels.a in body must be of type string'],
    [{ maker: 'acme', labels: { a: '', b: '', c: '' } }, 'spec.labels: Too many: 3: must have at most 2'],
    [{ maker: 'acme', since: 'noon' }, 'spec.since in body must be of type date-time'],
    [{ maker: 'acme', stages: [] }, 'spec.stages in body should have at least 1 items'],
    [{ maker: 'acme', stages: [{}] }, 'spec.stages[0].name: Required value'],
    [{ maker: 'acme', stages: [{ name: 'x' }, { name: 'x' }] }, 'spec.stages[1]: Duplicate value'],
  ])('is refused for %j', async (spec, message) => {
    const refused = await refusal(pumps.create('refused', spec));
    expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refused.message).toContain(message);
  });

  test('has a status that its subresource alone writes, and a generation that follows the spec alone', async () => {
    await pumps.create('p2', { maker: 'acme' });
    const written = await pumps.mergeStatus('p2', {
      status: { ready: true, unknown: 1 },
      spec: { speed: 1 },
      metadata: { labels: { a: 'b' } },
    });
    expect(written).toMatchObject({
      status: { ready: true },
      spec: { speed: 50 },
      metadata: { generation: 1 },
    });
    expect(written.status).toEqual({ ready: true });
    expect(written.metadata.labels).toBeUndefined();
    const changed = await pumps.merge('p2', { spec: { speed: 7 }, status: { ready: false } });
    expect(changed).toMatchObject({
      status: { ready: true },
      spec: { speed: 7 },
      metadata: { generation: 2 },
    });
    const same = await pumps.replace(changed);
    expect(same.metadata.resourceVersion).toBe(changed.metadata.resourceVersion);
  });
});

test('a kind in several versions shows each object in each of them', async () => {
  const v1 = { ...PUMP_SCHEMA, properties: { spec: PUMP_SCHEMA.properties.spec } };
  const name = await define(
    definition('valves', 'Valve', [
      { name: 'v1', schema: { openAPIV3Schema: v1 } },
      { name: 'v1beta1', deprecated: true },
      { name: 'v1alpha1', served: false },
    ]),
  );
  await pumpsOf('valves', 'v1beta1', 'Valve').create('shared', { maker: 'acme' });
  const shown = await pumpsOf('valves').get('shared');
  expect(shown.apiVersion).toBe(`${group()}/v1`);
  await pumpsOf('valves').merge('shared', { spec: { speed: 8 } });
  const old = await pumpsOf('valves', 'v1beta1').get('shared');
  expect(old).toMatchObject({ apiVersion: `${group()}/v1beta1`, spec: { speed: 8 } });
  expect(await refusal(pumpsOf('valves', 'v1alpha1').get('shared'))).toMatchObject({ code: 404 });
  const { status } = await crds.get(name);
  expect(status?.storedVersions).toEqual(['v1']);
  const withdrawn = [
    {
      op: 'replace',
      path: '/spec/versions',
      value: [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: v1 } }],
    },
  ];
  expect(await refusal(crds.patch(name, withdrawn))).toMatchObject({
    code: 422,
    message: expect.stringContaining('status.storedVersions[0]: Invalid value: "v1"'),
  });
});

test('a changed schema holds from then on, its defaults also for what was there', async () => {
  const schema = (properties: object) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
  const text = { type: 'string' };
  const name = await define(definition('gauges', 'Gauge', [{ name: 'v1', schema: schema({ maker: text }) }]));
  const gauges = pumpsOf('gauges', 'v1', 'Gauge');
  await gauges.create('before', { maker: 'acme' });
  const value = schema({ maker: text, unit: { type: 'string', default: 'bar' } });
  await crds.patch(name, [{ op: 'replace', path: '/spec/versions/0/schema', value }]);
  await waitFor('the default to show', async () => (await gauges.get('before')).spec.unit === 'bar');
  expect((await crds.get(name)).metadata.generation).toBe(2);
});

test('a kind that takes a name of another one waits until it is free', async () => {
  const first = await define(definition('tanks', 'Tank', [{ name: 'v1' }], { shortNames: ['tk'] }));
  const body = definition('basins', 'Basin', [{ name: 'v1' }], { shortNames: ['tk'] });
  await crds.create(body);
  const { name } = body.metadata;
  const conditionOf = async (type: string) =>
    (await crds.get(name)).status?.conditions?.find((one) => one.type === type);
  await waitFor('the conflict', async () => (await conditionOf('NamesAccepted'))?.status === 'False');
  expect(await conditionOf('NamesAccepted')).toMatchObject({
    reason: 'ShortNamesConflict',
    message: '"tk" is already in use',
  });
  expect(await conditionOf('Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
  expect(await refusal(pumpsOf('basins').list())).toMatchObject({ code: 404 });
  await crds.remove(first);
  await waitFor('the name', async () => (await conditionOf('Established'))?.status === 'True');
});

test('a deleted kind takes its objects along, once their finalizers let go', async () => {
  const name = await define(definition('wells', 'Well', [{ name: 'v1' }]));
  const wells = pumpsOf('wells', 'v1', 'Well');
  await wells.create('free', { maker: 'acme' });
  await wells.create('held', { maker: 'acme' });
  await wells.merge('held', { metadata: { finalizers: ['octograph.dev/test'] } });
  await crds.remove(name);
  await waitFor('the free one to go', async () => (await wells.list()).items.length === 1);
  expect(await refusal(wells.create('late', { maker: 'acme' }))).toMatchObject({ code: 405 });
  await wells.merge('held', { metadata: { finalizers: null } });
  await waitFor('the kind to go', async () => (await refusal(wells.list())).code === 404);
  expect(await refusal(crds.get(name))).toMatchObject({ code: 404 });
});

describe('a definition is refused', () => {
  const refusalOf = (change: (body: Crd) => void) => {
    const body = definition('refused', 'Refused', [{ name: 'v1' }]);
    body.spec.versions[0]!.schema = structuredClone(body.spec.versions[0]!.schema);
    change(body);
    return refusal(crds.create(body));
  };
  const props = (body: Crd) =>
    (body.spec.versions[0]!.schema!.openAPIV3Schema as { properties: Record<string, object> }).properties;

  test.each<[string, (body: Crd) => void, string]>([
    [
      'of another name than its plural and group',
      (crd) => (crd.metadata.name = 'x.y.z'),
      'metadata.name: Invalid',
    ],
    [
      'without a stored version',
      (crd) => (crd.spec.versions[0]!.storage = false),
      'spec.versions: Invalid value',
    ],
    [
      'without a schema',
      (crd) => delete crd.spec.versions[0]!.schema,
      'schema.openAPIV3Schema: Required value',
    ],
    ['of an unknown scope', (crd) => (crd.spec.scope = 'World'), 'spec.scope: Unsupported value: "World"'],
    ['with a field without a type', (crd) => (props(crd).odd = {}), 'properties[odd].type: Required value'],
    [
      'with a list without items',
      (crd) => (props(crd).odd = { type: 'array' }),
      'properties[odd].items: Required value',
    ],
    [
      'with a default that does not fit',
      (crd) => (props(crd).odd = { type: 'integer', default: 'x' }),
      'properties[odd].default',
    ],
    [
      'with a pattern that is none',
      (crd) => (props(crd).odd = { type: 'string', pattern: '(' }),
      'properties[odd].pattern: Invalid value: "("',
    ],
    [
      'with $ref',
      (crd) => (props(crd).odd = { type: 'object', $ref: '#/x' }),
      'properties[odd].$ref: Forbidden',
    ],
  ])('%s', async (_, change, message) => {
    const refused = await refusalOf(change);
    expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refused.message).toContain(message);
  });
});

describe.skipIf(kubectlMissing)(`kubectl${kubectlMissing ? ` (skipped: ${kubectlMissing})` : ''}`, () => {
  test('defines a kind, waits for it, uses it by its short name with its columns, explains and deletes it', async () => {
    const columns = [
      { name: 'Maker', type: 'string', jsonPath: '.spec.maker' },
      { name: 'Speed', type: 'integer', jsonPath: '.spec.speed' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Room', type: 'string', jsonPath: '.metadata.labels.site\\.example/room', priority: 1 },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    const crd = definition(
      'fans',
      'Fan',
      [{ name: 'v1', additionalPrinterColumns: columns, subresources: { status: {} } }],
      { shortNames: ['fn'] },
    );
    const { name } = crd.metadata;
    expect(await ok(['apply', '-f', '-'], JSON.stringify(crd))).toContain('created');
    await ok(['wait', `crd/${name}`, '--for=condition=Established', '--timeout=20s']);
    expect(await ok(['apply', '-f', '-'], JSON.stringify(crd))).toContain('unchanged');
    expect(await ok(['get', 'crd', name])).toMatch(/^NAME\s+CREATED AT\s*\n/);

    const fan = {
      apiVersion: `${group()}/v1`,
      kind: 'Fan',
      metadata: { name: 'roof', labels: { 'site.example/room': 'attic' } },
      spec: { maker: 'acme', speed: 3 },
    };
    expect(await ok(['apply', '-f', '-'], JSON.stringify(fan))).toContain('created');
    const status = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    await ok(['patch', 'fn', 'roof', '--subresource=status', '--type=merge', '-p', JSON.stringify(status)]);
    expect(await ok(['get', 'fn'])).toMatch(
      /^NAME\s+MAKER\s+SPEED\s+READY\s+AGE\s*\nroof\s+acme\s+3\s+True\s+\d+s/,
    );
    expect(await ok(['get', 'fans', '-o', 'wide'])).toMatch(/ROOM\s+AGE\s*\nroof.*attic/);
    expect(await ok(['explain', 'fan.spec.maker', `--api-version=${group()}/v1`])).toContain('maker');
    const { stderr } = await run(
      ['apply', '-f', '-'],
      JSON.stringify({ ...fan, spec: { maker: 'a', sped: 1 } }),
    );
    expect(stderr).toContain('unknown field "spec.sped"');

    const gone = start(['wait', 'fan/roof', '--for=delete', '--timeout=20s']);
    await ok(['delete', 'fan', 'roof']);
    await waitFor('kubectl to see it gone', () => gone.child.exitCode === 0);
    await ok(['delete', 'crd', name]);
    expect((await run(['get', 'fans'])).code).toBe(1);
  });

  test('lists the kinds of KubeEdge among the custom ones', async () => {
    const names = await ok(['get', 'crd', '-o', 'name']);
    for (const plural of ['devices', 'devicemodels', 'devicestatuses']) {
      expect(names).toContain(
        `customresourcedefinition.apiextensions.k8s.io/${plural}.devices.kubeedge.io\n`,
      );
    }
    const name = 'devices.devices.kubeedge.io';
    expect(await ok(['wait', `crd/${name}`, '--for=condition=Established', '--timeout=5s'])).toContain('met');
  });
});

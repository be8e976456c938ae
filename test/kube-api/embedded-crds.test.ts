import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeApi } from '../../kube-api/index.ts';
import { ask, withToken } from './ask.ts';
import { clientsOf, DEVICES, device, refusal, startEmbedded } from './cluster.ts';
import { createKubectl, kubectlMissing } from './kubectl.ts';

let directory: string;
let api: KubeApi;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  api = await startEmbedded(directory);
});
afterEach(async () => {
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

const clients = () => clientsOf(join(directory, 'kubeconfig'));
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' } as const;
const DEVICE_CRD = { ...CRDS, name: 'devices.devices.kubeedge.io' } as const;
const LAMPS = { group: 'site.example', version: 'v1', plural: 'lamps', namespace: 'default' } as const;

const lampCrd = (properties: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'lamps.site.example' },
  spec: {
    group: LAMPS.group,
    scope: 'Namespaced',
    names: { plural: LAMPS.plural, kind: 'Lamp' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties } },
      },
    ],
  },
});
const lamp = (name: string) => ({ apiVersion: 'site.example/v1', kind: 'Lamp', metadata: { name } });

test('a built-in CRD keeps its spec, says so, and cannot be deleted', async () => {
  const { custom } = clients();
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${DEVICE_CRD.name}`;
  const before = JSON.parse((await ask(api, path, withToken(api))).text);
  const patch = JSON.stringify({ metadata: { labels: { site: 'a' } }, spec: { scope: 'Cluster' } });
  const headers = withToken(api, { 'content-type': 'application/merge-patch+json' });
  const answer = await ask(api, path, { method: 'PATCH', ...headers }, patch);
  expect(answer.code).toBe(200);
  expect(answer.headers.warning).toContain(
    'devices.devices.kubeedge.io is built in: its spec stays as it is',
  );
  const after = JSON.parse(answer.text);
  expect([after.spec, after.metadata.labels]).toEqual([before.spec, { site: 'a' }]);
  expect(await refusal(custom.deleteClusterCustomObject(DEVICE_CRD))).toMatchObject({
    code: 403,
    message: `customresourcedefinitions.apiextensions.k8s.io "${DEVICE_CRD.name}" is forbidden: this kind is built in and may not be deleted`,
  });
});

test('kinds, their objects and labels on built-in CRDs survive a restart', async () => {
  const { custom } = clients();
  await custom.createClusterCustomObject({ ...CRDS, body: lampCrd({}) });
  await custom.createNamespacedCustomObject({ ...LAMPS, body: lamp('desk') });
  const before = await custom.getClusterCustomObject(DEVICE_CRD);
  await api.close();
  api = await startEmbedded(directory);
  const { custom: again } = clients();
  expect(await again.getNamespacedCustomObject({ ...LAMPS, name: 'desk' })).toMatchObject(lamp('desk'));
  expect(await again.getClusterCustomObject(DEVICE_CRD)).toEqual(before);
});

test('a watch ends when its kind is redefined, and a kind that is gone is not found', async () => {
  const { custom } = clients();
  await custom.createClusterCustomObject({ ...CRDS, body: lampCrd({}) });
  const path = '/apis/site.example/v1/lamps';
  const watching = ask(api, `${path}?watch=1`, withToken(api));
  await custom.createNamespacedCustomObject({ ...LAMPS, body: lamp('desk') });
  const spec = lampCrd({ spec: { type: 'object' } }).spec;
  const body = JSON.stringify({ spec });
  const headers = withToken(api, { 'content-type': 'application/merge-patch+json' });
  const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lamps.site.example';
  await ask(api, crdPath, { method: 'PATCH', ...headers }, body);
  expect((await watching).code).toBe(200);
  await custom.deleteClusterCustomObject({ ...CRDS, name: 'lamps.site.example' });
  expect((await ask(api, path, withToken(api))).code).toBe(404);
  expect((await ask(api, '/apis/site.example', withToken(api))).code).toBe(404);
});

test('what a CRD asks for in vain comes back as a warning', async () => {
  const crd = lampCrd({
    spec: {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'true' }],
      properties: { n: { type: 'integer' } },
    },
  });
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
  Object.assign(crd.spec.versions[0]!, { subresources: { scale } });
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const headers = withToken(api, { 'content-type': 'application/json' });
  const answer = await ask(api, path, { method: 'POST', ...headers }, JSON.stringify(crd));
  expect(answer.code).toBe(201);
  expect(answer.headers.warning).toMatch(
    /scale is not served here.*x-kubernetes-validations are kept, and not evaluated/,
  );
});

describe.skipIf(kubectlMissing)(`kubectl${kubectlMissing ? ` (skipped: ${kubectlMissing})` : ''}`, () => {
  const cluster = () => ({
    kubeconfigPath: join(directory, 'kubeconfig'),
    namespace: 'default',
    directory,
    ...clients(),
  });
  const { ok } = createKubectl(cluster);
  const packaged = fileURLToPath(new URL('../../deploy/chart/crds', import.meta.url));

  test.skipIf(!existsSync(packaged))('applies the packaged CRDs without harm, twice', async () => {
    await clients().custom.createNamespacedCustomObject({
      ...DEVICES,
      namespace: 'default',
      body: device('kept'),
    });
    const files = readdirSync(packaged).filter((file) => file.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(0);
    for (const _ of ['first', 'second']) await ok(['apply', '-f', packaged]);
    expect(await ok(['get', 'devices', '-o', 'name'])).toContain('kept');
  });

  test('applies a changed copy of a built-in CRD and leaves the kind as it is', async () => {
    const crd = JSON.parse(await ok(['get', 'crd', DEVICE_CRD.name, '-o', 'json']));
    const { metadata, spec } = crd;
    const copy = {
      ...crd,
      metadata: { name: metadata.name },
      spec: { ...spec, names: { ...spec.names, shortNames: ['d'] } },
    };
    delete copy.status;
    await ok(['apply', '-f', '-'], JSON.stringify(copy));
    await ok(['apply', '-f', '-'], JSON.stringify(copy));
    expect(JSON.parse(await ok(['get', 'crd', DEVICE_CRD.name, '-o', 'json'])).spec).toEqual(spec);
    expect(await ok(['get', 'dev'])).toBe('');
  });
});

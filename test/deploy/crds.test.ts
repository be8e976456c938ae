import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { defaultLayout } from '../../cli/demo/layout.ts';
import { demoManifests } from '../../cli/demo/manifests.ts';
import { parseSchema } from '../../kube-api/custom/parse-schema.ts';
import { BUILT_IN_CRDS } from '../../kube-api/kinds/customresourcedefinition.ts';
import { pruneUnknownFields, validateStructure } from '../../kube-api/schema/structural.ts';
import { DEVICE_MODELS, DEVICE_OBJECTS, DEVICE_STATUSES } from '../../kubernetes/resources.ts';
import { kubeedgeFixture } from '../kubernetes/kubeedge-fixtures.ts';
import { CHART, chartFile } from './chart.ts';

const fileOf = (name: string) => `crds/${name}.yaml`;
const HEADER =
  '# KubeEdge’s kind, as the embedded API serves it. A cluster with KubeEdge has its own: leave that one in place.\n';

interface Crd {
  metadata: { name: string };
  spec: {
    group: string;
    scope: string;
    names: { plural: string; kind: string; shortNames: string[] };
    versions: Array<{ name: string; schema: { openAPIV3Schema: Record<string, unknown> } }>;
  };
}

const crdOf = (plural: string) => parse(chartFile(fileOf(`${plural}.devices.kubeedge.io`))) as Crd;

/** What the CRD's schema refuses of an object, and what it would silently drop of it. */
function refusals(object: { kind?: string }): string[] {
  const { plural } = [DEVICE_OBJECTS, DEVICE_MODELS, DEVICE_STATUSES].find(
    ({ kind }) => kind === object.kind,
  )!;
  const { schema, errors } = parseSchema(crdOf(plural).spec.versions[0]!.schema.openAPIV3Schema, '');
  const { metadata: _, ...fields } = structuredClone(object) as Record<string, unknown>;
  const wrong = validateStructure(schema, fields, '');
  return [...errors, ...wrong]
    .map((error) => JSON.stringify(error))
    .concat(pruneUnknownFields(schema, fields));
}

describe('the CRDs of the chart', () => {
  // After a change of the kinds in kube-api: npx vitest run test/deploy/crds.test.ts -u
  it.each(BUILT_IN_CRDS.map((crd) => [crd.metadata.name, crd] as const))(
    'are those that the embedded API serves, field by field: %s',
    async (name, crd) => {
      const text = HEADER + stringify(crd, { lineWidth: 110, aliasDuplicateObjects: false });
      expect(parse(text)).toEqual(crd);
      await expect(text).toMatchFileSnapshot(`../../deploy/chart/${fileOf(name)}`);
    },
  );

  it('are these three, and no more', () => {
    expect(readdirSync(`${CHART}crds`).sort()).toEqual(
      ['devicemodels', 'devices', 'devicestatuses'].map((plural) => `${plural}.devices.kubeedge.io.yaml`),
    );
  });

  it.each([DEVICE_OBJECTS, DEVICE_MODELS, DEVICE_STATUSES])(
    'name the kind as the gateway asks for it: $plural',
    ({ apiVersion, kind, plural }) => {
      const { spec } = crdOf(plural);
      expect(`${spec.group}/${spec.versions[0]!.name}`).toBe(apiVersion);
      expect(spec).toMatchObject({ scope: 'Namespaced', names: { kind, plural } });
      expect(spec.names.shortNames).toHaveLength(1);
    },
  );

  it.each(['1.15-device', '1.22-device', '1.23-device', '1.23-devicemodel', '1.23-devicestatus'])(
    'accept what KubeEdge holds, and drop nothing of it: %s',
    (fixture) => {
      expect(refusals(kubeedgeFixture(fixture))).toEqual([]);
    },
  );

  it('accept the demo’s models and devices', () => {
    const objects = demoManifests(defaultLayout('.octograph').nodes)
      .map(({ object }) => object as { kind?: string })
      .filter(({ kind }) => kind?.startsWith('Device'));
    expect(objects.length).toBeGreaterThan(10);
    expect(objects.flatMap(refusals)).toEqual([]);
  });

  it('refuse a type that KubeEdge does not know, and a value that is no text', () => {
    const model = { kind: 'DeviceModel', spec: { properties: [{ name: 'a', type: 'NUMBER' }] } };
    expect(refusals(model).join()).toContain('NUMBER');
    const device = { kind: 'Device', spec: { properties: [{ name: 'a', desired: { value: 5 } }] } };
    expect(refusals(device).join()).toContain('desired.value');
  });
});

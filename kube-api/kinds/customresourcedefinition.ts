import { isDeepStrictEqual } from 'node:util';
import { column, NAME_COLUMN } from '../columns.ts';
import { describeAsCrd } from '../custom/describe.ts';
import { namesWithDefaults } from '../custom/names.ts';
import { CRD_FINALIZER, type CustomResourceDefinition } from '../custom/types.ts';
import { crdWarnings, validateCrd, validateCrdUpdate } from '../custom/validate.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { devices } from './device.ts';
import { deviceModels } from './devicemodel.ts';
import { deviceStatuses } from './devicestatus.ts';

/** The CRDs of the kinds that are built in: there from the start, and fixed but for their labels and annotations. */
export const BUILT_IN_CRDS: readonly CustomResourceDefinition[] = [devices, deviceModels, deviceStatuses].map(
  describeAsCrd,
);

const builtInNames = new Set(BUILT_IN_CRDS.map(({ metadata }) => metadata.name));

export const isBuiltInCrd = (name: string): boolean => builtInNames.has(name);

export const customResourceDefinitions = defineBuiltIn({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  statusSubresource: true,
  generation: 'outside-metadata-and-status',
  schema: coreSchema('V1CustomResourceDefinition'),
  columns: [NAME_COLUMN, column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
  setDefaults(object) {
    const { spec } = object as CustomResourceDefinition;
    if (!spec) return;
    spec.conversion = { strategy: 'None', ...spec.conversion };
    const { singular, listKind } = namesWithDefaults(spec.names ?? {});
    if (spec.names?.kind) spec.names = { ...spec.names, singular, listKind };
  },
  prepareForCreate(crd) {
    crd.metadata.finalizers = [...new Set([...(crd.metadata.finalizers ?? []), CRD_FINALIZER])];
    crd.status = { acceptedNames: { plural: '', kind: '' }, conditions: [], storedVersions: [] };
  },
  prepareForUpdate(crd, current) {
    if (!isBuiltInCrd(crd.metadata.name)) return;
    crd.spec = current.spec;
    crd.status = current.status;
  },
  validate: (crd) => validateCrd(crd as CustomResourceDefinition),
  validateUpdate: (crd, current) =>
    validateCrdUpdate(crd as CustomResourceDefinition, current as CustomResourceDefinition),
  warningsOf(object, current) {
    const crd = object as CustomResourceDefinition;
    if (!current || !isBuiltInCrd(crd.metadata.name)) return crdWarnings(crd);
    if (isDeepStrictEqual(crd.spec, current.spec)) return [];
    return [`${crd.metadata.name} is built in: its spec stays as it is`];
  },
  refuseDelete: ({ metadata }) =>
    isBuiltInCrd(metadata.name) ? 'this kind is built in and may not be deleted' : undefined,
});

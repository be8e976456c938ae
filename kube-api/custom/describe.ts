import { describeSchema } from '../openapi.ts';
import type { ResourceDefinition } from '../resources.ts';
import { groupResource } from '../status.ts';
import type { CustomResourceDefinition } from './types.ts';

/** The CRD of a kind that is served without one: what `kubectl get crd` shows for the built-in custom kinds. */
export function describeAsCrd(resource: ResourceDefinition): CustomResourceDefinition {
  const { group, version, kind, listKind, plural, singular, shortNames, schema, columns } = resource;
  const common = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  const { properties, ...rest } = describeSchema(schema) as { properties?: object };
  const crd: CustomResourceDefinition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: groupResource(resource) },
    spec: {
      group,
      names: {
        plural,
        singular,
        kind,
        listKind,
        ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
      },
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { ...rest, properties: { ...common, ...properties } } },
          additionalPrinterColumns: columns.flatMap(({ name, type, jsonPath, description, priority }) =>
            jsonPath ? [{ name, type, jsonPath, description, ...(priority > 0 ? { priority } : {}) }] : [],
          ),
        },
      ],
    },
  };
  // As it looks when it comes back from the store: without fields that are undefined.
  return JSON.parse(JSON.stringify(crd));
}

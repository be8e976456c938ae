import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_CLUSTER_ROLE_BINDINGS, DEFAULT_CLUSTER_ROLES } from './access/default-roles.ts';
import { statusOf } from './controllers/custom-resources.ts';
import type { ApiContext } from './handlers/context.ts';
import { createObject } from './handlers/create.ts';
import { BUILT_IN_CRDS, customResourceDefinitions } from './kinds/customresourcedefinition.ts';
import { namespaces } from './kinds/namespace.ts';
import { clusterRoles } from './kinds/role.ts';
import { clusterRoleBindings } from './kinds/rolebinding.ts';
import type { KubeObject } from './kube-object.ts';
import { INITIAL_NAMESPACES } from './namespaces.ts';
import type { ResourceDefinition } from './resources.ts';
import { groupResource } from './status.ts';

/** Writes what every cluster has from its start, as far as it is not there. */
export function writeInitialObjects(context: ApiContext): void {
  for (const name of INITIAL_NAMESPACES) {
    ensure(context, namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const role of DEFAULT_CLUSTER_ROLES) ensure(context, clusterRoles, structuredClone(role));
  for (const binding of DEFAULT_CLUSTER_ROLE_BINDINGS) {
    ensure(context, clusterRoleBindings, structuredClone(binding));
  }
  for (const crd of BUILT_IN_CRDS) {
    const stored = ensure(context, customResourceDefinitions, structuredClone(crd));
    // What is built in may have changed since it was written.
    const next = { ...stored, spec: crd.spec, status: statusOf(crd, undefined, context.clock.now()) };
    const { conditions: _, ...status } = (stored.status ?? {}) as { conditions?: unknown };
    const { conditions: __, ...nextStatus } = next.status;
    if (isDeepStrictEqual([stored.spec, status], [crd.spec, nextStatus])) continue;
    context.store.put(groupResource(customResourceDefinitions), next);
  }
}

function ensure(context: ApiContext, resource: ResourceDefinition, object: KubeObject): KubeObject {
  const { name } = object.metadata;
  const stored = context.store.get({ resource: groupResource(resource), namespace: '', name });
  const request = { resource, namespace: undefined, query: new URLSearchParams() };
  return stored ?? createObject(context, request, object);
}

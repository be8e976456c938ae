import type { ApiContext } from './handlers/context.ts';
import { NAMESPACE_FINALIZER, namespaces } from './kinds/namespace.ts';
import { type KubeObject, kubeTime, valueAt } from './kube-object.ts';
import type { ResourceDefinition } from './resources.ts';
import { groupResource } from './status.ts';

/** How a deletion ended: the object is gone, or it is marked and waits for its finalizers. */
export type Removal = { kind: 'gone'; last: KubeObject } | { kind: 'waiting'; object: KubeObject };

/** Deletes `object`, or marks it as being deleted while finalizers hold it. Marking twice changes nothing. */
export function removeObject(
  { store, clock }: Pick<ApiContext, 'store' | 'clock'>,
  resource: ResourceDefinition,
  object: KubeObject,
): Removal {
  if (!isHeld(object)) return { kind: 'gone', last: store.delete(groupResource(resource), object) };
  if (object.metadata.deletionTimestamp) return { kind: 'waiting', object };
  return {
    kind: 'waiting',
    object: store.put(groupResource(resource), marked(object, resource, clock.now())),
  };
}

/** The object as it looks while finalizers hold it. */
export function marked(object: KubeObject, resource: ResourceDefinition, now: number): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    ...(resource === namespaces ? { status: { phase: 'Terminating' } } : {}),
    metadata: {
      ...metadata,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
      deletionTimestamp: kubeTime(now),
      deletionGracePeriodSeconds: 0,
    },
  };
}

/** Whether a finalizer keeps the object from being deleted. */
export function isHeld(object: KubeObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return true;
  const inSpec = object.kind === 'Namespace' ? valueAt(object, 'spec.finalizers') : undefined;
  return Array.isArray(inSpec) && inSpec.includes(NAMESPACE_FINALIZER);
}

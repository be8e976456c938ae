import type { Close } from '../../lib/disposables.ts';
import type { ApiContext } from '../handlers/context.ts';
import type { KubeObject } from '../kube-object.ts';
import { removeObject } from '../removal.ts';

/**
 * Deletes objects whose owners are all gone, as Kubernetes' garbage collector does: right after the last owner, and at the
 * start for what a crash left over.
 */
export function startGarbageCollector(context: ApiContext): Close {
  const { store, registry } = context;

  const collect = (resourceName: string, object: KubeObject) => {
    const owners = object.metadata.ownerReferences ?? [];
    const resource = registry.byName(resourceName);
    if (!resource || owners.length === 0 || owners.some(({ uid }) => store.hasUid(uid))) return;
    removeObject(context, resource, object);
  };
  const collectDependentsOf = (uid: string) => {
    for (const { resource, object } of store.dependentsOf(uid)) collect(resource, object);
  };

  for (const uid of store.ownerUids()) collectDependentsOf(uid);
  return store.onEvent(({ type, resource, object }) => {
    if (type === 'DELETED') collectDependentsOf(object.metadata.uid ?? '');
    else if (store.hasUid(object.metadata.uid ?? '')) collect(resource, object);
  });
}

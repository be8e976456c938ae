import type { Close } from '../../lib/disposables.ts';
import type { ApiContext } from '../handlers/context.ts';
import { NAMESPACE_FINALIZER, namespaces } from '../kinds/namespace.ts';
import { valueAt } from '../kube-object.ts';
import { removeObject } from '../removal.ts';
import { groupResource } from '../status.ts';

/** Empties a namespace that is being deleted, and lets it go when nothing is left in it. */
export function startNamespaceLifecycle(context: ApiContext): Close {
  const { store, registry } = context;

  const finish = (name: string) => {
    const namespace = store.get({ resource: namespaces.plural, namespace: '', name });
    if (!namespace?.metadata.deletionTimestamp || !isOurs(namespace)) return;
    let left = 0;
    for (const resource of registry.kinds()) {
      if (!resource.namespaced) continue;
      for (const object of store.list(groupResource(resource), name)) {
        if (removeObject(context, resource, object).kind === 'waiting') left++;
      }
    }
    if (left > 0) return;
    // Nothing holds it now but finalizers in its metadata, which are somebody else's.
    const released = { ...namespace, spec: {} };
    if (removeObject(context, namespaces, released).kind === 'waiting')
      store.put(namespaces.plural, released);
  };

  for (const { metadata } of store.list(namespaces.plural)) finish(metadata.name);
  return store.onEvent(({ type, resource, object }) => {
    if (resource === namespaces.plural) finish(object.metadata.name);
    else if (type === 'DELETED' && object.metadata.namespace) finish(object.metadata.namespace);
  });
}

function isOurs(namespace: object): boolean {
  const finalizers = valueAt(namespace, 'spec.finalizers');
  return Array.isArray(finalizers) && finalizers.includes(NAMESPACE_FINALIZER);
}

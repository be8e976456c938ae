import { namespaces } from './kinds/namespace.ts';
import type { KubeObject } from './kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import { notFound } from './status.ts';

/** The cause that Kubernetes names when a namespace on its way out refuses a new object. */
export const NAMESPACE_TERMINATING = 'NamespaceTerminating';

/** Namespaces that every cluster has. */
export const INITIAL_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/** @throws ApiError 404 when there is no such namespace. */
export function namespaceOf(store: ObjectStore, name: string): KubeObject {
  const namespace = store.get({ resource: namespaces.plural, namespace: '', name });
  if (!namespace) throw notFound(namespaces, name);
  return namespace;
}

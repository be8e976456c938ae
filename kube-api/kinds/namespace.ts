import { AGE_COLUMN, NAME_COLUMN, pathColumn } from '../columns.ts';
import { ALL_VERBS, defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

/** The finalizer in `spec` that keeps a deleted namespace until it is empty. */
export const NAMESPACE_FINALIZER = 'kubernetes';

const LASTING_NAMESPACES = ['default', 'kube-public', 'kube-system'];

export const namespaces = defineBuiltIn({
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  // Not all of them at once, as in Kubernetes.
  verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
  statusSubresource: true,
  nameRule: 'label',
  schema: coreSchema('V1Namespace'),
  columns: [NAME_COLUMN, pathColumn('Status', 'status.phase'), AGE_COLUMN],
  selectableFields: ['status.phase'],
  refuseDelete: ({ metadata }) =>
    LASTING_NAMESPACES.includes(metadata.name) ? 'this namespace may not be deleted' : undefined,
  prepareForCreate(namespace) {
    namespace.spec = { finalizers: [NAMESPACE_FINALIZER] };
    namespace.status = { phase: 'Active' };
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    };
  },
});

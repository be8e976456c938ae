import { isDeepStrictEqual } from 'node:util';
import type { Close } from '../../lib/disposables.ts';
import { definitionsOf } from '../custom/definition.ts';
import { findNameConflict, type NameConflict, namesWithDefaults } from '../custom/names.ts';
import { type Condition, CRD_FINALIZER, type CustomResourceDefinition } from '../custom/types.ts';
import type { ApiContext } from '../handlers/context.ts';
import { customResourceDefinitions, isBuiltInCrd } from '../kinds/customresourcedefinition.ts';
import { kubeTime } from '../kube-object.ts';
import { removeObject } from '../removal.ts';
import { groupResource } from '../status.ts';

const CRDS = groupResource(customResourceDefinitions);

/**
 * Serves the kinds that CRDs define: accepts their names, registers them, tells so in the CRD's status, and empties and lets
 * go a CRD that is being deleted.
 */
export function startCustomResources(context: ApiContext): Close {
  const { store, registry } = context;
  const crdNamed = (name: string) =>
    store.get({ resource: CRDS, namespace: '', name }) as CustomResourceDefinition | undefined;

  const settle = (name: string) => {
    const crd = crdNamed(name);
    if (!crd || isBuiltInCrd(name)) return;
    if (crd.metadata.deletionTimestamp) {
      serve(crd);
      finish(crd);
      return;
    }
    const others = registry
      .all()
      .filter((one) => one.group === crd.spec.group && groupResource(one) !== crd.metadata.name);
    const conflict = findNameConflict(crd, others);
    const status = statusOf(crd, conflict, context.clock.now());
    if (isEstablished(status)) serve(crd);
    if (!isDeepStrictEqual(status, crd.status)) store.put(CRDS, { ...crd, status });
  };
  const serve = (crd: CustomResourceDefinition) => {
    if (crd.metadata.deletionTimestamp && !isEstablished(crd.status)) return;
    registry.register(crd.metadata.name, definitionsOf(crd));
  };
  const finish = (crd: CustomResourceDefinition) => {
    if (!crd.metadata.finalizers?.includes(CRD_FINALIZER)) return;
    const resource = registry.byName(crd.metadata.name);
    let left = 0;
    for (const object of resource ? store.list(crd.metadata.name) : []) {
      if (removeObject(context, resource!, object).kind === 'waiting') left++;
    }
    if (left > 0) return;
    const finalizers = crd.metadata.finalizers.filter((finalizer) => finalizer !== CRD_FINALIZER);
    const released = { ...crd, metadata: { ...crd.metadata, finalizers } };
    if (removeObject(context, customResourceDefinitions, released).kind === 'waiting')
      store.put(CRDS, released);
  };
  const withdraw = (name: string) => {
    registry.unregister(name);
    // The names that it had are free for those that had to wait for them.
    for (const { metadata } of store.list(CRDS)) settle(metadata.name);
  };

  for (const { metadata } of store.list(CRDS)) settle(metadata.name);
  return store.onEvent(({ type, resource, object }) => {
    if (resource === CRDS) {
      if (type === 'DELETED') withdraw(object.metadata.name);
      else settle(object.metadata.name);
    } else if (type === 'DELETED') {
      const crd = crdNamed(resource);
      if (crd?.metadata.deletionTimestamp) finish(crd);
    }
  });
}

const isEstablished = (status: CustomResourceDefinition['status']): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** The status of a CRD by Kubernetes' naming controller: once its names were accepted, they stay so. */
export function statusOf(
  { spec, status }: CustomResourceDefinition,
  conflict: NameConflict | undefined,
  now: number,
): NonNullable<CustomResourceDefinition['status']> {
  const established = isEstablished(status);
  const verdicts: Verdict[] = [
    conflict
      ? { type: 'NamesAccepted', status: 'False', ...conflict }
      : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    conflict && !established
      ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
  ];
  const before = status?.conditions ?? [];
  const conditions = verdicts.map((verdict) => {
    const known = before.find(({ type }) => type === verdict.type);
    const since = known?.status === verdict.status ? known.lastTransitionTime : kubeTime(now);
    return { ...verdict, lastTransitionTime: since };
  });
  const { shortNames, categories, ...names } = namesWithDefaults(spec.names);
  const storage = spec.versions.find((version) => version.storage)?.name ?? '';
  return {
    acceptedNames: conflict
      ? (status?.acceptedNames ?? { plural: '', kind: '' })
      : {
          ...names,
          ...(shortNames.length > 0 ? { shortNames } : {}),
          ...(categories.length > 0 ? { categories } : {}),
        },
    conditions,
    storedVersions: [...new Set([...(status?.storedVersions ?? []), storage])],
  };
}

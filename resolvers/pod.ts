import type { KubePod } from '../twin/cluster-object.ts';
import { compares } from '../twin/comparison.ts';
import type { Context } from './context.ts';
import { type Filter, type LabelFilter, matches, matchesLabels, type StringFilter } from './filter.ts';
import { type ListArgs, list } from './list.ts';
import type { Page } from './page.ts';

export type PodFilter = Filter<{
  namespace: StringFilter;
  name: StringFilter;
  nodeName: StringFilter;
  phase: StringFilter;
  labels: readonly LabelFilter[];
}>;

export const POD_ORDER = ['NAME', 'NODE_NAME', 'PHASE', 'CREATED_AT'] as const;
export type PodOrderField = (typeof POD_ORDER)[number];

export function pods(
  args: ListArgs<PodOrderField> & { where?: PodFilter | null },
  context: Context,
  nodeName?: string,
): Page<KubePod> {
  const found = Array.from(context.objects.pods(nodeName)).filter((pod) => matchesPod(args.where, pod));
  return list(found, args, {
    metadataOf: ({ metadata }) => metadata,
    keyOf: ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    orderValueOf({ metadata, spec, status }, field) {
      switch (field) {
        case 'NAME':
          return metadata.name;
        case 'NODE_NAME':
          return spec.nodeName ?? '';
        case 'PHASE':
          return status?.phase ?? '';
        case 'CREATED_AT':
          return metadata.creationTimestamp ?? '';
      }
    },
  });
}

export function matchesPod(where: PodFilter | null | undefined, pod: KubePod): boolean {
  return matches(where, (field, condition) => {
    switch (field) {
      case 'labels':
        return matchesLabels(condition as readonly LabelFilter[], pod.metadata.labels);
      case 'nodeName':
        return compares(condition as StringFilter, pod.spec.nodeName);
      case 'phase':
        return compares(condition as StringFilter, pod.status?.phase);
      case 'namespace':
      case 'name':
        return compares(condition as StringFilter, pod.metadata[field as 'name']);
    }
  });
}

export interface ContainerSource {
  name: string;
  image?: string;
  ready: boolean;
  restartCount: number;
  /** waiting, running, terminated, or nothing where no runtime has said anything. */
  state?: string;
}

/** Containers as the pod's status tells them; what no runtime has said is not made up. */
export function containers(pod: KubePod): ContainerSource[] {
  const statuses = new Map((pod.status?.containerStatuses ?? []).map((status) => [status.name, status]));
  return (pod.spec?.containers ?? []).map(({ name, image }) => {
    const status = statuses.get(name);
    return {
      name,
      image,
      ready: status?.ready ?? false,
      restartCount: status?.restartCount ?? 0,
      state: Object.keys(status?.state ?? {})[0],
    };
  });
}

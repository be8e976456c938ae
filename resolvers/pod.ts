import type { KubePod } from '../twin/cluster-object.ts';
import type { Context } from './context.ts';
import { type Filter, matches } from './filter.ts';
import { type Page, type PageArgs, paginate } from './page.ts';

export type PodFilter = Filter<'namespace' | 'name' | 'nodeName' | 'phase'>;

export function pods(
  args: PageArgs & { where?: PodFilter | null },
  context: Context,
  nodeName?: string,
): Page<KubePod> {
  const found = Array.from(context.objects.pods(nodeName)).filter((pod) =>
    matches(args.where, (field) => {
      switch (field) {
        case 'nodeName':
          return pod.spec?.nodeName;
        case 'phase':
          return pod.status?.phase;
        default:
          return pod.metadata[field];
      }
    }),
  );
  return paginate(found, ({ metadata }) => `${metadata.namespace}/${metadata.name}`, args);
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

import type { KubeNode } from '../twin/cluster-object.ts';
import { compares } from '../twin/comparison.ts';
import type { Context } from './context.ts';
import { type Filter, type LabelFilter, matches, matchesLabels, type StringFilter } from './filter.ts';
import { type ListArgs, list } from './list.ts';
import type { Page } from './page.ts';

/** A node as it runs through the schema: always its key; the object where somebody already looked it up. */
export interface NodeSource {
  name: string;
  object?: KubeNode;
}

export type NodeFilter = Filter<{ name: StringFilter; ready: boolean; labels: readonly LabelFilter[] }>;

export const NODE_ORDER = ['NAME', 'CREATED_AT'] as const;
export type NodeOrderField = (typeof NODE_ORDER)[number];

export const sourceOf = (object: KubeNode): NodeSource => ({ name: object.metadata.name, object });

export function node(name: string, context: Context): NodeSource | null {
  const object = context.objects.node(name);
  return object ? sourceOf(object) : null;
}

export function nodes(
  args: ListArgs<NodeOrderField> & { where?: NodeFilter | null },
  context: Context,
): Page<NodeSource> {
  const found = Array.from(context.objects.nodes(), sourceOf).filter((source) =>
    matchesNode(args.where, source),
  );
  return list(found, args, {
    metadataOf: ({ object }) => object?.metadata,
    keyOf: ({ name }) => name,
    orderValueOf: ({ name, object }, field) =>
      field === 'NAME' ? name : (object?.metadata.creationTimestamp ?? ''),
  });
}

export function matchesNode(where: NodeFilter | null | undefined, { name, object }: NodeSource): boolean {
  return matches(where, (field, condition) => {
    switch (field) {
      case 'name':
        return compares(condition as StringFilter, name);
      case 'ready':
        return (readyOf(object) === true) === condition;
      case 'labels':
        return matchesLabels(condition as readonly LabelFilter[], object?.metadata.labels);
    }
  });
}

export const objectOf = (source: NodeSource, context: Context): KubeNode | undefined =>
  source.object ?? context.objects.node(source.name);

/** True, false, or null where the Ready condition is Unknown or was never set. */
export const ready = (source: NodeSource, context: Context): boolean | null =>
  readyOf(objectOf(source, context));

function readyOf(node: KubeNode | undefined): boolean | null {
  const condition = node?.status?.conditions?.find(({ type }) => type === 'Ready');
  return condition?.status === 'True' ? true : condition?.status === 'False' ? false : null;
}

/** By name: a Kubernetes map has no order of its own. */
export const resources = (source: NodeSource, context: Context, which: 'capacity' | 'allocatable') =>
  Object.entries(objectOf(source, context)?.status?.[which] ?? {})
    .map(([name, quantity]) => ({ name, quantity }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const ROLE = 'node-role.kubernetes.io/';

export const roles = (source: NodeSource, context: Context): string[] =>
  Object.keys(objectOf(source, context)?.metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE))
    .map((label) => label.slice(ROLE.length));

import type { KubeNode } from '../twin/cluster-object.ts';
import type { Context } from './context.ts';
import { type Filter, matches } from './filter.ts';
import { type Page, type PageArgs, paginate } from './page.ts';

/** A node as it runs through the schema: always its key; the object where somebody already looked it up. */
export interface NodeSource {
  name: string;
  object?: KubeNode;
}

export type NodeFilter = Filter<'name'>;

export const sourceOf = (object: KubeNode): NodeSource => ({ name: object.metadata.name, object });

export function node(name: string, context: Context): NodeSource | null {
  const object = context.objects.node(name);
  return object ? sourceOf(object) : null;
}

export function nodes(args: PageArgs & { where?: NodeFilter | null }, context: Context): Page<NodeSource> {
  const found = Array.from(context.objects.nodes(), sourceOf).filter((source) =>
    matches(args.where, () => source.name),
  );
  return paginate(found, ({ name }) => name, args);
}

export const objectOf = (source: NodeSource, context: Context): KubeNode | undefined =>
  source.object ?? context.objects.node(source.name);

/** True, false, or null where the Ready condition is Unknown or was never set. */
export function ready(source: NodeSource, context: Context): boolean | null {
  const condition = objectOf(source, context)?.status?.conditions?.find(({ type }) => type === 'Ready');
  return condition?.status === 'True' ? true : condition?.status === 'False' ? false : null;
}

const ROLE = 'node-role.kubernetes.io/';

export const roles = (source: NodeSource, context: Context): string[] =>
  Object.keys(objectOf(source, context)?.metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE))
    .map((label) => label.slice(ROLE.length));

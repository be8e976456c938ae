import { parseLabelSelector } from '../lib/label-selector.ts';
import type { ObjectMeta } from '../twin/device-object.ts';

/** Where a subscriber begins and what it wants, as every live set of objects takes it. */
export interface LiveArgs<Where> {
  where?: Where | null;
  /** As kubectl has it. */
  labelSelector?: string | null;
  after?: string | null;
}

/** Names a selection by its arguments. */
export const scopeOf = (...args: unknown[]): string => JSON.stringify(args);

/** @throws OctographError `LABEL_SELECTOR` */
export function selectorOf(text: string | null | undefined): (metadata: ObjectMeta) => boolean {
  if (!text) return () => true;
  const selects = parseLabelSelector(text);
  return ({ labels }) => selects(labels);
}

import { OctographError } from '../lib/errors.ts';
import type { KubeEvent } from '../twin/cluster-object.ts';
import type { NodeObject } from '../twin/node-object.ts';
import type { Context } from './context.ts';

const LIMIT = 200;

/**
 * The Events about an object, the last one first; none where the object is gone.
 * @throws OctographError `BAD_USER_INPUT`
 */
export function eventsOf(
  object: NodeObject | undefined,
  first: number | null | undefined,
  context: Context,
): KubeEvent[] {
  const count = first ?? 20;
  if (count < 0 || count > LIMIT) {
    throw new OctographError('BAD_USER_INPUT', `first is ${count}: expected 0 to ${LIMIT}`);
  }
  return object ? context.objects.events(object).slice(0, count) : [];
}

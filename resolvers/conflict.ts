import { OctographError } from '../lib/errors.ts';
import type { Conflict } from '../twin/conflict.ts';
import { splitId } from '../twin/device-object.ts';
import type { ConflictLedger, Context } from './context.ts';
import { type SetDesiredResult, setDesired } from './set-desired.ts';

export interface ConflictFilter {
  device?: { namespace: string; name: string } | null;
  /** Only those that nobody has seen to; or only the others. */
  open?: boolean | null;
}

export interface ConflictPage {
  edges: Array<{ cursor: string; node: Conflict }>;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const LIMIT = 1000;

/** The newest first. A cursor is the id of a conflict. */
export function conflicts(
  args: { where?: ConflictFilter | null; first?: number | null; after?: string | null },
  context: Context,
): ConflictPage {
  const first = args.first ?? 50;
  if (first < 0 || first > LIMIT) {
    throw new OctographError('BAD_USER_INPUT', `first is ${first}: expected 0 to ${LIMIT}`);
  }
  const { device, open } = args.where ?? {};
  const found = context.ledger.conflicts({
    device: device ? `${device.namespace}/${device.name}` : undefined,
    isOpen: open ?? undefined,
    after: args.after ?? undefined,
    limit: first + 1,
  });
  const edges = found.slice(0, first).map((node) => ({ cursor: node.id, node }));
  return { edges, pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}

/** Where conflicts are kept; a store of `store/` fits. */
export interface ConflictStore extends Pick<ConflictLedger, 'conflict' | 'conflicts'> {
  putConflict(conflict: Conflict): void;
  durable(): Promise<void>;
}

export const createLedger = (store: ConflictStore): ConflictLedger => ({
  conflict: (id) => store.conflict(id),
  conflicts: (query) => store.conflicts(query),
  async resolve(conflict) {
    store.putConflict(conflict);
    await store.durable();
  },
});

export const KEEP = ['WINNER', 'LOSER'] as const;

export type ResolveConflictResult =
  | { kind: 'Resolved'; conflict: Conflict }
  | Extract<SetDesiredResult, { kind: 'Rejected' }>;

/** Marks the conflict as seen to; with LOSER, what lost is set as desired again. */
export async function resolveConflict(
  { id, keep }: { id: string; keep: (typeof KEEP)[number] },
  context: Context,
): Promise<ResolveConflictResult> {
  const conflict = context.ledger.conflict(id);
  if (!conflict) {
    return { kind: 'Rejected', code: 'CONFLICT_NOT_FOUND', message: `conflict ${id} is not known here` };
  }
  if (conflict.resolvedAt !== undefined) {
    const at = new Date(conflict.resolvedAt).toISOString();
    return { kind: 'Rejected', code: 'CONFLICT_RESOLVED', message: `conflict ${id} was resolved at ${at}` };
  }
  if (keep === 'LOSER') {
    const [namespace, name] = splitId(conflict.device);
    const values = [{ property: conflict.property, value: conflict.loser.desired?.value ?? null }];
    const result = await setDesired({ device: { namespace, name }, values }, context);
    if (result.kind === 'Rejected') return result;
  }
  const resolved = { ...conflict, resolvedAt: context.clock.now() };
  await context.ledger.resolve(resolved);
  return { kind: 'Resolved', conflict: resolved };
}

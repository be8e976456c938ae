import { codeOf, messageOf } from '../lib/errors.ts';
import {
  type Change,
  type ChangeProgress,
  checkDesired,
  checkEnd,
  checkLocalOnly,
  checkPreconditions,
  isSeen,
  progressOf,
} from '../twin/change.ts';
import { propertyMap } from '../twin/model.ts';
import type { TwinValue } from '../twin/value.ts';
import { isEnd } from './change-tracker.ts';
import type { Context, DeviceKey } from './context.ts';
import { sourceOf } from './device.ts';
import type { ValueFilter } from './filter.ts';
import { idempotencyKeyFrom, timeoutFrom } from './request-bounds.ts';

export const WAIT_FOR = ['ACCEPTED', 'DELIVERED', 'REPORTED'] as const;
export type WaitFor = (typeof WAIT_FOR)[number];

export interface SetDesiredInput {
  device: { namespace: string; name: string };
  values: ReadonlyArray<{ property: string; value?: TwinValue }>;
  waitFor?: WaitFor | null;
  timeoutMs?: number | null;
  /** The same key of the same principal is the same request, for 24 hours. */
  idempotencyKey?: string | null;
  /** Milliseconds since the epoch, in the cloud's time. */
  expiresAt?: number | null;
  ifDesired?: ReadonlyArray<{ property: string; value?: TwinValue }> | null;
  ifReported?: ReadonlyArray<{ property: string; value: ValueFilter }> | null;
}

export interface ChangeSource extends Change, ChangeProgress {
  settledAt?: number;
}

export type SetDesiredResult =
  | { kind: 'Settled' | 'Pending' | 'TimedOut'; change: ChangeSource }
  | { kind: 'Rejected'; change?: ChangeSource; code: string; property?: string; message: string };

/** Checks, accepts, and waits as far as the caller asked. Business outcomes are results, not errors. */
export async function setDesired(input: SetDesiredInput, context: Context): Promise<SetDesiredResult> {
  const timeoutMs = timeoutFrom(input.timeoutMs, 0);
  const idempotencyKey = idempotencyKeyFrom(input.idempotencyKey);
  const isCloud = context.place.kind === 'CLOUD';
  const { namespace, name } = input.device;
  const object = context.objects.device(namespace, name);
  if (!object) {
    return {
      kind: 'Rejected',
      code: 'DEVICE_NOT_FOUND',
      message: `device ${namespace}/${name} does not exist`,
    };
  }
  const model = context.objects.modelOf(object);
  const checked = checkDesired(
    object,
    model,
    input.values.map(({ property, value = null }) => ({ property, value })),
    [...(input.ifDesired ?? []), ...(input.ifReported ?? [])],
  );
  if (!checked.ok) return { kind: 'Rejected', ...checked.refusal };
  const secret = checkLocalOnly(propertyMap(object, model), checked.values, input.ifReported ?? [], isCloud);
  if (secret) return { kind: 'Rejected', ...secret };
  const device = sourceOf(object);
  const waitFor = input.waitFor ?? 'ACCEPTED';
  const known = sameRequest(idempotencyKey, input.device, checked.values, context);
  if (known?.kind === 'Rejected') return known;
  if (known) return kept(settle(known.change, device, waitFor, timeoutMs, context), context);
  const expiresAt = input.expiresAt ?? undefined;
  // A node's own clock may be wrong: there the end is judged where the value is applied.
  const late = isCloud ? checkEnd(expiresAt, context.clock.now()) : undefined;
  if (late) return { kind: 'Rejected', ...late };
  const ifDesired = input.ifDesired?.map(({ property, value = null }) => ({ property, value }));
  const unmet = checkPreconditions(ifDesired ?? [], context.twins.known(device) ?? []);
  if (unmet) return { kind: 'Rejected', ...unmet };
  const change: Change = {
    id: context.createId('chg'),
    namespace,
    device: name,
    uid: object.metadata.uid ?? '',
    values: checked.values,
    createdAt: context.clock.now(),
    createdBy: context.principal.name,
    expiresAt,
    ifDesired,
    ifReported: input.ifReported?.map(({ property, value }) => ({ property, value })),
  };
  try {
    await context.commands.accept(change);
  } catch (error) {
    // Somebody was faster than the check above: the write itself is the judge.
    if (codeOf(error) !== 'DESIRED_CHANGED') throw error;
    return { kind: 'Rejected', code: 'PRECONDITION_FAILED', message: messageOf(error) };
  }
  await context.changes.accepted(change, idempotencyKey);
  return kept(settle(change, device, waitFor, timeoutMs, context), context);
}

const KEY_LIFE_MS = 24 * 3_600_000;

/** The change that this very request made before, a refusal where its key was used for another; undefined for a new one. */
function sameRequest(
  idempotencyKey: string | undefined,
  device: SetDesiredInput['device'],
  values: Change['values'],
  { changes, principal, clock }: Context,
): { kind: 'known'; change: Change } | Extract<SetDesiredResult, { kind: 'Rejected' }> | undefined {
  if (idempotencyKey === undefined) return undefined;
  const record = changes.findByKey(principal.name, idempotencyKey);
  if (!record || record.change.createdAt < clock.now() - KEY_LIFE_MS) return undefined;
  const { change } = record;
  const isSame =
    change.namespace === device.namespace &&
    change.device === device.name &&
    JSON.stringify(change.values) === JSON.stringify(values);
  if (isSame) return { kind: 'known', change };
  return {
    kind: 'Rejected',
    code: 'IDEMPOTENCY_KEY_REUSED',
    message: `idempotencyKey ${idempotencyKey} belongs to change ${change.id}, of other values or another device`,
  };
}

/** An end that was told stays told, whatever happens to the process: so it is kept first. */
async function kept(settling: Promise<SetDesiredResult>, { changes }: Context): Promise<SetDesiredResult> {
  const result = await settling;
  if (result.change && isEnd(result.change.state)) await changes.durable();
  return result;
}

async function settle(
  change: Change,
  device: DeviceKey,
  waitFor: WaitFor,
  timeoutMs: number,
  context: Context,
): Promise<SetDesiredResult> {
  let seen = false;
  const look = (): ChangeProgress => {
    // An end is kept: what came after it does not change how this change ended.
    const kept = context.changes.find(change.id)?.progress;
    if (kept && isEnd(kept.state)) return kept;
    const twins = context.twins.known(device) ?? [];
    seen ||= isSeen(change, twins);
    return seen ? progressOf(change, twins, seen) : { state: 'ACCEPTED', results: pendingResults(change) };
  };
  const sourceNow = (progress: ChangeProgress): ChangeSource => ({
    ...change,
    ...progress,
    settledAt: isEnd(progress.state) ? context.clock.now() : undefined,
  });
  if (waitFor === 'ACCEPTED') return resultOf(sourceNow(look()), 'Settled');
  if (!context.commands.reachable(device)) return resultOf(sourceNow(look()), 'Pending');
  return new Promise<SetDesiredResult>((resolve) => {
    const finish = (outcome: 'Settled' | 'Pending' | 'TimedOut', progress: ChangeProgress) => {
      unlisten();
      cancelTimer();
      context.signal?.removeEventListener('abort', onAbort);
      resolve(resultOf(sourceNow(progress), outcome));
    };
    const check = () => {
      const progress = look();
      if (reached(progress.state, waitFor)) finish('Settled', progress);
      else if (!context.commands.reachable(device)) finish('Pending', progress);
    };
    const onAbort = () => finish('TimedOut', look());
    const unlisten = context.twins.onChange(device, check);
    const cancelTimer = context.clock.setTimer(timeoutMs, () => finish('TimedOut', look()));
    context.signal?.addEventListener('abort', onAbort);
    if (context.signal?.aborted) onAbort();
    else check();
  });
}

const reached = (state: ChangeProgress['state'], waitFor: WaitFor) =>
  isEnd(state) || (waitFor === 'DELIVERED' && state === 'DELIVERED');

function pendingResults(change: Change): ChangeProgress['results'] {
  return change.values.map(({ property }) => ({ property, state: 'ACCEPTED' }));
}

/** An end that is not the one asked for is a rejection that says why. */
function resultOf(change: ChangeSource, outcome: 'Settled' | 'Pending' | 'TimedOut'): SetDesiredResult {
  if (change.state !== 'REJECTED' && change.state !== 'EXPIRED' && change.state !== 'SUPERSEDED') {
    return { kind: outcome, change };
  }
  const culprit = change.results.find(({ state }) => state === change.state);
  return {
    kind: 'Rejected',
    change,
    code: change.state,
    property: culprit?.property,
    message: culprit?.reason ?? `the change was ${change.state.toLowerCase()}`,
  };
}

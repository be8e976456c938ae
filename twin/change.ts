import type { DeviceModelObject, DeviceObject } from './device-object.ts';
import { type PropertyModel, propertyMap } from './model.ts';
import { type Desired, type ReportedCondition, sameValue } from './twin.ts';
import { checkValue, type TwinValue } from './value.ts';
import type { TwinView } from './view.ts';

export const CHANGE_STATES = [
  'ACCEPTED',
  'DELIVERED',
  'REPORTED',
  'REJECTED',
  'EXPIRED',
  'SUPERSEDED',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/** One request to set desired values: several properties of one device, accepted together. */
export interface Change {
  id: string;
  namespace: string;
  device: string;
  uid: string;
  values: Array<{ property: string; value: TwinValue }>;
  /** Wall clock, milliseconds. */
  createdAt: number;
  createdBy: string;
  /** Cloud wall clock, milliseconds: not applied from here on. */
  expiresAt?: number;
  /** What has to stand as desired when it is accepted; null for nothing. */
  ifDesired?: Array<{ property: string; value: TwinValue }>;
  /** What the device has to report when it is applied. */
  ifReported?: ReportedCondition[];
}

/** A change as it is kept, with how far it got when that was last written down. */
export interface ChangeRecord {
  change: Change;
  progress: ChangeProgress;
  /** Wall clock, milliseconds. */
  settledAt?: number;
  /** Given by the caller: the same key of the same principal is the same request. */
  idempotencyKey?: string;
}

/** What one property of a change asks of its device. */
export function desiredOfChange(change: Change, value: TwinValue): Desired {
  const { id, createdBy, createdAt, expiresAt, ifReported } = change;
  return { value, change: id, setBy: createdBy, setAt: createdAt, expiresAt, ifReported };
}

export interface ChangeResult {
  property: string;
  state: ChangeState;
  reason?: string;
}

export interface ChangeProgress {
  state: ChangeState;
  results: ChangeResult[];
}

export interface Refusal {
  code:
    | 'MODEL_NOT_FOUND'
    | 'PROPERTY_NOT_FOUND'
    | 'PROPERTY_READ_ONLY'
    | 'LOCAL_ONLY'
    | 'INVALID_VALUE'
    | 'NO_VALUES'
    | 'PRECONDITION_FAILED'
    | 'EXPIRED';
  property?: string;
  message: string;
}

/**
 * [T14] Values that may be asked of a device, or the first reason why they may not: all of them, or none.
 * `conditions` are those of the request; whether they hold is not judged here.
 */
export function checkDesired(
  device: DeviceObject,
  model: DeviceModelObject | undefined,
  values: ReadonlyArray<{ property: string; value: unknown }>,
  conditions: ReadonlyArray<{ property: string }> = [],
): { ok: true; values: Change['values'] } | { ok: false; refusal: Refusal } {
  const name = `${device.metadata.namespace ?? 'default'}/${device.metadata.name}`;
  if (!model) {
    const message = `device ${name} has no model: DeviceModel ${device.spec.deviceModelRef?.name ?? '(none)'} does not exist`;
    return { ok: false, refusal: { code: 'MODEL_NOT_FOUND', message } };
  }
  if (values.length === 0)
    return {
      ok: false,
      refusal: { code: 'NO_VALUES', message: 'values is empty: name at least one property' },
    };
  const properties = propertyMap(device, model);
  const checked: Change['values'] = [];
  for (const { property, value } of values) {
    const judged = judge(name, model, properties, property, value);
    if (!judged.ok) return judged;
    if (checked.some((other) => other.property === property)) {
      const message = `${property} is named twice: one value per property`;
      return { ok: false, refusal: { code: 'INVALID_VALUE', property, message } };
    }
    checked.push({ property, value: judged.value });
  }
  const foreign = conditions.find(({ property }) => !properties.has(property));
  if (foreign) return { ok: false, refusal: unknownProperty(name, model, properties, foreign.property) };
  return { ok: true, values: checked };
}

function unknownProperty(
  device: string,
  model: DeviceModelObject,
  properties: ReadonlyMap<string, PropertyModel>,
  property: string,
): Refusal {
  const known = [...properties.keys()].join(', ') || 'none';
  const message = `device ${device} has no property ${property}; its model ${model.metadata.name} has: ${known}`;
  return { code: 'PROPERTY_NOT_FOUND', property, message };
}

function judge(
  device: string,
  model: DeviceModelObject,
  properties: ReadonlyMap<string, PropertyModel>,
  name: string,
  value: unknown,
): { ok: true; value: TwinValue } | { ok: false; refusal: Refusal } {
  const refuse = (code: Refusal['code'], message: string) => ({
    ok: false as const,
    refusal: { code, property: name, message },
  });
  const property = properties.get(name);
  if (!property) return { ok: false, refusal: unknownProperty(device, model, properties, name) };
  if (property.accessMode === 'READ_ONLY') {
    return refuse(
      'PROPERTY_READ_ONLY',
      `${name} of device ${device} is READ_ONLY: it takes no desired value`,
    );
  }
  if (value === null) return { ok: true, value };
  const checked = checkValue(property, value);
  return checked.ok ? checked : refuse('INVALID_VALUE', checked.reason);
}

/**
 * [T25] Why a request may not be made where it is, because of what is local only. From outside of the node nothing of that is set or judged:
 * how the request fared would tell of it. At the node no condition on it decides what others see.
 */
export function checkLocalOnly(
  properties: ReadonlyMap<string, PropertyModel>,
  values: Change['values'],
  ifReported: readonly ReportedCondition[],
  isOutside: boolean,
): Refusal | undefined {
  const isLocalOnly = ({ property }: { property: string }) => properties.get(property)?.localOnly ?? false;
  const refuse = (property: string, message: string): Refusal => ({ code: 'LOCAL_ONLY', property, message });
  const set = isOutside ? values.find(isLocalOnly) : undefined;
  if (set) return refuse(set.property, `${set.property} is local only: set it at its node`);
  const judged = ifReported.find(isLocalOnly);
  if (!judged || (!isOutside && values.every(isLocalOnly))) return undefined;
  const message = `ifReported: ${judged.property} is local only: it decides of nothing that is seen from outside of its node`;
  return refuse(judged.property, message);
}

/** [T20] The first of `ifDesired` that does not hold now. */
export function checkPreconditions(
  conditions: NonNullable<Change['ifDesired']>,
  twins: readonly TwinView[],
): Refusal | undefined {
  for (const { property, value } of conditions) {
    const actual = twins.find(({ model }) => model.name === property)?.desired?.value ?? null;
    if (sameValue(actual, value)) continue;
    const message = `desired ${property} is ${JSON.stringify(actual)}, expected ${JSON.stringify(value)}`;
    return { code: 'PRECONDITION_FAILED', property, message };
  }
  return undefined;
}

/** [T20] Why nothing is written for a request whose end has passed. Both in the cloud's wall clock, milliseconds. */
export function checkEnd(expiresAt: number | undefined, now: number): Refusal | undefined {
  if (expiresAt === undefined || expiresAt > now) return undefined;
  const message = `expiresAt is ${new Date(expiresAt).toISOString()}: expected a time to come`;
  return { code: 'EXPIRED', message };
}

/**
 * [T16] How far a change got, from how its properties stand now. Level-based: the only memory is `seen`, whether this
 * reader saw the change stand as the desired value; before that another value there is the old one, not a later one.
 */
export function progressOf(change: Change, twins: readonly TwinView[], seen: boolean): ChangeProgress {
  const byName = new Map(twins.map((twin) => [twin.model.name, twin]));
  const results = change.values.map(({ property, value }) =>
    resultOf(change.id, property, value, byName.get(property), seen),
  );
  return { state: overall(results), results };
}

/**
 * [T16] The change has arrived where this reader looks. Its values arrive together, so one that bears its id speaks for all;
 * a change that only clears bears none, and has arrived when nothing is desired any more.
 */
export function isSeen(change: Change, twins: readonly TwinView[]): boolean {
  const byName = new Map(twins.map((twin) => [twin.model.name, twin]));
  const clears = change.values.filter(({ value }) => value === null);
  if (clears.length < change.values.length) {
    return change.values.some(({ property }) => byName.get(property)?.desired?.change === change.id);
  }
  return clears.every(({ property }) => !byName.get(property)?.desired);
}

function resultOf(
  id: string,
  property: string,
  value: TwinValue,
  twin: TwinView | undefined,
  seen: boolean,
): ChangeResult {
  if (!twin) return { property, state: 'SUPERSEDED', reason: 'the property is gone from the model' };
  const stands = value === null ? !twin.desired : twin.desired?.change === id;
  if (!stands) {
    return seen
      ? { property, state: 'SUPERSEDED', reason: 'another desired value took its place' }
      : { property, state: 'ACCEPTED' };
  }
  if (value === null) return { property, state: twin.observedDesired ? 'ACCEPTED' : 'REPORTED' };
  if (twin.sync.change !== id) return { property, state: 'ACCEPTED' };
  switch (twin.sync.state) {
    case 'IN_SYNC':
    case 'DRIFTED':
      return { property, state: 'REPORTED' };
    case 'DELIVERED':
      return { property, state: 'DELIVERED', reason: twin.sync.reason };
    case 'REJECTED':
      return { property, state: 'REJECTED', reason: twin.sync.reason };
    case 'EXPIRED':
      return { property, state: 'EXPIRED', reason: twin.sync.reason };
    default:
      return { property, state: 'ACCEPTED' };
  }
}

/** Several values settle together: the worst end wins, else the slowest. */
const WORST_FIRST: ChangeState[] = ['REJECTED', 'EXPIRED', 'SUPERSEDED', 'ACCEPTED', 'DELIVERED', 'REPORTED'];

function overall(results: ChangeResult[]): ChangeState {
  return WORST_FIRST.find((state) => results.some((result) => result.state === state)) ?? 'REPORTED';
}

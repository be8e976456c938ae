import { isDeepStrictEqual } from 'node:util';
import type { DeviceRequest, DeviceVersion, TwinRequest } from '../resolvers/context.ts';
import type { DeviceObject } from '../twin/device-object.ts';
import type { TwinViews } from '../twin/twin-views.ts';
import type { TwinView } from '../twin/view.ts';
import type { LiveStep } from './live/live-event.ts';
import { stepsOf } from './live/membership.ts';

/** A device before and after one change of it; absent where it was not, or is no more. */
export interface DeviceChange {
  before?: DeviceVersion;
  after?: DeviceVersion;
  /** Of the device itself: its object, its model, its state; not of its twins. */
  isOfDevice: boolean;
  /** Properties that came, went, or of which the twin is another, or fresh or stale as it was not before; all of them where the device moved. */
  properties: ReadonlySet<string>;
}

/** One property of a device at one moment. */
export interface TwinMember {
  device: DeviceVersion;
  view: TwinView;
  /** On UPDATED: as it was before. */
  previous?: TwinView;
  /** On LEFT: the device itself was deleted. */
  isDeviceGone?: boolean;
}

/** Undefined where nothing differs. */
export function changeBetween(
  before: DeviceVersion | undefined,
  after: DeviceVersion | undefined,
): DeviceChange | undefined {
  if (!before || !after) {
    const some = before ?? after;
    return some && { before, after, isOfDevice: true, properties: new Set(some.views.names()) };
  }
  const isOfDevice =
    !isSameObject(before.object, after.object) ||
    before.model !== after.model ||
    before.state.state !== after.state.state ||
    before.state.reason !== after.state.reason;
  const properties =
    before.key.nodeName === after.key.nodeName
      ? differing(before.views, after.views)
      : new Set([...before.views.names(), ...after.views.names()]);
  if (before.fresh !== after.fresh)
    for (const name of new Set([...(before.fresh ?? []), ...(after.fresh ?? [])]))
      if (isFresh(before, name) !== isFresh(after, name)) properties.add(name);
  return isOfDevice || properties.size > 0 ? { before, after, isOfDevice, properties } : undefined;
}

const isFresh = ({ fresh }: DeviceVersion, property: string) => fresh?.has(property) ?? false;

/** Its status is what a CloudCore writes of its twins: they have a say of their own. */
const isSameObject = (a: DeviceObject, b: DeviceObject): boolean =>
  a === b || (isDeepStrictEqual(a.spec, b.spec) && isDeepStrictEqual(a.metadata.labels, b.metadata.labels));

/** The device with another twin of one property; undefined where it lacks the property, or has this very twin. */
export function changeOfTwin(before: DeviceVersion, view: TwinView): DeviceChange | undefined {
  const known = before.views.get(view.model.name);
  if (!known || isDeepStrictEqual(known, view)) return undefined;
  const after = { ...before, views: before.views.with(view) };
  return { before, after, isOfDevice: false, properties: new Set([view.model.name]) };
}

function differing(before: TwinViews, after: TwinViews): Set<string> {
  const names = new Set<string>();
  if (before === after) return names;
  for (const view of after) {
    const known = before.get(view.model.name);
    if (known !== view && !isDeepStrictEqual(known, view)) names.add(view.model.name);
  }
  for (const name of before.names()) if (!after.get(name)) names.add(name);
  return names;
}

export function deviceSteps(
  change: DeviceChange,
  { matches, readsTwins }: Pick<DeviceRequest, 'matches' | 'readsTwins'>,
): readonly LiveStep<DeviceVersion>[] {
  if (!change.isOfDevice && !readsTwins) return [];
  return stepsOf(change, matches).filter(({ kind }) => change.isOfDevice || kind !== 'UPDATED');
}

/** A device that begins or ceases to match takes all its twins with it; else only those that changed are told. */
export function twinSteps(
  { before, after, isOfDevice, properties }: DeviceChange,
  { matches, readsTwins, properties: wanted }: Pick<TwinRequest, 'matches' | 'readsTwins' | 'properties'>,
): readonly LiveStep<TwinMember>[] {
  const is = after !== undefined && matches(after);
  // What the filter looks at is the same before and after.
  const isSettled = before !== undefined && after !== undefined && !isOfDevice && !readsTwins;
  const was = isSettled ? is : before !== undefined && matches(before);
  const names = was === is ? properties : new Set([...namesOf(before), ...namesOf(after)]);
  const steps: LiveStep<TwinMember>[] = [];
  for (const name of names) {
    if (wanted && !wanted.includes(name)) continue;
    const previous = was ? before?.views.get(name) : undefined;
    const view = is ? after?.views.get(name) : undefined;
    if (view && after) {
      const member = { device: after, view };
      steps.push(
        previous ? { kind: 'UPDATED', value: { ...member, previous } } : { kind: 'ENTERED', value: member },
      );
    } else if (previous && before) steps.push(leftOf({ device: before, view: previous }, after));
  }
  return steps;
}

const namesOf = (device: DeviceVersion | undefined): Iterable<string> => device?.views.names() ?? [];

function leftOf(last: TwinMember, after: DeviceVersion | undefined): LiveStep<TwinMember> {
  const view = after?.views.get(last.view.model.name);
  return {
    kind: 'LEFT',
    value: { device: after ?? last.device, view: view ?? last.view, isDeviceGone: after === undefined },
    isGone: view === undefined,
  };
}

import { isDeepStrictEqual } from 'node:util';
import type { DeviceRequest, DeviceVersion, TwinRequest } from '../resolvers/context.ts';
import type { DeviceObject } from '../twin/device-object.ts';
import type { TwinView } from '../twin/view.ts';
import type { LiveStep } from './live/live-event.ts';
import { stepsOf } from './live/membership.ts';

/** A device before and after one change of it; absent where it was not, or is no more. */
export interface DeviceChange {
  before?: DeviceVersion;
  after?: DeviceVersion;
  /** Of the device itself: its object, its model, its state; not of its twins. */
  isOfDevice: boolean;
  /** Properties that came, went, or of which the twin is another; all of them where the device moved. */
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
    const views = (before ?? after)?.views ?? [];
    return before || after
      ? { before, after, isOfDevice: true, properties: new Set(views.map(({ model }) => model.name)) }
      : undefined;
  }
  const isOfDevice =
    !isSameObject(before.object, after.object) ||
    before.model !== after.model ||
    before.state.state !== after.state.state ||
    before.state.reason !== after.state.reason;
  const properties =
    before.key.nodeName === after.key.nodeName
      ? differing(before.views, after.views)
      : new Set([...before.views, ...after.views].map(({ model }) => model.name));
  return isOfDevice || properties.size > 0 ? { before, after, isOfDevice, properties } : undefined;
}

/** Its status is what a CloudCore writes of its twins: they have a say of their own. */
const isSameObject = (a: DeviceObject, b: DeviceObject): boolean =>
  a === b || (isDeepStrictEqual(a.spec, b.spec) && isDeepStrictEqual(a.metadata.labels, b.metadata.labels));

function differing(before: readonly TwinView[], after: readonly TwinView[]): Set<string> {
  const views = new Map(before.map((view) => [view.model.name, view]));
  const names = new Set<string>();
  for (const view of after) {
    const known = views.get(view.model.name);
    views.delete(view.model.name);
    if (known !== view && !isDeepStrictEqual(known, view)) names.add(view.model.name);
  }
  for (const name of views.keys()) names.add(name);
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
  const isWanted = (name: string) => !wanted || wanted.includes(name);
  const membersOf = (device: DeviceVersion | undefined, isMember: boolean) =>
    new Map(
      (device && isMember ? device.views : [])
        .filter(({ model: { name } }) => isWanted(name) && (was !== is || properties.has(name)))
        .map((view): [string, TwinMember] => [view.model.name, { device: device!, view }]),
    );
  const previous = membersOf(before, was);
  const current = membersOf(after, is);
  const names = new Set([...previous.keys(), ...current.keys()]);
  return [...names].flatMap((name): LiveStep<TwinMember>[] => {
    const member = current.get(name);
    const last = previous.get(name);
    if (member && last) return [{ kind: 'UPDATED', value: { ...member, previous: last.view } }];
    if (member) return [{ kind: 'ENTERED', value: member }];
    return [leftOf(name, previous.get(name)!, after)];
  });
}

function leftOf(name: string, last: TwinMember, after: DeviceVersion | undefined): LiveStep<TwinMember> {
  const view = after?.views.find(({ model }) => model.name === name);
  return {
    kind: 'LEFT',
    value: { device: after ?? last.device, view: view ?? last.view, isDeviceGone: after === undefined },
    isGone: view === undefined,
  };
}

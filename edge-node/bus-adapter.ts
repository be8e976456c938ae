import type { BusState, BusTwins } from '../bus/event-bus.ts';
import type { BusDevice, MsgTwin, TextValue } from '../bus/kubeedge/replies.ts';
import type { TwinChange } from '../bus/kubeedge/twin-update.ts';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { Commands } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';
import { type Change, checkDesired } from '../twin/change.ts';
import { type DeviceObject, idOf } from '../twin/device-object.ts';
import { type PropertyModel, protocolOf } from '../twin/model.ts';
import { deviceIdsOf, type ObjectRef } from '../twin/node-object.ts';
import { type Desired, sameDesired, sameValue, type Twin } from '../twin/twin.ts';
import { encodeText, parseText, type TwinValue } from '../twin/value.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface BusAdapterOptions {
  registry: TwinRegistry;
  metadata: MetadataCache;
  store: EdgeStore;
  commands: Commands;
  /** Protocols that a mapper speaks: it alone says how their devices are. All others speak over the bus themselves. */
  mapped: ReadonlySet<string>;
  onState(device: string, state: BusState): void;
  createId: (prefix: string) => string;
  clock: Clock;
}

type Wanted = Parameters<BusTwins['onWanted']>[0];
type Membership = Parameters<BusTwins['onMembership']>[0];

/** A wish that was told so recently is not told again: the reply to it is on its way. */
const TELL_AGAIN_MS = 1_000;
const PRINCIPAL = 'mqtt';

/** The node's twins in KubeEdge's words, for the bus. */
export class BusAdapter implements BusTwins {
  readonly #options: BusAdapterOptions;
  readonly #wantedListeners = new Set<Wanted>();
  readonly #membershipListeners = new Set<Membership>();
  /** The wish that was told last, by device and property. */
  readonly #told = new Map<string, Map<string, { desired: Desired | undefined; at: number }>>();
  readonly #unlisten: Close;
  readonly #members = new Map<string, BusDevice>();
  /** While the bus itself changes twins: it tells of them in its own order. */
  #isUpdating = false;

  constructor(options: BusAdapterOptions) {
    this.#options = options;
    for (const twin of options.registry.all()) if (twin.observedDesired) this.#remember(twin);
    this.#unlisten = options.registry.onChange((twin) => this.#onTwin(twin));
  }

  devices(): BusDevice[] {
    return Array.from(this.#options.metadata.devices(), (device) => this.#busDevice(device));
  }

  twins(device: string): MsgTwin[] | undefined {
    const { registry } = this.#options;
    const properties = registry.device(device)?.properties;
    if (!properties) return undefined;
    return Array.from(properties.values(), (model) => msgTwin(model, registry.get(device, model.name)));
  }

  async update(device: string, changes: TwinChange[]): Promise<{ ok: true } | { ok: false; reason: string }> {
    const { registry, store, commands } = this.#options;
    const checked = this.#check(device, changes);
    if (!checked.ok) return checked;
    const now = this.#options.clock.now();
    let accepted: Promise<void>;
    this.#isUpdating = true;
    try {
      for (const { property, value } of checked.reported) {
        registry.report(device, property, { value, quality: 'GOOD', observedAt: now });
        if (this.#isBusDevice(device)) this.#confirm(device, property, value);
      }
      // It changes the twins at once, and waits for the disk after.
      accepted = checked.change ? commands.accept(checked.change) : store.durable();
    } finally {
      this.#isUpdating = false;
    }
    await accepted;
    return { ok: true };
  }

  setState(device: string, state: BusState): void {
    if (this.#isBusDevice(device)) this.#options.onState(device, state);
  }

  onWanted(listener: Wanted): Close {
    this.#wantedListeners.add(listener);
    return () => this.#wantedListeners.delete(listener);
  }

  onMembership(listener: Membership): Close {
    this.#membershipListeners.add(listener);
    return () => this.#membershipListeners.delete(listener);
  }

  /** Tells a wish again, unless it was told just now. */
  tellAgain(device: string, property: string): void {
    const twin = this.#options.registry.get(device, property);
    const told = this.#toldOf(device, property);
    if (!twin || (told && this.#options.clock.monotonic() - told.at < TELL_AGAIN_MS)) return;
    this.#tell(twin, twin);
  }

  /** Devices that are new or other ones, and those that are gone. */
  refreshMembers(devices: readonly DeviceObject[], gone: readonly ObjectRef[]): void {
    const removed = deviceIdsOf(gone).flatMap((id) => this.#members.get(id) ?? []);
    for (const { id } of removed) {
      this.#members.delete(id);
      this.#told.delete(id);
    }
    const added = devices.map((device) => this.#busDevice(device)).filter(({ id }) => !this.#members.has(id));
    for (const device of added) this.#members.set(device.id, device);
    if (added.length + removed.length === 0) return;
    for (const listener of this.#membershipListeners) listener(added, removed);
  }

  close(): void {
    this.#unlisten();
  }

  #check(device: string, changes: readonly TwinChange[]) {
    const { metadata, registry, clock, createId } = this.#options;
    const known = registry.device(device);
    if (!known) return { ok: false as const, reason: 'Update rejected due to the device is not existed' };
    const reported: Array<{ property: string; value: TwinValue }> = [];
    const desired: Array<{ property: string; value: TwinValue }> = [];
    for (const { property, expected, actual } of changes) {
      const model = known.properties.get(property);
      if (!model)
        return { ok: false as const, reason: `device ${device} has no property ${property} in its model` };
      // A reading beyond the model's range is a good reading: the range binds what is wanted.
      const said =
        actual === undefined
          ? undefined
          : parseText({ ...model, minimum: undefined, maximum: undefined }, actual);
      if (said && !said.ok) return said;
      if (said) reported.push({ property, value: said.value });
      if (expected === undefined) continue;
      const wish = expected === '' ? { ok: true as const, value: null } : parseText(model, expected);
      if (!wish.ok) return wish;
      desired.push({ property, value: wish.value });
    }
    if (desired.length === 0) return { ok: true as const, reported };
    const checked = checkDesired(known.object, metadata.modelOf(known.object), desired);
    if (!checked.ok) return { ok: false as const, reason: checked.refusal.message };
    const { namespace = 'default', name, uid = '' } = known.object.metadata;
    const change: Change = {
      id: createId('chg'),
      namespace,
      device: name,
      uid,
      values: checked.values,
      createdAt: clock.now(),
      createdBy: PRINCIPAL,
    };
    return { ok: true as const, reported, change };
  }

  /** What such a device says is what it is: with the value that is wanted, it has obeyed. */
  #confirm(device: string, property: string, value: TwinValue): void {
    const { registry } = this.#options;
    const twin = registry.get(device, property);
    if (twin?.sync.state !== 'DELIVERED' || !twin.observedDesired) return;
    if (sameValue(twin.observedDesired.value, value)) registry.confirm(device, property, value);
  }

  #onTwin(twin: Twin): void {
    const before = this.#toldOf(twin.device, twin.property)?.desired;
    if (sameDesired(before, twin.observedDesired)) return;
    if (this.#isUpdating) this.#remember(twin);
    else this.#tell({ ...twin, observedDesired: before }, twin);
  }

  #tell(before: Twin, twin: Twin): void {
    this.#remember(twin);
    const model = this.#options.registry.device(twin.device)?.properties.get(twin.property);
    if (!model) return;
    const now = msgTwin(model, twin);
    const last = before === twin ? now : msgTwin(model, before);
    for (const listener of this.#wantedListeners) listener(twin.device, last, now);
  }

  #remember({ device, property, observedDesired }: Twin): void {
    const at = this.#options.clock.monotonic();
    const ofDevice = this.#told.get(device) ?? new Map();
    this.#told.set(device, ofDevice.set(property, { desired: observedDesired, at }));
  }

  #toldOf(device: string, property: string) {
    return this.#told.get(device)?.get(property);
  }

  #isBusDevice(device: string): boolean {
    const { registry, metadata, mapped } = this.#options;
    const object = registry.device(device)?.object;
    return object !== undefined && !mapped.has(protocolOf(object, metadata.modelOf(object)).protocolName);
  }

  #busDevice(device: DeviceObject): BusDevice {
    const id = idOf(device);
    const known = this.#options.registry.state(id);
    return {
      id,
      name: device.metadata.name,
      state: known?.state ?? 'unknown',
      lastOnlineAt: known?.lastOnlineAt,
    };
  }
}

function msgTwin(model: PropertyModel, twin: Twin | undefined): MsgTwin {
  const { observedDesired, reported, sync } = twin ?? {};
  return {
    property: model.name,
    type: model.type.toLowerCase(),
    expected: textValue(observedDesired?.value, observedDesired?.setAt ?? sync?.since),
    actual: textValue(reported?.value, reported?.observedAt),
  };
}

/** What has no value is left out. */
const textValue = (value: TwinValue | undefined, at = 0): TextValue | undefined =>
  value === undefined || value === null ? undefined : { text: encodeText(value), at };

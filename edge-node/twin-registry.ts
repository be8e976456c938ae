import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { EdgeStore, StoreContent } from '../store/contract.ts';
import type { Verdict } from '../tunnel/messages.ts';
import { desiredOf, effectiveDesired, proposalSettled, replacing } from '../twin/desired.ts';
import { type DeviceModelObject, type DeviceObject, idOf } from '../twin/device-object.ts';
import { silenceMs } from '../twin/freshness.ts';
import { localOnlyOf } from '../twin/local-only.ts';
import { type PropertyModel, propertyMap } from '../twin/model.ts';
import {
  confirm,
  type DeviceStateInfo,
  expire,
  newTwin,
  observeDesired,
  type Proposal,
  type Reported,
  refuse,
  report,
  type Twin,
} from '../twin/twin.ts';

interface KnownDevice {
  object: DeviceObject;
  properties: Map<string, PropertyModel>;
  /** [T23] All of it is, its state too. */
  localOnly: boolean;
}

/**
 * The twins of this node: the working copy in memory, every change handed to the store. It applies the rules of `twin/`;
 * what a change sets off (a mapper's write, a reader's wake-up) is the listeners' business.
 */
export class TwinRegistry {
  readonly #store: EdgeStore;
  readonly #clock: Clock;
  readonly #devices = new Map<string, KnownDevice>();
  readonly #twins = new Map<string, Map<string, Twin>>();
  readonly #states = new Map<string, DeviceStateInfo>();
  readonly #proposals = new Map<string, Proposal>();
  readonly #listeners = new Set<(twin: Twin) => void>();

  constructor(store: EdgeStore, clock: Clock, content: StoreContent = store.load()) {
    this.#store = store;
    this.#clock = clock;
    for (const twin of content.twins) this.#twinsOf(twin.device).set(twin.property, twin);
    for (const state of content.states) this.#states.set(state.device, state);
    for (const proposal of content.proposals) this.#proposals.set(proposalKey(proposal), proposal);
  }

  get(device: string, property: string): Twin | undefined {
    return this.#twins.get(device)?.get(property);
  }

  *all(): Iterable<Twin> {
    for (const twins of this.#twins.values()) yield* twins.values();
  }

  ofDevice(device: string): Iterable<Twin> {
    return this.#twins.get(device)?.values() ?? [];
  }

  state(device: string): DeviceStateInfo | undefined {
    return this.#states.get(device);
  }

  states(): Iterable<DeviceStateInfo> {
    return this.#states.values();
  }

  proposals(): Iterable<Proposal> {
    return this.#proposals.values();
  }

  device(id: string): KnownDevice | undefined {
    return this.#devices.get(id);
  }

  /**
   * [T23] What is said of the device, or of the property of it, never leaves this node. What the node does not know, or not any more, is
   * nothing that anybody annotated.
   */
  isLocalOnly(device: string, property?: string): boolean {
    const known = this.#devices.get(device);
    if (property === undefined) return known?.localOnly ?? false;
    return known?.properties.get(property)?.localOnly ?? known?.localOnly ?? false;
  }

  /** [T23] What holds any of the device's values may leave this node. */
  mayLeave(device: string): boolean {
    const known = this.#devices.get(device);
    return (
      !known?.localOnly && ![...(known?.properties.values() ?? [])].some((property) => property.localOnly)
    );
  }

  /** Called at once after each change of a twin, before it is durable. */
  onChange(listener: (twin: Twin) => void): Close {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A device as it is wanted now: new, changed, or the same again. */
  setDevice(object: DeviceObject, model: DeviceModelObject | undefined): void {
    const id = idOf(object);
    const uid = object.metadata.uid ?? '';
    // A device created again under the same name is another device: nothing of the old one is said of it.
    if (this.#uidOf(id) !== undefined && this.#uidOf(id) !== uid) this.removeDevice(id);
    const properties = propertyMap(object, model);
    const kept = [...this.#twinsOf(id).keys()].filter((name) => this.isLocalOnly(id, name));
    this.#devices.set(id, { object, properties, localOnly: localOnlyOf(object, model).device });
    if (!this.#states.has(id)) this.setState({ device: id, uid, state: 'unknown' });
    for (const name of kept) if (!this.isLocalOnly(id, name)) this.#tellAgain(id, name);
    for (const property of properties.values()) this.#settleDesired(object, property);
  }

  removeDevice(id: string): void {
    this.#devices.delete(id);
    this.#twins.delete(id);
    this.#states.delete(id);
    this.#store.removeTwins(id);
    for (const proposal of this.#proposals.values()) if (proposal.device === id) this.#dropProposal(proposal);
  }

  /** The device said something. A property that its model lacks is refused. */
  report(device: string, property: string, reported: Reported): boolean {
    const known = this.#devices.get(device);
    if (!known?.properties.has(property)) return false;
    this.#change(device, property, (twin, now) => report(twin, reported, now));
    return true;
  }

  confirm(device: string, property: string, value: Reported['value']): void {
    this.#change(device, property, (twin, now) => confirm(twin, value, now));
  }

  refuse(device: string, property: string, reason: string): void {
    this.#change(device, property, (twin, now) => refuse(twin, reason, now));
  }

  expire(device: string, property: string, reason: string): void {
    this.#change(device, property, (twin, now) => expire(twin, reason, now));
  }

  setState(state: DeviceStateInfo): void {
    const wasOnline = this.#states.get(state.device)?.state === 'online';
    this.#states.set(state.device, state);
    this.#store.putState(state);
    if (wasOnline && state.state !== 'online') {
      this.#store.breakHistory(state.device, this.#clock.now(), state.reason ?? state.state);
    }
  }

  /**
   * A collection happened. Its time is kept in memory: after a restart the next collection says more than an old one. The
   * history hears that the values went on.
   */
  collected(device: string, properties: readonly string[], at: number): void {
    const state = this.#states.get(device);
    if (state) this.#states.set(device, { ...state, aliveAt: at, lastOnlineAt: at });
    const models = this.#devices.get(device)?.properties;
    const held = properties.flatMap((property) => {
      const twin = this.get(device, property);
      const model = models?.get(property);
      return twin?.reported && model ? [{ twin, gapMs: silenceMs(model) }] : [];
    });
    if (held.length > 0) this.#store.putCollected(held, at);
  }

  /** [T11] A desired value set here: acted on at once, whatever the cloud will say. */
  propose(wish: Proposal): void {
    const earlier = this.#proposals.get(proposalKey(wish));
    const proposal = earlier ? replacing(earlier, wish) : wish;
    // One per property, on disk too: after a restart the earlier one must not come back in its place.
    if (earlier) this.#dropProposal(earlier);
    this.#proposals.set(proposalKey(proposal), proposal);
    this.#store.putProposal(proposal);
    this.#resettle(proposal);
  }

  /** The cloud's word on a proposal. A refused one ends, and the cloud's own desired value counts again. */
  judge(
    change: string,
    device: string,
    property: string,
    { accepted, generation }: Pick<Verdict, 'accepted' | 'generation'>,
  ): void {
    const proposal = this.#proposals.get(`${device}/${property}`);
    if (proposal?.change !== change) return;
    if (!accepted) {
      this.#dropProposal(proposal);
    } else {
      const taken = { ...proposal, accepted: true, generation };
      this.#proposals.set(proposalKey(taken), taken);
      this.#store.putProposal(taken);
    }
    this.#resettle(proposal);
  }

  #resettle({ device, property }: Proposal): void {
    const known = this.#devices.get(device);
    const model = known?.properties.get(property);
    if (known && model) this.#settleDesired(known.object, model);
  }

  #settleDesired(object: DeviceObject, property: PropertyModel): void {
    const id = idOf(object);
    let proposal = this.#proposals.get(`${id}/${property.name}`);
    if (proposal && proposalSettled(proposal, object, property)) {
      this.#dropProposal(proposal);
      proposal = undefined;
    }
    const desired = effectiveDesired(property, desiredOf(object, property), proposal);
    if (!desired && !this.get(id, property.name)?.observedDesired) return;
    this.#change(id, property.name, (twin, now) => observeDesired(twin, desired, now));
  }

  #dropProposal(proposal: Proposal): void {
    this.#proposals.delete(proposalKey(proposal));
    this.#store.removeProposal(proposal.change, proposal.property);
  }

  #change(device: string, property: string, transition: (twin: Twin, now: number) => Twin): void {
    const known = this.#devices.get(device);
    if (!known) return;
    const now = this.#clock.now();
    const twins = this.#twinsOf(device);
    const before = twins.get(property) ?? newTwin(device, known.object.metadata.uid ?? '', property, now);
    const changed = transition(before, now);
    if (changed === before) return;
    const twin = { ...changed, seq: this.#store.nextSeq() };
    twins.set(property, twin);
    this.#store.putTwin(twin, { outbox: !this.isLocalOnly(device, property) });
    for (const listener of this.#listeners) listener(twin);
  }

  /** [T26] The cloud was not told how it stands; nothing of it changed, and it goes up as a change does. */
  #tellAgain(device: string, property: string): void {
    this.#change(device, property, (twin) => ({ ...twin }));
  }

  #twinsOf(device: string): Map<string, Twin> {
    let twins = this.#twins.get(device);
    if (!twins) {
      twins = new Map();
      this.#twins.set(device, twins);
    }
    return twins;
  }

  #uidOf(id: string): string | undefined {
    return this.#states.get(id)?.uid;
  }
}

const proposalKey = ({ device, property }: Proposal) => `${device}/${property}`;

import type { SnapshotUp } from '../tunnel/messages.ts';
import { digestOf, type PlacedTwin } from '../twin/digest.ts';
import type { DeviceStateInfo, Twin } from '../twin/twin.ts';

export interface ReplicaOptions {
  /** Whether the node holds this very device now; what another node says of it is not applied. */
  holds(nodeName: string, device: string, uid: string): boolean;
  /** [T24] What is said of it, of the property or, without one, of the device's state, is not for the cloud. */
  isLocalOnly(device: string, property?: string): boolean;
  /** Called for each twin that the replica took, in order, with the store that its position is of. */
  onTwin(nodeName: string, twin: Twin, storeId: string): void;
  /** Called for each twin that the node has no more, though it holds the device: a store was lost, or restored. */
  onForgotten(nodeName: string, twin: Twin): void;
  /** Called for each word of a device that holds, its state new or not: it was collected at `aliveAt`, if ever (ms, our wall clock). */
  onCollected(device: string, aliveAt: number | undefined): void;
  /** Called when a device's state or its reason is another; ages alone are no news. */
  onState(nodeName: string, state: DeviceStateInfo): void;
}

/** Another store's position says nothing of its place. */
export interface KnownTwin extends PlacedTwin {
  /** The node has it no more, and still holds the device: nobody is shown it, and its position counts on [T22]. */
  isGone?: true;
}

interface NodeReplica {
  storeId: string;
  /** All that the node has was taken in. */
  isWhole: boolean;
  /** Between the first and the last part of a snapshot: of which devices it is, and what it has named so far. */
  snapshot: { devices: ReadonlySet<string> | undefined; named: Set<string> } | undefined;
  twins: Map<string, Map<string, KnownTwin>>;
  states: Map<string, DeviceStateInfo>;
}

/**
 * What all nodes last said, in memory. Per property the order key decides: the store's identity, then its position. A
 * message that comes twice, or late, changes nothing.
 */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #nodes = new Map<string, NodeReplica>();

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  isLocalOnly = (device: string, property?: string): boolean => this.#options.isLocalOnly(device, property);

  /** A node connected. Another store than last time is another history: its word replaces all of the old one's. */
  connect(nodeName: string, storeId: string): void {
    const node = this.#nodes.get(nodeName);
    if (!node) {
      this.#nodes.set(nodeName, {
        storeId,
        isWhole: false,
        snapshot: undefined,
        twins: new Map(),
        states: new Map(),
      });
      return;
    }
    node.snapshot = undefined;
    if (node.storeId === storeId) return;
    node.storeId = storeId;
    node.isWhole = false;
  }

  /** What an earlier replica knew, before the node connects: what the node says again of it is nothing new. */
  restore(nodeName: string, twins: Iterable<KnownTwin>, states: Iterable<DeviceStateInfo>): void {
    if (this.#nodes.has(nodeName)) return;
    this.connect(nodeName, '');
    const node = this.#node(nodeName);
    for (const known of twins) {
      const { device, property } = known.twin;
      const ofDevice = node.twins.get(device) ?? new Map<string, KnownTwin>();
      node.twins.set(device, ofDevice.set(property, known));
    }
    for (const state of states) node.states.set(state.device, state);
  }

  /** A node that connected since this replica began, or that an earlier one knew. */
  knows(nodeName: string): boolean {
    return this.#nodes.has(nodeName);
  }

  /** What it lacks of the node's properties, the node has never said. */
  isWhole(nodeName: string): boolean {
    return this.#nodes.get(nodeName)?.isWhole ?? false;
  }

  /** @returns the twins that were refused: the node does not hold their device, or they are local only */
  apply(nodeName: string, updates: readonly Twin[]): Twin[] {
    return updates.filter((twin) => !this.#applyTwin(nodeName, twin));
  }

  /** One part of a snapshot; with the last one, what it did not name of its devices is gone. */
  applySnapshot(nodeName: string, message: SnapshotUp, receivedAt: number): void {
    const node = this.#node(nodeName);
    if (message.first)
      node.snapshot = { devices: message.devices && new Set(message.devices), named: new Set() };
    this.applyStates(nodeName, message.states, message.sentAt, receivedAt);
    for (const twin of message.updates) {
      node.snapshot?.named.add(`${twin.device}/${twin.property}`);
      this.#applyTwin(nodeName, twin);
    }
    if (!message.last || !node.snapshot) return;
    const { devices, named } = node.snapshot;
    for (const device of devices ?? node.twins.keys())
      for (const property of node.twins.get(device)?.keys() ?? [])
        if (!named.has(`${device}/${property}`)) this.#forget(nodeName, device, property);
    node.snapshot = undefined;
    if (!devices) node.isWhole = true;
  }

  /** [T22] The node has nothing of the device. */
  forgetDevice(nodeName: string, device: string): void {
    for (const property of this.#node(nodeName).twins.get(device)?.keys() ?? [])
      this.#forget(nodeName, device, property);
  }

  /** All that the node has is here. */
  becameWhole(nodeName: string): void {
    this.#node(nodeName).isWhole = true;
  }

  /** What is shown of the node, by device. */
  *held(nodeName: string): Iterable<readonly [device: string, twins: KnownTwin[]]> {
    for (const [device, known] of this.#node(nodeName).twins) {
      const twins = [...known.values()].filter(({ isGone }) => !isGone);
      if (twins.length > 0) yield [device, twins];
    }
  }

  /** [W37] A position that the node's store is known to have given, above `seq`: the store has gone back. */
  positionAbove(nodeName: string, storeId: string, seq: number): number | undefined {
    for (const twins of this.#nodes.get(nodeName)?.twins.values() ?? [])
      for (const known of twins.values())
        if (known.storeId === storeId && known.twin.seq > seq) return known.twin.seq;
    return undefined;
  }

  /** [W37] What the snapshot tells otherwise than it was told before, or from before that: the store has gone back. */
  contradictedBy(nodeName: string, { updates, seq = 0 }: SnapshotUp): Twin | undefined {
    const node = this.#node(nodeName);
    return updates.find((twin) => {
      const known = node.twins.get(twin.device)?.get(twin.property);
      if (!known || !isSameHistory(known, twin, node.storeId)) return false;
      if (known.twin.seq === twin.seq)
        return known.isGone || digestOf([known]) !== digestOf([{ ...known, twin }]);
      // What a query had the node read comes beside the order of the tunnel, and may be younger than the snapshot.
      return known.twin.seq > twin.seq && known.twin.seq <= seq;
    });
  }

  /** Ages are counted on the cloud's clock: what the node's own clock shows is data. */
  applyStates(
    nodeName: string,
    states: readonly DeviceStateInfo[],
    sentAt: number,
    receivedAt: number,
  ): void {
    const node = this.#node(nodeName);
    for (const state of states) {
      const { holds, isLocalOnly } = this.#options;
      if (!holds(nodeName, state.device, state.uid) || isLocalOnly(state.device)) continue;
      const aliveAt =
        state.aliveAt === undefined ? undefined : receivedAt - Math.max(0, sentAt - state.aliveAt);
      const before = node.states.get(state.device);
      const known = { ...state, aliveAt };
      node.states.set(state.device, known);
      const isNews =
        before?.uid !== state.uid || before.state !== state.state || before.reason !== state.reason;
      if (isNews) this.#options.onState(nodeName, known);
      this.#options.onCollected(state.device, aliveAt);
    }
  }

  twin(nodeName: string, device: string, uid: string, property: string): Twin | undefined {
    const known = this.#nodes.get(nodeName)?.twins.get(device)?.get(property);
    return known && !known.isGone && known.twin.uid === uid ? known.twin : undefined;
  }

  state(nodeName: string, device: string, uid: string): DeviceStateInfo | undefined {
    const state = this.#nodes.get(nodeName)?.states.get(device);
    return state?.uid === uid ? state : undefined;
  }

  /** The device was deleted, or moved to another node. */
  removeDevice(nodeName: string, device: string): void {
    this.#nodes.get(nodeName)?.twins.delete(device);
    this.#nodes.get(nodeName)?.states.delete(device);
  }

  /** T22: what is forgotten keeps its place: a report from before it may still be on its way, or come again. */
  #forget(nodeName: string, device: string, property: string): void {
    const twins = this.#node(nodeName).twins.get(device);
    const known = twins?.get(property);
    if (!twins || !known || known.isGone) return;
    twins.set(property, { ...known, isGone: true });
    this.#options.onForgotten(nodeName, known.twin);
  }

  /** [T26] Forgets what of the device is local only by now. @returns the properties that it knew */
  forgetLocalOnly(nodeName: string, device: string): string[] {
    const node = this.#nodes.get(nodeName);
    if (this.isLocalOnly(device)) node?.states.delete(device);
    const twins = node?.twins.get(device);
    const gone = [...(twins?.keys() ?? [])].filter((property) => this.isLocalOnly(device, property));
    for (const property of gone) twins?.delete(property);
    return gone;
  }

  #applyTwin(nodeName: string, twin: Twin): boolean {
    const { holds, isLocalOnly } = this.#options;
    if (!holds(nodeName, twin.device, twin.uid) || isLocalOnly(twin.device, twin.property)) return false;
    const node = this.#node(nodeName);
    let twins = node.twins.get(twin.device);
    if (!twins) {
      twins = new Map();
      node.twins.set(twin.device, twins);
    }
    const known = twins.get(twin.property);
    if (known && isSameHistory(known, twin, node.storeId) && known.twin.seq >= twin.seq) return true;
    twins.set(twin.property, { twin, storeId: node.storeId });
    this.#options.onTwin(nodeName, twin, node.storeId);
    return true;
  }

  #node(nodeName: string): NodeReplica {
    const node = this.#nodes.get(nodeName);
    if (!node) throw new Error(`node ${nodeName} never connected`);
    return node;
  }
}

const isSameHistory = (known: KnownTwin, { uid }: Twin, storeId: string): boolean =>
  known.twin.uid === uid && known.storeId === storeId;

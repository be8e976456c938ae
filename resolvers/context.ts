import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { Change, ChangeRecord } from '../twin/change.ts';
import type { KubeEvent, KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { Conflict } from '../twin/conflict.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import type { Freshness } from '../twin/freshness.ts';
import type { History, HistoryRange } from '../twin/history.ts';
import type { PropertyModel } from '../twin/model.ts';
import type { NodeObject, ObjectRef } from '../twin/node-object.ts';
import type { TwinViews } from '../twin/twin-views.ts';
import type { TwinValue } from '../twin/value.ts';
import type { TwinView } from '../twin/view.ts';
import type { Flow } from './flow.ts';
import type { InvokeMethodInput } from './invoke-method.ts';
import type { Messages } from './message.ts';

/** What a resolver may know: the services that cloud and edge node provide, each in its own way. */
export interface Context {
  principal: { name: string; rights: 'read' | 'write' };
  clock: Clock;
  /** Ends when the client goes away or the operation's deadline passes. */
  signal?: AbortSignal;
  createId(prefix: string): string;
  place: PlaceSource;
  objects: ObjectReader;
  twins: TwinReader;
  history: HistoryReader;
  live: LiveFeeds;
  commands: Commands;
  methods: MethodInvoker;
  browser: DeviceBrowser;
  messages: Messages;
  changes: ChangeBook;
  ledger: ConflictLedger;
  links: LinkReader;
  nodeFacts: NodeFactsReader;
  /** Absent at the edge: Kubernetes is in the cloud. */
  objectWriter?: ObjectWriter;
}

/** The live sets behind the subscriptions. */
export interface LiveFeeds {
  nodes: NodeFeed;
  pods: PodFeed;
  devices: DeviceFeed;
  twins: TwinFeed;
}

export interface PlaceSource {
  kind: 'CLOUD' | 'EDGE';
  nodeName?: string;
  version: string;
  /** Of the Kubernetes objects that are answered from. */
  kubernetes(): KubernetesFreshness;
}

export interface KubernetesFreshness {
  current: boolean;
  /** Wall clock, milliseconds; undefined where nobody knows. */
  asOf: number | undefined;
  reason: string | undefined;
}

/** Kubernetes objects from a cache: the informers' in the cloud, the metadata cache at the edge. Never a request. */
export interface ObjectReader {
  node(name: string): KubeNode | undefined;
  nodes(): Iterable<KubeNode>;
  pod(namespace: string, name: string): KubePod | undefined;
  pods(nodeName?: string): Iterable<KubePod>;
  device(namespace: string, name: string): DeviceObject | undefined;
  devices(nodeName?: string): Iterable<DeviceObject>;
  deviceModel(namespace: string, name: string): DeviceModelObject | undefined;
  deviceModels(): Iterable<DeviceModelObject>;
  /** Where such objects are, each namespace once. It is asked for each event that a bound caller is told. */
  namespaces(kind: NamespacedKind): Iterable<string>;
  /** The model that a device names. Whoever sees the device is told its values by it, and may not see the model itself. */
  modelOf(device: DeviceObject): DeviceModelObject | undefined;
  /** There is a Node of that name, whether the caller sees it or not. */
  hasNode(name: string): boolean;
  /** The Kubernetes Events about the object, the last one first. */
  events(object: NodeObject): KubeEvent[];
}

export type NamespacedKind = 'Pod' | 'Device' | 'DeviceModel';

/** Writes Kubernetes objects. Throws OctographError `KUBERNETES_…` with what the API server said. */
export interface ObjectWriter {
  create<T extends NodeObject>(object: T): Promise<T>;
  /** A JSON merge patch (RFC 7386); with a resourceVersion in it, only if nobody changed the object since. */
  patch<T extends NodeObject>(ref: ObjectRef, body: object): Promise<T>;
  remove(ref: ObjectRef): Promise<void>;
}

/** The key of a device carries its route. */
export interface DeviceKey {
  namespace: string;
  name: string;
  nodeName: string | null;
}

export const READ_MODES = ['AUTO', 'REPLICA', 'EDGE', 'DEVICE'] as const;
export type ReadMode = (typeof READ_MODES)[number];

export interface TwinSource extends TwinView {
  device: DeviceKey;
  freshness: Freshness;
}

export interface HistoryReader {
  /** @throws OctographError `EDGE_NODE_OFFLINE` where the node that keeps it is away */
  read(device: DeviceKey, property: PropertyModel, range: Omit<HistoryRange, 'gapMs'>): Promise<History>;
}

/** The device's own state, as its mapper last told it. */
export interface DeviceStateSource {
  state: string;
  reason?: string;
  /** Wall clock, milliseconds. */
  lastOnlineAt?: number;
}

export interface TwinReader {
  /** What is known here and now of a device; undefined where nothing ever was. */
  known(device: DeviceKey): TwinSource[] | undefined;
  /** The same of one property; undefined where the model lacks it. */
  knownTwin(device: DeviceKey, property: string): TwinSource | undefined;
  /**
   * @throws OctographError `EDGE_NODE_OFFLINE`, `PROPERTY_NOT_FOUND`, `MODEL_NOT_FOUND`; an offline node speaks once per
   * operation: `null` for the rest of its devices.
   */
  read(
    device: DeviceKey,
    properties: readonly string[] | undefined,
    mode: ReadMode,
  ): Promise<TwinSource[] | null>;
  state(device: DeviceKey): DeviceStateSource;
  /** Called after each change of a twin of this device, desired or reported. */
  onChange(device: DeviceKey, listener: () => void): Close;
}

export const LIVE_EVENT_KINDS = [
  'SNAPSHOT',
  'SNAPSHOT_END',
  'ENTERED',
  'UPDATED',
  'LEFT',
  'GAP',
  'RESET',
] as const;

/** What every event of a live set says, whatever it is a set of. */
export interface LiveEventSource {
  kind: (typeof LIVE_EVENT_KINDS)[number];
  cursor: string;
  gap?: { dropped: number };
}

/** What a subscriber wants of a live set. */
export interface LiveRequest<V> {
  after?: string;
  /** Names what `matches` accepts: all who ask with the same scope are served as one. */
  scope: string;
  /** Looks at nothing but the value: it is asked of what was as of what is. */
  matches(value: V): boolean;
}

export interface LiveEvents<R, E> extends AsyncIterableIterator<E> {
  /** Another part of the set from now on: RESET, and that part's members. */
  restart(request: R): void;
}

export interface LiveFeed<R, E> {
  subscribe(request: R): LiveEvents<R, E>;
}

export interface NodeEventSource extends LiveEventSource {
  name?: string;
  /** Absent where it was deleted. */
  node?: KubeNode;
}

export interface PodEventSource extends LiveEventSource {
  namespace?: string;
  name?: string;
  pod?: KubePod;
}

/** A device with all that a filter may look at, as it was at one moment. Immutable. */
export interface DeviceVersion {
  key: DeviceKey;
  object: DeviceObject;
  model: DeviceModelObject | undefined;
  state: Pick<DeviceStateSource, 'state' | 'reason'>;
  views: TwinViews;
  /** [T27] The properties that were last told to be fresh; absent where none was. */
  fresh?: ReadonlySet<string>;
}

export interface DeviceEventSource extends LiveEventSource {
  namespace?: string;
  name?: string;
  device?: DeviceVersion;
}

export interface DeviceRequest extends LiveRequest<DeviceVersion> {
  /** `matches` looks at values, sync states or qualities of twins. */
  readsTwins: boolean;
}

export interface TwinEventSource extends LiveEventSource {
  deviceRef?: { namespace: string; name: string };
  property?: string;
  /** Updates that were folded into this event. @default 0 */
  skipped?: number;
  /** Absent where it was deleted. */
  device?: DeviceKey;
  /** Absent where its model lacks it, or the device was deleted. */
  twin?: TwinSource;
}

export interface TwinRequest extends DeviceRequest {
  properties?: readonly string[];
  /** Absent: every update. */
  flow?: Flow;
}

export type NodeFeed = LiveFeed<LiveRequest<KubeNode>, NodeEventSource>;
export type PodFeed = LiveFeed<LiveRequest<KubePod>, PodEventSource>;
export type DeviceFeed = LiveFeed<DeviceRequest, DeviceEventSource>;
export type TwinFeed = LiveFeed<TwinRequest, TwinEventSource>;

export interface Commands {
  /**
   * Makes the change stand as desired, durably: in Kubernetes, or as a proposal at the edge.
   * @throws OctographError when it could not; nothing is half-applied then.
   */
  accept(change: Change): Promise<void>;
  /** The change can get to the device now: its node's link is up. */
  reachable(device: DeviceKey): boolean;
}

export interface MethodInvoker {
  /** @throws OctographError `DEVICE_…`, `METHOD_EXPIRED`, `IDEMPOTENCY_CONFLICT`; `EDGE_NODE_…` where the node is away */
  invoke(device: DeviceKey, call: InvokeMethodInput & { timeoutMs: number }): Promise<TwinValue>;
}

/** Accepted changes, and how far they got. */
export interface ChangeBook {
  /** Resolves when it is kept, whatever happens to the process. */
  accepted(change: Change, idempotencyKey?: string): Promise<void>;
  find(id: string): ChangeRecord | undefined;
  /** The newest change of that principal with that idempotency key. */
  findByKey(principal: string, key: string): ChangeRecord | undefined;
  /** Resolves when all that was said so far is kept: only that may be told. */
  durable(): Promise<void>;
  /** Called after each step of the change, its end the last one. */
  onProgress(id: string, listener: () => void): Close;
}

/** One node of what a device lists. */
export interface BrowsedNode {
  id: string;
  name: string;
  kind: BrowsedKind;
  dataType?: string;
  writable?: boolean;
}

export type BrowsedKind = 'object' | 'variable' | 'method' | 'other';

export interface DeviceBrowser {
  /** What the device lists one step below `node`. @throws OctographError as `MethodInvoker` does */
  browse(device: DeviceKey, node: string | undefined): Promise<BrowsedNode[]>;
}

/** Wishes that could not both stand. */
export interface ConflictLedger {
  conflict(id: string): Conflict | undefined;
  /** The newest first. */
  conflicts(query: { device?: string; isOpen?: boolean; after?: string; limit: number }): Conflict[];
  /** Resolves when it is kept. */
  resolve(conflict: Conflict): Promise<void>;
}

export interface LinkSource {
  state: 'UP' | 'DOWN';
  /** Wall clock, milliseconds. */
  since?: number;
  lastSyncAt?: number;
  /** Milliseconds of the last ping's way there and back. */
  rttMs?: number;
  /** Milliseconds since the oldest report that the cloud has not acknowledged; 0 without one. */
  lagMs?: number;
  /** Bytes of frames since the start of the answering process, as it sees in and out. */
  bytesIn?: number;
  bytesOut?: number;
  /** Since the start of the answering process. */
  reconnects?: number;
  /** Why it is, or was last, down. */
  lastError?: string;
}

export interface EdgeNodeSource {
  name: string;
  version?: string;
  link: LinkSource;
}

export interface MapperFacts {
  protocol: string;
  isLoaded: boolean;
  devices: number;
  online: number;
}

/** What a node knows of its own store and mappers. */
export interface NodeFacts {
  outbox: { items: number; bytes: number; oldestAgeMs: number; dropped: number };
  store: { id: string; epoch: number; isRefused: boolean; isHistoryStopped: boolean };
  /** An error where the node is of a version that does not tell. */
  mappers: MapperFacts[] | Error;
}

export interface NodeFactsReader {
  /**
   * Null where the operation has been told already that the node does not answer.
   * @throws OctographError `EDGE_NODE_OFFLINE` where the node is away
   */
  read(name: string): Promise<NodeFacts | null>;
}

export interface LinkReader {
  /** null for a node that never was an edge node of ours. */
  edgeNode(name: string): EdgeNodeSource | null;
}

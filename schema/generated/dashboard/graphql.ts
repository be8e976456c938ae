/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AccessMode =
  | 'READ_ONLY'
  | 'READ_WRITE';

export type ChangeState =
  | 'ACCEPTED'
  | 'DELIVERED'
  | 'EXPIRED'
  | 'REJECTED'
  | 'REPORTED'
  | 'SUPERSEDED';

export type ConflictFilter = {
  device?: DeviceRef | null | undefined;
  /** true: those that nobody has seen to; false: the others. */
  open?: boolean | null | undefined;
};

export type ConflictKeep =
  /** What lost: it is set as desired again. */
  | 'LOSER'
  /** What stands there now. */
  | 'WINNER';

export type ConflictSide =
  | 'CLOUD'
  | 'EDGE';

export type DesiredValueInput = {
  property: string;
  /** null: nothing is desired any more. */
  value?: number | string | boolean | null | null | undefined;
};

export type DeviceFilter = {
  and?: Array<DeviceFilter> | null | undefined;
  labels?: Array<LabelFilter> | null | undefined;
  /** The name of its DeviceModel. */
  model?: StringFilter | null | undefined;
  name?: StringFilter | null | undefined;
  namespace?: StringFilter | null | undefined;
  nodeName?: StringFilter | null | undefined;
  not?: DeviceFilter | null | undefined;
  or?: Array<DeviceFilter> | null | undefined;
  protocol?: StringFilter | null | undefined;
  /** online, offline, unhealthy, disconnected or unknown. */
  state?: StringFilter | null | undefined;
  twin?: TwinFilter | null | undefined;
};

export type DeviceRef = {
  name: string;
  namespace?: string;
};

export type FreshnessSource =
  | 'DEVICE'
  | 'EDGE'
  | 'LAST_KNOWN'
  | 'REPLICA';

export type InvokeMethodInput = {
  arguments?: Array<MethodArgument> | null | undefined;
  device: DeviceRef;
  /** Not called from here on, in the cloud's time. */
  expiresAt?: string | null | undefined;
  /** Calls of a device with the same key are one call. */
  idempotencyKey?: string | null | undefined;
  method: string;
  /** 1 to 60000. */
  timeoutMs?: number | null | undefined;
};

/** A condition on one label; all that are given must hold. */
export type LabelFilter = {
  eq?: string | null | undefined;
  exists?: boolean | null | undefined;
  gt?: string | null | undefined;
  gte?: string | null | undefined;
  in?: Array<string> | null | undefined;
  key: string;
  /** `%` stands for any text, `_` for one character. */
  like?: string | null | undefined;
  lt?: string | null | undefined;
  lte?: string | null | undefined;
  ne?: string | null | undefined;
};

export type LinkState =
  | 'DOWN'
  | 'UP';

export type LiveEventKind =
  | 'ENTERED'
  | 'GAP'
  | 'LEFT'
  | 'RESET'
  | 'SNAPSHOT'
  | 'SNAPSHOT_END'
  | 'UPDATED';

export type MethodArgument = {
  name: string;
  value?: number | string | boolean | null | null | undefined;
};

export type NodeFilter = {
  and?: Array<NodeFilter> | null | undefined;
  labels?: Array<LabelFilter> | null | undefined;
  name?: StringFilter | null | undefined;
  not?: NodeFilter | null | undefined;
  or?: Array<NodeFilter> | null | undefined;
  /** false: not ready, or nobody knows. */
  ready?: boolean | null | undefined;
};

export type PlaceKind =
  | 'CLOUD'
  | 'EDGE';

export type Quality =
  | 'BAD'
  | 'GOOD'
  | 'UNCERTAIN';

export type ReportedCondition = {
  property: string;
  value: ValueFilter;
};

export type ResolveConflictInput = {
  id: string | number;
  keep: ConflictKeep;
};

export type SetDesiredInput = {
  device: DeviceRef;
  /** Not applied from here on, in the cloud's time. */
  expiresAt?: string | null | undefined;
  /** The same key of the same principal is the same request, for 24 hours: it is not done twice. */
  idempotencyKey?: string | null | undefined;
  /** What has to stand as desired when it is accepted; null: nothing. */
  ifDesired?: Array<DesiredValueInput> | null | undefined;
  /** What the device has to report when it is applied; judged at the edge. */
  ifReported?: Array<ReportedCondition> | null | undefined;
  /** 0 to 60000. */
  timeoutMs?: number | null | undefined;
  /** One patch: all of them are accepted, or none; they settle together. */
  values: Array<DesiredValueInput>;
  waitFor?: WaitFor | null | undefined;
};

/** A condition on one text field; all that are given must hold. */
export type StringFilter = {
  eq?: string | null | undefined;
  gt?: string | null | undefined;
  gte?: string | null | undefined;
  in?: Array<string> | null | undefined;
  /** `%` stands for any text, `_` for one character. */
  like?: string | null | undefined;
  lt?: string | null | undefined;
  lte?: string | null | undefined;
  ne?: string | null | undefined;
};

/** How a desired value and the device stand to each other. */
export type SyncState =
  /** The edge node holds it; the device has not confirmed it yet. */
  | 'DELIVERED'
  /** It was in sync; the device reports something else now. */
  | 'DRIFTED'
  /** It was not applied in time. */
  | 'EXPIRED'
  /** The device confirmed it, and reports it. */
  | 'IN_SYNC'
  /** Nothing is desired. */
  | 'NONE'
  /** The edge node has not seen the desired value yet. */
  | 'PENDING'
  /** The device, the model or a precondition refused it; the reason says why. */
  | 'REJECTED';

export type SyncStateFilter = {
  eq?: SyncState | null | undefined;
  in?: Array<SyncState> | null | undefined;
  ne?: SyncState | null | undefined;
};

/** A condition on one property, judged over what is known where the query runs, whatever `read` says. */
export type TwinFilter = {
  property: string;
  reported?: ValueFilter | null | undefined;
  stale?: boolean | null | undefined;
  sync?: SyncStateFilter | null | undefined;
};

/** A condition on a value of a device; values of another type meet `ne` alone. */
export type ValueFilter = {
  eq?: number | string | boolean | null | null | undefined;
  gt?: number | string | boolean | null | null | undefined;
  gte?: number | string | boolean | null | null | undefined;
  in?: Array<number | string | boolean | null> | null | undefined;
  /** Of texts: `%` stands for any text, `_` for one character. */
  like?: string | null | undefined;
  lt?: number | string | boolean | null | null | undefined;
  lte?: number | string | boolean | null | null | undefined;
  ne?: number | string | boolean | null | null | undefined;
};

export type ValueType =
  | 'BOOLEAN'
  | 'BYTES'
  | 'DOUBLE'
  | 'FLOAT'
  | 'INT'
  | 'STREAM'
  | 'STRING';

/** How far setDesired waits. */
export type WaitFor =
  /** It stands as desired, durably. */
  | 'ACCEPTED'
  /** The edge node holds it. */
  | 'DELIVERED'
  /** It was written to the device and read back. */
  | 'REPORTED';

export type ConflictFieldsFragment = { id: string, property: string, at: string, resolvedAt: string | null, device: { namespace: string, name: string, nodeName: string | null } | null, winner: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null }, loser: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null } };

export type WishFieldsFragment = { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null };

export type ConflictsQueryVariables = Exact<{
  where?: ConflictFilter | null | undefined;
  first: number;
}>;


export type ConflictsQuery = { conflicts: { pageInfo: { hasNextPage: boolean }, edges: Array<{ node: { id: string, property: string, at: string, resolvedAt: string | null, device: { namespace: string, name: string, nodeName: string | null } | null, winner: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null }, loser: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null } } }> } };

export type ResolveConflictMutationVariables = Exact<{
  input: ResolveConflictInput;
}>;


export type ResolveConflictMutation = { resolveConflict:
    | { __typename: 'ConflictResolved' }
    | { __typename: 'Rejected', message: string }
   };

export type EventFieldsFragment = { type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null };

export type DeviceFieldsFragment = { namespace: string, name: string, nodeName: string | null, protocol: string | null, state: string, stateReason: string | null, lastOnlineAt: string | null, model: { name: string } | null };

export type DeviceListQueryVariables = Exact<{
  where?: DeviceFilter | null | undefined;
  labelSelector?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type DeviceListQuery = { devices: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, edges: Array<{ node: { namespace: string, name: string, nodeName: string | null, protocol: string | null, state: string, stateReason: string | null, lastOnlineAt: string | null, model: { name: string } | null } }> } };

export type FilterChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type FilterChoicesQuery = { deviceModels: { edges: Array<{ node: { namespace: string, name: string, properties: Array<{ name: string }> } }> }, nodes: { edges: Array<{ node: { name: string } }> } };

export type DevicePageQueryVariables = Exact<{
  namespace: string;
  name: string;
}>;


export type DevicePageQuery = { device: { createdAt: string | null, namespace: string, name: string, nodeName: string | null, protocol: string | null, state: string, stateReason: string | null, lastOnlineAt: string | null, labels: Array<{ key: string, value: string }>, model: { name: string, properties: Array<{ name: string, description: string | null }> } | null, node: { name: string, ready: boolean | null, conditions: Array<{ type: string, reason: string | null, message: string | null }>, edgeNode: { link: { state: LinkState, since: string | null, lastSyncAt: string | null } } | null } | null, methods: Array<{ name: string, description: string | null }>, events: Array<{ type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null }> } | null };

export type SetDesiredMutationVariables = Exact<{
  input: SetDesiredInput;
}>;


export type SetDesiredMutation = { setDesired:
    | { __typename: 'Pending', change: { id: string, state: ChangeState } }
    | { __typename: 'Rejected', code: string, message: string, property: string | null }
    | { __typename: 'Settled', change: { id: string, state: ChangeState } }
    | { __typename: 'TimedOut', change: { id: string, state: ChangeState } }
   };

export type NodeFieldsFragment = { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, outbox: { items: number, bytes: number, oldestAgeMs: number, dropped: number } | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } };

export type FleetQueryVariables = Exact<{
  where?: NodeFilter | null | undefined;
  labelSelector?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type FleetQuery = { nodes: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, edges: Array<{ node: { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, outbox: { items: number, bytes: number, oldestAgeMs: number, dropped: number } | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } } }> } };

export type NodePageQueryVariables = Exact<{
  name: string;
}>;


export type NodePageQuery = { node: { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, labels: Array<{ key: string, value: string }>, addresses: Array<{ type: string, address: string }>, events: Array<{ type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null }>, podList: { totalCount: number, edges: Array<{ node: { namespace: string, name: string, phase: string | null, reason: string | null, message: string | null, startedAt: string | null, containers: Array<{ name: string, image: string | null, ready: boolean, restartCount: number, state: string | null }> } }> }, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, outbox: { items: number, bytes: number, oldestAgeMs: number, dropped: number } | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } } | null };

export type HistoryQueryVariables = Exact<{
  namespace: string;
  name: string;
  property: string;
  from: string;
  to: string;
  points: number;
  pairs: number;
}>;


export type HistoryQuery = { device: { twin: { extremes: { samples: Array<{ at: string, value: number | string | boolean | null, quality: Quality }>, gaps: Array<{ from: string, to: string }> } | null, means: { samples: Array<{ at: string, value: number | string | boolean | null }> } | null } | null } | null };

export type InvokeMethodMutationVariables = Exact<{
  input: InvokeMethodInput;
}>;


export type InvokeMethodMutation = { invokeMethod:
    | { __typename: 'MethodDone', value: number | string | boolean | null }
    | { __typename: 'MethodFailed', code: string, message: string }
   | null };

export type PlaceQueryVariables = Exact<{ [key: string]: never; }>;


export type PlaceQuery = { place: { kind: PlaceKind, nodeName: string | null, version: string, time: string } };

export type TwinFieldsFragment = { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } };

export type TwinsSubscriptionVariables = Exact<{
  where: DeviceFilter;
  after?: string | null | undefined;
}>;


export type TwinsSubscription = { twins: { kind: LiveEventKind, cursor: string, property: string | null, deviceRef: { namespace: string, name: string } | null, twin: { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } } | null, gap: { dropped: number } | null } | null };

export type FreshnessQueryVariables = Exact<{
  where: DeviceFilter;
}>;


export type FreshnessQuery = { devices: { edges: Array<{ node: { namespace: string, name: string, state: string, stateReason: string | null, lastOnlineAt: string | null, twins: Array<{ property: string, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } }> | null } }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const WishFieldsFragmentDoc = new TypedDocumentString(`
    fragment WishFields on ConflictWish {
  value
  from
  setBy
  setAt
}
    `, {"fragmentName":"WishFields"}) as unknown as TypedDocumentString<WishFieldsFragment, unknown>;
export const ConflictFieldsFragmentDoc = new TypedDocumentString(`
    fragment ConflictFields on Conflict {
  id
  property
  at
  resolvedAt
  device {
    namespace
    name
    nodeName
  }
  winner {
    ...WishFields
  }
  loser {
    ...WishFields
  }
}
    fragment WishFields on ConflictWish {
  value
  from
  setBy
  setAt
}`, {"fragmentName":"ConflictFields"}) as unknown as TypedDocumentString<ConflictFieldsFragment, unknown>;
export const EventFieldsFragmentDoc = new TypedDocumentString(`
    fragment EventFields on Event {
  type
  reason
  message
  source
  count
  lastSeenAt
}
    `, {"fragmentName":"EventFields"}) as unknown as TypedDocumentString<EventFieldsFragment, unknown>;
export const DeviceFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeviceFields on Device {
  namespace
  name
  nodeName
  protocol
  state
  stateReason
  lastOnlineAt
  model {
    name
  }
}
    `, {"fragmentName":"DeviceFields"}) as unknown as TypedDocumentString<DeviceFieldsFragment, unknown>;
export const NodeFieldsFragmentDoc = new TypedDocumentString(`
    fragment NodeFields on Node {
  name
  ready
  roles
  createdAt
  conditions {
    type
    status
    reason
    message
  }
  edgeNode {
    version
    outbox {
      items
      bytes
      oldestAgeMs
      dropped
    }
    link {
      state
      since
      lastSyncAt
      lagMs
      rttMs
      reconnects
      lastError
    }
  }
  online: devices(first: 0, where: {state: {eq: "online"}}) {
    totalCount
  }
  offline: devices(first: 0, where: {state: {eq: "offline"}}) {
    totalCount
  }
  allDevices: devices(first: 0) {
    totalCount
  }
  running: pods(first: 0, where: {phase: {eq: "Running"}}) {
    totalCount
  }
  pending: pods(first: 0, where: {phase: {eq: "Pending"}}) {
    totalCount
  }
  allPods: pods(first: 0) {
    totalCount
  }
}
    `, {"fragmentName":"NodeFields"}) as unknown as TypedDocumentString<NodeFieldsFragment, unknown>;
export const TwinFieldsFragmentDoc = new TypedDocumentString(`
    fragment TwinFields on Twin {
  property
  type
  unit
  accessMode
  minimum
  maximum
  desired {
    value
    raw
    change
    setAt
    setBy
  }
  reported {
    value
    raw
    quality
    observedAt
  }
  sync {
    state
    change
    since
    reason
  }
  freshness {
    ageMs
    stale
    source
    link
    linkSince
  }
}
    `, {"fragmentName":"TwinFields"}) as unknown as TypedDocumentString<TwinFieldsFragment, unknown>;
export const ConflictsDocument = {"__meta__":{"hash":"sha256:eb9d9cb6a847be4b14d00592ff2f98961938dadf6a5e89807f84fdab1a024757"}} as unknown as TypedDocumentString<ConflictsQuery, ConflictsQueryVariables>;
export const ResolveConflictDocument = {"__meta__":{"hash":"sha256:3f56ffa156e5054497484069b3053d282e594fee2999c446af16d9e479c5dd31"}} as unknown as TypedDocumentString<ResolveConflictMutation, ResolveConflictMutationVariables>;
export const DeviceListDocument = {"__meta__":{"hash":"sha256:fe8af7f34162da295ff5ef84e331ffdd72e7173e9d070ab565eee280ed339db8"}} as unknown as TypedDocumentString<DeviceListQuery, DeviceListQueryVariables>;
export const FilterChoicesDocument = {"__meta__":{"hash":"sha256:2d38e462bbcdf9ece349fe542db82e915ea5ab70bfa8aefe49485cc66eba8604"}} as unknown as TypedDocumentString<FilterChoicesQuery, FilterChoicesQueryVariables>;
export const DevicePageDocument = {"__meta__":{"hash":"sha256:4bb2dd276f83fd8ada4f44ba85ee3267a21e0f176c19928dcf6654a65f7b4182"}} as unknown as TypedDocumentString<DevicePageQuery, DevicePageQueryVariables>;
export const SetDesiredDocument = {"__meta__":{"hash":"sha256:93457891cc7c0e3d9d2d02290d1c34065c59aba3f36bf9c4017ae3c8a2d1e6fc"}} as unknown as TypedDocumentString<SetDesiredMutation, SetDesiredMutationVariables>;
export const FleetDocument = {"__meta__":{"hash":"sha256:7ee7d38a46aa596e37c2804f15e7b53d25cb90e07cd4f166f6104f388e297a91"}} as unknown as TypedDocumentString<FleetQuery, FleetQueryVariables>;
export const NodePageDocument = {"__meta__":{"hash":"sha256:da60308b30ef84b6fb4960338dc3e74c74c85fadf3154e6d019e9a3fe9d9babb"}} as unknown as TypedDocumentString<NodePageQuery, NodePageQueryVariables>;
export const HistoryDocument = {"__meta__":{"hash":"sha256:bcdc23321f91ac2406a7174910f1b87a518bd9fa751cb0e441abde663263b764"}} as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const InvokeMethodDocument = {"__meta__":{"hash":"sha256:d10bf623a0d73f08405b0af8fe638e4ddcff2b9b94ce842dc3dd4588ae788eb4"}} as unknown as TypedDocumentString<InvokeMethodMutation, InvokeMethodMutationVariables>;
export const PlaceDocument = {"__meta__":{"hash":"sha256:f23295764ebc9f1cfde9960741f29075aadba85e768c95e488bdd0daaab08e9a"}} as unknown as TypedDocumentString<PlaceQuery, PlaceQueryVariables>;
export const TwinsDocument = {"__meta__":{"hash":"sha256:12ddb27fb8e901cbde6d669a10eb7377f72265e003bb0bac578bead0ec45a43c"}} as unknown as TypedDocumentString<TwinsSubscription, TwinsSubscriptionVariables>;
export const FreshnessDocument = {"__meta__":{"hash":"sha256:5fca959c87d416f78d31e340f88c9c6332cbcdcf40d8150e87f9ac639f6f2ec3"}} as unknown as TypedDocumentString<FreshnessQuery, FreshnessQueryVariables>;
/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AccessMode =
  | 'READ_ONLY'
  | 'READ_WRITE';

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

export type PodFilter = {
  and?: Array<PodFilter> | null | undefined;
  labels?: Array<LabelFilter> | null | undefined;
  name?: StringFilter | null | undefined;
  namespace?: StringFilter | null | undefined;
  nodeName?: StringFilter | null | undefined;
  not?: PodFilter | null | undefined;
  or?: Array<PodFilter> | null | undefined;
  phase?: StringFilter | null | undefined;
};

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

export type NodeChangesSubscriptionVariables = Exact<{
  where?: NodeFilter | null | undefined;
  labelSelector?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type NodeChangesSubscription = { change: { kind: LiveEventKind, cursor: string } };

export type PodChangesSubscriptionVariables = Exact<{
  where?: PodFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type PodChangesSubscription = { change: { kind: LiveEventKind, cursor: string } };

export type DeviceChangesSubscriptionVariables = Exact<{
  where?: DeviceFilter | null | undefined;
  labelSelector?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type DeviceChangesSubscription = { change: { kind: LiveEventKind, cursor: string } };

export type ConflictFieldsFragment = { id: string, property: string, at: string, resolvedAt: string | null, device: { namespace: string, name: string, nodeName: string | null } | null, winner: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null }, loser: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null } };

export type WishFieldsFragment = { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null };

export type ConflictsQueryVariables = Exact<{
  where?: ConflictFilter | null | undefined;
  first: number;
}>;


export type ConflictsQuery = { conflicts: { pageInfo: { hasNextPage: boolean }, edges: Array<{ node: { id: string, property: string, at: string, resolvedAt: string | null, device: { namespace: string, name: string, nodeName: string | null } | null, winner: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null }, loser: { value: number | string | boolean | null, from: ConflictSide, setBy: string | null, setAt: string | null } } }> } };

export type OpenConflictsQueryVariables = Exact<{
  first: number;
}>;


export type OpenConflictsQuery = { conflicts: { pageInfo: { hasNextPage: boolean }, edges: Array<{ cursor: string }> } };

export type ResolveConflictMutationVariables = Exact<{
  input: ResolveConflictInput;
}>;


export type ResolveConflictMutation = { resolveConflict:
    | { __typename: 'ConflictResolved' }
    | { __typename: 'Rejected', message: string }
   };

export type PageFieldsFragment = { endCursor: string | null, hasNextPage: boolean };

export type LabelFieldsFragment = { key: string, value: string };

export type EventFieldsFragment = { type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null };

export type DeviceStateFieldsFragment = { state: string, stateReason: string | null, lastOnlineAt: string | null };

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


export type DevicePageQuery = { device: { createdAt: string | null, namespace: string, name: string, nodeName: string | null, protocol: string | null, state: string, stateReason: string | null, lastOnlineAt: string | null, labels: Array<{ key: string, value: string }>, model: { name: string, properties: Array<{ name: string, description: string | null }> } | null, node: { name: string, ready: boolean | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null }>, edgeNode: { link: { state: LinkState, since: string | null } } | null } | null, methods: Array<{ name: string, description: string | null, arguments: Array<{ name: string, description: string | null, type: ValueType, unit: string | null, minimum: number | null, maximum: number | null }> }>, problems: Array<{ reason: string, message: string }>, events: Array<{ type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null }> } | null };

export type SetDesiredMutationVariables = Exact<{
  input: SetDesiredInput;
}>;


export type SetDesiredMutation = { setDesired:
    | { __typename: 'Pending' }
    | { __typename: 'Rejected', message: string }
    | { __typename: 'Settled' }
    | { __typename: 'TimedOut' }
   };

export type LinkFieldsFragment = { state: LinkState, since: string | null };

export type ConditionFieldsFragment = { type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null };

export type NodeStateFieldsFragment = { name: string, ready: boolean | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null }>, edgeNode: { link: { state: LinkState, since: string | null } } | null };

export type NodeFieldsFragment = { name: string, ready: boolean | null, edgeNode: { version: string | null, outbox: { items: number, bytes: number } | null, link: { lastSyncAt: string | null, lagMs: number | null, state: LinkState, since: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number }, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null }> };

export type FleetQueryVariables = Exact<{
  where?: NodeFilter | null | undefined;
  labelSelector?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type FleetQuery = { nodes: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, edges: Array<{ node: { name: string, ready: boolean | null, edgeNode: { version: string | null, outbox: { items: number, bytes: number } | null, link: { lastSyncAt: string | null, lagMs: number | null, state: LinkState, since: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number }, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null }> } }> } };

export type NodePageQueryVariables = Exact<{
  name: string;
}>;


export type NodePageQuery = { node: { roles: Array<string>, createdAt: string | null, name: string, ready: boolean | null, edgeNode: { version: string | null, outbox: { oldestAgeMs: number, dropped: number, items: number, bytes: number } | null, store: { isRefused: boolean, isHistoryStopped: boolean } | null, mappers: Array<{ protocol: string, isLoaded: boolean, devices: number, online: number }> | null, link: { rttMs: number | null, reconnects: number | null, lastError: string | null, lastSyncAt: string | null, lagMs: number | null, state: LinkState, since: string | null } } | null, labels: Array<{ key: string, value: string }>, addresses: Array<{ type: string, address: string }>, events: Array<{ type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null }>, podList: { totalCount: number, edges: Array<{ node: { namespace: string, name: string, phase: string | null, reason: string | null, message: string | null, startedAt: string | null, containers: Array<{ name: string, image: string | null, ready: boolean, restartCount: number, state: string | null }> } }> }, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number }, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null, lastTransitionAt: string | null }> } | null };

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

export type MethodFieldsFragment = { name: string, description: string | null, arguments: Array<{ name: string, description: string | null, type: ValueType, unit: string | null, minimum: number | null, maximum: number | null }> };

export type InvokeMethodMutationVariables = Exact<{
  input: InvokeMethodInput;
}>;


export type InvokeMethodMutation = { invokeMethod:
    | { __typename: 'MethodDone', value: number | string | boolean | null }
    | { __typename: 'MethodFailed', code: string, message: string }
   | null };

export type PlaceQueryVariables = Exact<{ [key: string]: never; }>;


export type PlaceQuery = { place: { kind: PlaceKind, nodeName: string | null, version: string, time: string }, viewer: { name: string, mayWrite: boolean } };

export type KubernetesFreshnessQueryVariables = Exact<{ [key: string]: never; }>;


export type KubernetesFreshnessQuery = { place: { kubernetes: { current: boolean, asOf: string | null, reason: string | null } } };

export type TwinFieldsFragment = { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } };

export type FreshnessFieldsFragment = { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null };

export type TwinsSubscriptionVariables = Exact<{
  where: DeviceFilter;
  after?: string | null | undefined;
}>;


export type TwinsSubscription = { twins: { kind: LiveEventKind, cursor: string, property: string | null, deviceRef: { namespace: string, name: string } | null, twin: { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } } | null } | null };

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
export const PageFieldsFragmentDoc = new TypedDocumentString(`
    fragment PageFields on PageInfo {
  endCursor
  hasNextPage
}
    `, {"fragmentName":"PageFields"}) as unknown as TypedDocumentString<PageFieldsFragment, unknown>;
export const LabelFieldsFragmentDoc = new TypedDocumentString(`
    fragment LabelFields on Label {
  key
  value
}
    `, {"fragmentName":"LabelFields"}) as unknown as TypedDocumentString<LabelFieldsFragment, unknown>;
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
export const DeviceStateFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeviceStateFields on Device {
  state
  stateReason
  lastOnlineAt
}
    `, {"fragmentName":"DeviceStateFields"}) as unknown as TypedDocumentString<DeviceStateFieldsFragment, unknown>;
export const DeviceFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeviceFields on Device {
  namespace
  name
  nodeName
  protocol
  ...DeviceStateFields
  model {
    name
  }
}
    fragment DeviceStateFields on Device {
  state
  stateReason
  lastOnlineAt
}`, {"fragmentName":"DeviceFields"}) as unknown as TypedDocumentString<DeviceFieldsFragment, unknown>;
export const ConditionFieldsFragmentDoc = new TypedDocumentString(`
    fragment ConditionFields on Condition {
  type
  status
  reason
  message
  lastTransitionAt
}
    `, {"fragmentName":"ConditionFields"}) as unknown as TypedDocumentString<ConditionFieldsFragment, unknown>;
export const LinkFieldsFragmentDoc = new TypedDocumentString(`
    fragment LinkFields on Link {
  state
  since
}
    `, {"fragmentName":"LinkFields"}) as unknown as TypedDocumentString<LinkFieldsFragment, unknown>;
export const NodeStateFieldsFragmentDoc = new TypedDocumentString(`
    fragment NodeStateFields on Node {
  name
  ready
  conditions {
    ...ConditionFields
  }
  edgeNode {
    link {
      ...LinkFields
    }
  }
}
    fragment LinkFields on Link {
  state
  since
}
fragment ConditionFields on Condition {
  type
  status
  reason
  message
  lastTransitionAt
}`, {"fragmentName":"NodeStateFields"}) as unknown as TypedDocumentString<NodeStateFieldsFragment, unknown>;
export const NodeFieldsFragmentDoc = new TypedDocumentString(`
    fragment NodeFields on Node {
  ...NodeStateFields
  edgeNode {
    version
    outbox {
      items
      bytes
    }
    link {
      lastSyncAt
      lagMs
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
    fragment LinkFields on Link {
  state
  since
}
fragment ConditionFields on Condition {
  type
  status
  reason
  message
  lastTransitionAt
}
fragment NodeStateFields on Node {
  name
  ready
  conditions {
    ...ConditionFields
  }
  edgeNode {
    link {
      ...LinkFields
    }
  }
}`, {"fragmentName":"NodeFields"}) as unknown as TypedDocumentString<NodeFieldsFragment, unknown>;
export const MethodFieldsFragmentDoc = new TypedDocumentString(`
    fragment MethodFields on Method {
  name
  description
  arguments {
    name
    description
    type
    unit
    minimum
    maximum
  }
}
    `, {"fragmentName":"MethodFields"}) as unknown as TypedDocumentString<MethodFieldsFragment, unknown>;
export const FreshnessFieldsFragmentDoc = new TypedDocumentString(`
    fragment FreshnessFields on Freshness {
  ageMs
  stale
  source
  link
  linkSince
}
    `, {"fragmentName":"FreshnessFields"}) as unknown as TypedDocumentString<FreshnessFieldsFragment, unknown>;
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
    ...FreshnessFields
  }
}
    fragment FreshnessFields on Freshness {
  ageMs
  stale
  source
  link
  linkSince
}`, {"fragmentName":"TwinFields"}) as unknown as TypedDocumentString<TwinFieldsFragment, unknown>;
export const NodeChangesDocument = {"__meta__":{"hash":"sha256:d95ee2eadfca5950fe3da22fe20e3d3c906c8e3216ebd74b2796de30ee398f19"}} as unknown as TypedDocumentString<NodeChangesSubscription, NodeChangesSubscriptionVariables>;
export const PodChangesDocument = {"__meta__":{"hash":"sha256:02510e1c8dcf362a38306be6125e3d8ea832fe1264a208a0ddd204c3ace8f373"}} as unknown as TypedDocumentString<PodChangesSubscription, PodChangesSubscriptionVariables>;
export const DeviceChangesDocument = {"__meta__":{"hash":"sha256:f4bf494e26d9dfc6b829878d2bbe6de637a5da68696ddc1b03d178678c4bee3f"}} as unknown as TypedDocumentString<DeviceChangesSubscription, DeviceChangesSubscriptionVariables>;
export const ConflictsDocument = {"__meta__":{"hash":"sha256:eb9d9cb6a847be4b14d00592ff2f98961938dadf6a5e89807f84fdab1a024757"}} as unknown as TypedDocumentString<ConflictsQuery, ConflictsQueryVariables>;
export const OpenConflictsDocument = {"__meta__":{"hash":"sha256:952b28108a7c30aea4633d05a883990dffd82b0340a9cd7e5e47aabf34610136"}} as unknown as TypedDocumentString<OpenConflictsQuery, OpenConflictsQueryVariables>;
export const ResolveConflictDocument = {"__meta__":{"hash":"sha256:3f56ffa156e5054497484069b3053d282e594fee2999c446af16d9e479c5dd31"}} as unknown as TypedDocumentString<ResolveConflictMutation, ResolveConflictMutationVariables>;
export const DeviceListDocument = {"__meta__":{"hash":"sha256:be03f766cc892451c6f23450167d62bbc69acc0065982775fd31ab0d5bed38f9"}} as unknown as TypedDocumentString<DeviceListQuery, DeviceListQueryVariables>;
export const FilterChoicesDocument = {"__meta__":{"hash":"sha256:2d38e462bbcdf9ece349fe542db82e915ea5ab70bfa8aefe49485cc66eba8604"}} as unknown as TypedDocumentString<FilterChoicesQuery, FilterChoicesQueryVariables>;
export const DevicePageDocument = {"__meta__":{"hash":"sha256:a315d78ab91074a09a532e8e9c97933dd10adcab1763ccaeb0365b023e1cc2dc"}} as unknown as TypedDocumentString<DevicePageQuery, DevicePageQueryVariables>;
export const SetDesiredDocument = {"__meta__":{"hash":"sha256:8c51fb45a7f8c999597100474be6ec4645bf43e89090e3bd693232f2f0a4ea6e"}} as unknown as TypedDocumentString<SetDesiredMutation, SetDesiredMutationVariables>;
export const FleetDocument = {"__meta__":{"hash":"sha256:994776d525fa0d77eefc5ae7a5514b691d9d34f2f109d7bb0d622709100419fc"}} as unknown as TypedDocumentString<FleetQuery, FleetQueryVariables>;
export const NodePageDocument = {"__meta__":{"hash":"sha256:fa8df6945c88f15b95b18c944b53b8fce9c70474713d8203b48bfc069df81515"}} as unknown as TypedDocumentString<NodePageQuery, NodePageQueryVariables>;
export const HistoryDocument = {"__meta__":{"hash":"sha256:bcdc23321f91ac2406a7174910f1b87a518bd9fa751cb0e441abde663263b764"}} as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const InvokeMethodDocument = {"__meta__":{"hash":"sha256:d10bf623a0d73f08405b0af8fe638e4ddcff2b9b94ce842dc3dd4588ae788eb4"}} as unknown as TypedDocumentString<InvokeMethodMutation, InvokeMethodMutationVariables>;
export const PlaceDocument = {"__meta__":{"hash":"sha256:ef1d18aecf775612b97a8efdc445ef7cb7bdec5611bdfbd9c2907e1fdbea9661"}} as unknown as TypedDocumentString<PlaceQuery, PlaceQueryVariables>;
export const KubernetesFreshnessDocument = {"__meta__":{"hash":"sha256:123f4f70f793bf3c571c0af4591add6b879522b52a696fa40bcd46081bce7acf"}} as unknown as TypedDocumentString<KubernetesFreshnessQuery, KubernetesFreshnessQueryVariables>;
export const TwinsDocument = {"__meta__":{"hash":"sha256:b7b051548a646a2d5127c1eaafaf92c34a64e27dece4ceaccabd80f8cd3e5f0d"}} as unknown as TypedDocumentString<TwinsSubscription, TwinsSubscriptionVariables>;
export const FreshnessDocument = {"__meta__":{"hash":"sha256:7bc891931b940ce3505a3998ac5f0a25ec212087cd4efb9087e3310fc0f21134"}} as unknown as TypedDocumentString<FreshnessQuery, FreshnessQueryVariables>;
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

export type TwinEventKind =
  | 'ENTERED'
  | 'GAP'
  | 'LEFT'
  | 'RESET'
  | 'SNAPSHOT'
  | 'SNAPSHOT_END'
  | 'UPDATED';

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

export type NodeFieldsFragment = { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } };

export type FleetQueryVariables = Exact<{
  where?: NodeFilter | null | undefined;
  labelSelector?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type FleetQuery = { nodes: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, edges: Array<{ node: { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } } }> } };

export type NodePageQueryVariables = Exact<{
  name: string;
}>;


export type NodePageQuery = { node: { name: string, ready: boolean | null, roles: Array<string>, createdAt: string | null, labels: Array<{ key: string, value: string }>, addresses: Array<{ type: string, address: string }>, events: Array<{ type: string, reason: string | null, message: string | null, source: string | null, count: number, lastSeenAt: string | null }>, podList: { totalCount: number, edges: Array<{ node: { namespace: string, name: string, phase: string | null, reason: string | null, message: string | null, startedAt: string | null, containers: Array<{ name: string, image: string | null, ready: boolean, restartCount: number, state: string | null }> } }> }, conditions: Array<{ type: string, status: string, reason: string | null, message: string | null }>, edgeNode: { version: string | null, link: { state: LinkState, since: string | null, lastSyncAt: string | null, lagMs: number | null, rttMs: number | null, reconnects: number | null, lastError: string | null } } | null, online: { totalCount: number }, offline: { totalCount: number }, allDevices: { totalCount: number }, running: { totalCount: number }, pending: { totalCount: number }, allPods: { totalCount: number } } | null };

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

export type PlaceQueryVariables = Exact<{ [key: string]: never; }>;


export type PlaceQuery = { place: { kind: PlaceKind, nodeName: string | null, version: string, time: string } };

export type TwinFieldsFragment = { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } };

export type TwinsSubscriptionVariables = Exact<{
  where: DeviceFilter;
  after?: string | null | undefined;
}>;


export type TwinsSubscription = { twins: { kind: TwinEventKind, cursor: string, property: string | null, deviceRef: { namespace: string, name: string } | null, twin: { property: string, type: ValueType, unit: string | null, accessMode: AccessMode, minimum: number | null, maximum: number | null, desired: { value: number | string | boolean | null, raw: string, change: string | null, setAt: string | null, setBy: string | null } | null, reported: { value: number | string | boolean | null, raw: string | null, quality: Quality, observedAt: string } | null, sync: { state: SyncState, change: string | null, since: string | null, reason: string | null }, freshness: { ageMs: number | null, stale: boolean, source: FreshnessSource, link: LinkState, linkSince: string | null } } | null, gap: { dropped: number } | null } | null };

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
export const DeviceListDocument = new TypedDocumentString(`
    query DeviceList($where: DeviceFilter, $labelSelector: String, $first: Int!, $after: String) {
  devices(
    where: $where
    labelSelector: $labelSelector
    first: $first
    after: $after
    orderBy: {field: NAME}
  ) {
    totalCount
    pageInfo {
      endCursor
      hasNextPage
    }
    edges {
      node {
        ...DeviceFields
      }
    }
  }
}
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
}`, {"hash":"sha256:fe8af7f34162da295ff5ef84e331ffdd72e7173e9d070ab565eee280ed339db8"}) as unknown as TypedDocumentString<DeviceListQuery, DeviceListQueryVariables>;
export const FilterChoicesDocument = new TypedDocumentString(`
    query FilterChoices {
  deviceModels(first: 1000, orderBy: {field: NAME}) {
    edges {
      node {
        namespace
        name
        properties {
          name
        }
      }
    }
  }
  nodes(first: 1000, orderBy: {field: NAME}) {
    edges {
      node {
        name
      }
    }
  }
}
    `, {"hash":"sha256:2d38e462bbcdf9ece349fe542db82e915ea5ab70bfa8aefe49485cc66eba8604"}) as unknown as TypedDocumentString<FilterChoicesQuery, FilterChoicesQueryVariables>;
export const DevicePageDocument = new TypedDocumentString(`
    query DevicePage($namespace: String!, $name: String!) {
  device(namespace: $namespace, name: $name) {
    ...DeviceFields
    createdAt
    labels {
      key
      value
    }
    model {
      name
      properties {
        name
        description
      }
    }
    node {
      name
      ready
      conditions {
        type
        reason
        message
      }
      edgeNode {
        link {
          state
          since
          lastSyncAt
        }
      }
    }
    methods {
      name
      description
    }
    events(first: 10) {
      ...EventFields
    }
  }
}
    fragment EventFields on Event {
  type
  reason
  message
  source
  count
  lastSeenAt
}
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
}`, {"hash":"sha256:4bb2dd276f83fd8ada4f44ba85ee3267a21e0f176c19928dcf6654a65f7b4182"}) as unknown as TypedDocumentString<DevicePageQuery, DevicePageQueryVariables>;
export const SetDesiredDocument = new TypedDocumentString(`
    mutation SetDesired($input: SetDesiredInput!) {
  setDesired(input: $input) {
    __typename
    ... on Settled {
      change {
        id
        state
      }
    }
    ... on Pending {
      change {
        id
        state
      }
    }
    ... on TimedOut {
      change {
        id
        state
      }
    }
    ... on Rejected {
      code
      message
      property
    }
  }
}
    `, {"hash":"sha256:93457891cc7c0e3d9d2d02290d1c34065c59aba3f36bf9c4017ae3c8a2d1e6fc"}) as unknown as TypedDocumentString<SetDesiredMutation, SetDesiredMutationVariables>;
export const FleetDocument = new TypedDocumentString(`
    query Fleet($where: NodeFilter, $labelSelector: String, $first: Int!, $after: String) {
  nodes(
    where: $where
    labelSelector: $labelSelector
    first: $first
    after: $after
    orderBy: {field: NAME}
  ) {
    totalCount
    pageInfo {
      endCursor
      hasNextPage
    }
    edges {
      node {
        ...NodeFields
      }
    }
  }
}
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
}`, {"hash":"sha256:ba070e6fb44556ec4d379adeceeda983791c1e85d05a483e15fb6d33cde4ea40"}) as unknown as TypedDocumentString<FleetQuery, FleetQueryVariables>;
export const NodePageDocument = new TypedDocumentString(`
    query NodePage($name: String!) {
  node(name: $name) {
    ...NodeFields
    labels {
      key
      value
    }
    addresses {
      type
      address
    }
    events(first: 10) {
      ...EventFields
    }
    podList: pods(first: 200, orderBy: {field: NAME}) {
      totalCount
      edges {
        node {
          namespace
          name
          phase
          reason
          message
          startedAt
          containers {
            name
            image
            ready
            restartCount
            state
          }
        }
      }
    }
  }
}
    fragment EventFields on Event {
  type
  reason
  message
  source
  count
  lastSeenAt
}
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
}`, {"hash":"sha256:cd7cfa41804312c95a733fa05fd547f9a9919918853cacaf42b155a0a5e025bb"}) as unknown as TypedDocumentString<NodePageQuery, NodePageQueryVariables>;
export const HistoryDocument = new TypedDocumentString(`
    query History($namespace: String!, $name: String!, $property: String!, $from: DateTime!, $to: DateTime!, $points: Int!, $pairs: Int!) {
  device(namespace: $namespace, name: $name) {
    twin(property: $property, read: REPLICA) {
      extremes: history(from: $from, to: $to, points: $pairs, method: MINMAX) {
        samples {
          at
          value
          quality
        }
        gaps {
          from
          to
        }
      }
      means: history(from: $from, to: $to, points: $points, method: AVG) {
        samples {
          at
          value
        }
      }
    }
  }
}
    `, {"hash":"sha256:bcdc23321f91ac2406a7174910f1b87a518bd9fa751cb0e441abde663263b764"}) as unknown as TypedDocumentString<HistoryQuery, HistoryQueryVariables>;
export const PlaceDocument = new TypedDocumentString(`
    query Place {
  place {
    kind
    nodeName
    version
    time
  }
}
    `, {"hash":"sha256:f23295764ebc9f1cfde9960741f29075aadba85e768c95e488bdd0daaab08e9a"}) as unknown as TypedDocumentString<PlaceQuery, PlaceQueryVariables>;
export const TwinsDocument = new TypedDocumentString(`
    subscription Twins($where: DeviceFilter!, $after: String) {
  twins(where: $where, after: $after) {
    kind
    cursor
    property
    deviceRef {
      namespace
      name
    }
    twin {
      ...TwinFields
    }
    gap {
      dropped
    }
  }
}
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
}`, {"hash":"sha256:12ddb27fb8e901cbde6d669a10eb7377f72265e003bb0bac578bead0ec45a43c"}) as unknown as TypedDocumentString<TwinsSubscription, TwinsSubscriptionVariables>;
export const FreshnessDocument = new TypedDocumentString(`
    query Freshness($where: DeviceFilter!) {
  devices(where: $where, first: 1000) {
    edges {
      node {
        namespace
        name
        state
        stateReason
        lastOnlineAt
        twins(read: REPLICA) {
          property
          freshness {
            ageMs
            stale
            source
            link
            linkSince
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:5fca959c87d416f78d31e340f88c9c6332cbcdcf40d8150e87f9ac639f6f2ec3"}) as unknown as TypedDocumentString<FreshnessQuery, FreshnessQueryVariables>;
/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
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

export type LiveEventKind =
  | 'ENTERED'
  | 'GAP'
  | 'LEFT'
  | 'RESET'
  | 'SNAPSHOT'
  | 'SNAPSHOT_END'
  | 'UPDATED';

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

/** How far setDesired waits. */
export type WaitFor =
  /** It stands as desired, durably. */
  | 'ACCEPTED'
  /** The edge node holds it. */
  | 'DELIVERED'
  /** It was written to the device and read back. */
  | 'REPORTED';

export type OverviewQueryVariables = Exact<{ [key: string]: never; }>;


export type OverviewQuery = { place: { kind: PlaceKind, nodeName: string | null, version: string }, devices: { edges: Array<{ node: { name: string, nodeName: string | null, twins: Array<{ property: string, reported: { value: number | string | boolean | null, observedAt: string } | null, desired: { value: number | string | boolean | null } | null, sync: { state: SyncState }, freshness: { source: FreshnessSource, stale: boolean, link: LinkState } }> | null } }> }, nodes: { edges: Array<{ node: { name: string, ready: boolean | null, edgeNode: { link: { state: LinkState } } | null } }> } };

export type SetDesiredMutationVariables = Exact<{
  input: SetDesiredInput;
}>;


export type SetDesiredMutation = { setDesired:
    | { __typename: 'Pending', change: { id: string, state: ChangeState } }
    | { __typename: 'Rejected', code: string, property: string | null, message: string }
    | { __typename: 'Settled', change: { id: string, state: ChangeState, results: Array<{ property: string, state: ChangeState, reason: string | null }> } }
    | { __typename: 'TimedOut', change: { id: string, state: ChangeState } }
   };

export type TwinsSubscriptionVariables = Exact<{
  where?: DeviceFilter | null | undefined;
  properties?: Array<string> | string | null | undefined;
  after?: string | null | undefined;
}>;


export type TwinsSubscription = { twins: { kind: LiveEventKind, cursor: string, property: string | null, deviceRef: { namespace: string, name: string } | null, twin: { reported: { value: number | string | boolean | null, quality: Quality, observedAt: string } | null, desired: { value: number | string | boolean | null } | null, sync: { state: SyncState }, freshness: { stale: boolean, link: LinkState } } | null, gap: { dropped: number } | null } | null };


export const OverviewDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Overview"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"place"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"nodeName"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"devices"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"500"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"nodeName"}},{"kind":"Field","name":{"kind":"Name","value":"twins"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"property"}},{"kind":"Field","name":{"kind":"Name","value":"reported"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"observedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"desired"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sync"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"freshness"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"stale"}},{"kind":"Field","name":{"kind":"Name","value":"link"}}]}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"ready"}},{"kind":"Field","name":{"kind":"Name","value":"edgeNode"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"link"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<OverviewQuery, OverviewQueryVariables>;
export const SetDesiredDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetDesired"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SetDesiredInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"setDesired"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Settled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"change"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"results"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"property"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Pending"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"change"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TimedOut"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"change"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"property"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<SetDesiredMutation, SetDesiredMutationVariables>;
export const TwinsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Twins"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"where"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"DeviceFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"properties"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"twins"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"where"},"value":{"kind":"Variable","name":{"kind":"Name","value":"where"}}},{"kind":"Argument","name":{"kind":"Name","value":"properties"},"value":{"kind":"Variable","name":{"kind":"Name","value":"properties"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"deviceRef"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"namespace"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"}},{"kind":"Field","name":{"kind":"Name","value":"twin"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reported"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"quality"}},{"kind":"Field","name":{"kind":"Name","value":"observedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"desired"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sync"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"freshness"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stale"}},{"kind":"Field","name":{"kind":"Name","value":"link"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"gap"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"dropped"}}]}}]}}]}}]} as unknown as DocumentNode<TwinsSubscription, TwinsSubscriptionVariables>;
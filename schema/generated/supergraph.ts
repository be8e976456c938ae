export const supergraphSdl = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY) {
  query: Query
  mutation: Mutation
  subscription: Subscription
}

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__field(
  graph: join__Graph
  requires: join__FieldSet
  provides: join__FieldSet
  type: String
  external: Boolean
  override: String
  usedOverridden: Boolean
  overrideLabel: String
  contextArguments: [join__ContextArgument!]
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(
  graph: join__Graph!
  key: join__FieldSet
  extension: Boolean! = false
  resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

scalar join__FieldSet

scalar join__FieldValue

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar link__Import

enum link__Purpose {
  """
  \`SECURITY\` features provide metadata necessary to securely resolve fields.
  """
  SECURITY
  """
  \`EXECUTION\` features provide metadata necessary for operation execution.
  """
  EXECUTION
}

directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE | SCALAR | INPUT_OBJECT | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION

enum join__Graph {
  CLOUD @join__graph(name: "cloud", url: "")
  EDGE @join__graph(name: "edge", url: "")
}

"""
An instant, RFC 3339 in UTC: \`2026-11-20T08:15:05.000Z\`.
"""
scalar DateTime @join__type(graph: CLOUD) @join__type(graph: EDGE)

"""
A map with any content: the configuration of a protocol or visitor, as its mapper documents it.
"""
scalar JSON @join__type(graph: CLOUD) @join__type(graph: EDGE)

"""
A value of a device, as its model types it: number, text, boolean or null. Integers beyond 2^53-1 and BYTES (base64) are text.
"""
scalar TwinValue @join__type(graph: CLOUD) @join__type(graph: EDGE)

"""
One request to set desired values of a device, and how far it got.
"""
type Change @join__type(graph: CLOUD) {
  createdAt: DateTime!
  createdBy: String!
  device: Device
  """
  Stays when the device is gone.
  """
  deviceRef: DeviceName!
  id: ID!
  results: [ChangeResult!]!
  settledAt: DateTime
  state: ChangeState!
  values: [ChangeValue!]!
}

type ChangeResult @join__type(graph: CLOUD) {
  property: String!
  reason: String
  state: ChangeState!
}

type ChangeValue @join__type(graph: CLOUD) {
  property: String!
  value: TwinValue
}

type Condition @join__type(graph: CLOUD) {
  """
  Since when it has this status.
  """
  lastTransitionAt: DateTime
  message: String
  reason: String
  """
  True, False or Unknown.
  """
  status: String!
  type: String!
}

"""
Two wishes for one property that could not both stand: nothing is overwritten in silence.
"""
type Conflict @join__type(graph: CLOUD) {
  at: DateTime!
  device: Device
  id: ID!
  loser: ConflictWish!
  property: String!
  resolvedAt: DateTime
  winner: ConflictWish!
}

type ConflictConnection @join__type(graph: CLOUD) {
  edges: [ConflictEdge!]!
  pageInfo: PageInfo!
}

type ConflictEdge @join__type(graph: CLOUD) {
  cursor: String!
  node: Conflict!
}

type ConflictResolved @join__type(graph: CLOUD) {
  conflict: Conflict!
}

type ConflictWish @join__type(graph: CLOUD) {
  change: ID
  from: ConflictSide!
  setAt: DateTime
  setBy: String
  """
  null: nothing was wanted.
  """
  value: TwinValue
}

type Container @join__type(graph: CLOUD) {
  image: String
  name: String!
  ready: Boolean!
  restartCount: Int!
  """
  waiting, running or terminated.
  """
  state: String
}

type Deleted @join__type(graph: CLOUD) {
  name: String!
  namespace: String!
}

"""
One device, bound to an edge node and typed by its model.
"""
type Device @join__type(graph: CLOUD, key: "namespace name nodeName") @join__type(graph: CLOUD, key: "namespace name") @join__type(graph: EDGE, key: "namespace name nodeName") {
  namespace: String!
  name: String!
  """
  null: not bound to a node yet.
  """
  nodeName: String
  createdAt: DateTime @join__field(graph: CLOUD)
  """
  What Kubernetes was told of it, the last one first.
  """
  events(first: Int = 20): [Event!]! @join__field(graph: CLOUD)
  labels: [Label!]! @join__field(graph: CLOUD)
  lastOnlineAt: DateTime @join__field(graph: CLOUD)
  methods: [Method!]! @join__field(graph: CLOUD)
  """
  null: the DeviceModel that it names does not exist.
  """
  model: DeviceModel @join__field(graph: CLOUD)
  node: Node @join__field(graph: CLOUD)
  """
  Empty: its model and its node exist, and its annotations can be followed.
  """
  problems: [DeviceProblem!]! @join__field(graph: CLOUD)
  protocol: String @join__field(graph: CLOUD)
  """
  online, offline, unhealthy, disconnected or unknown, as its mapper last told.
  """
  state: String! @join__field(graph: CLOUD)
  stateReason: String @join__field(graph: CLOUD)
  uid: ID! @join__field(graph: CLOUD)
  """
  What the device itself lists, one step below \`node\`: OPC UA has it. null: its node is away, or its protocol has nothing to browse.
  """
  browse("""
  Its objects where nothing is said: \`ns=2;s=Boiler\`.
  """
  node: ID): [BrowsedNode!] @join__field(graph: EDGE)
  twin(property: String!, read: ReadMode = AUTO): Twin @join__field(graph: EDGE)
  """
  All properties of its model, or the named ones. null: its node is away, and nothing is known.
  """
  twins(properties: [String!], read: ReadMode = AUTO): [Twin!] @join__field(graph: EDGE)
}

type DeviceConnection @join__type(graph: CLOUD) {
  edges: [DeviceEdge!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type DeviceEdge @join__type(graph: CLOUD) {
  cursor: String!
  node: Device!
}

type DeviceEvent @join__type(graph: CLOUD) {
  """
  Opaque; subscribe with the same arguments and \`after\` to go on behind it.
  """
  cursor: String!
  """
  null on LEFT: it was deleted.
  """
  device: Device
  gap: Gap
  kind: LiveEventKind!
  name: String
  namespace: String
}

"""
The template of a kind of devices: its properties and their types.
"""
type DeviceModel @join__type(graph: CLOUD) {
  createdAt: DateTime
  name: String!
  namespace: String!
  properties: [ModelProperty!]!
  protocol: String
  uid: ID!
}

type DeviceModelConnection @join__type(graph: CLOUD) {
  edges: [DeviceModelEdge!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type DeviceModelEdge @join__type(graph: CLOUD) {
  cursor: String!
  node: DeviceModel!
}

type DeviceModelSaved @join__type(graph: CLOUD) {
  deviceModel: DeviceModel!
}

type DeviceName @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  name: String!
  namespace: String!
}

"""
What a device names and the cluster lacks, or says and nobody can follow.
"""
type DeviceProblem @join__type(graph: CLOUD) {
  message: String!
  """
  For programs: ModelNotFound, NodeNotFound or LocalOnlyInvalid.
  """
  reason: String!
}

type DeviceSaved @join__type(graph: CLOUD) {
  device: Device!
}

type Event @join__type(graph: CLOUD) {
  count: Int!
  lastSeenAt: DateTime
  message: String
  """
  For programs.
  """
  reason: String
  source: String
  """
  Normal or Warning.
  """
  type: String!
}

"""
Events that are missing: this subscriber was too slow for them, or, of messages, their node had no room.
"""
type Gap @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  dropped: Int!
}

type KubernetesFreshness @join__type(graph: CLOUD) {
  """
  When they were last known to be right; null where nobody knows.
  """
  asOf: DateTime
  """
  In the cloud: the API server is followed. At the edge: the link is up.
  """
  current: Boolean!
  """
  Why they are not current.
  """
  reason: String
}

type Label @join__type(graph: CLOUD) {
  key: String!
  value: String!
}

"""
What a device can be told to do, by \`invokeMethod\`.
"""
type Method @join__type(graph: CLOUD) {
  """
  The properties that it sets, each of which may be left out. Empty: what it takes is between its caller and the device.
  """
  arguments: [ModelProperty!]!
  description: String
  name: String!
}

"""
One value of a device, as its model types it.
"""
type ModelProperty @join__type(graph: CLOUD) {
  accessMode: AccessMode!
  description: String
  maximum: Float
  minimum: Float
  name: String!
  type: ValueType!
  unit: String
}

type Mutation @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  cordonNode(name: String!): SaveNodeResult! @join__field(graph: CLOUD)
  createDevice(input: CreateDeviceInput!): SaveDeviceResult! @join__field(graph: CLOUD)
  createDeviceModel(input: CreateDeviceModelInput!): SaveDeviceModelResult! @join__field(graph: CLOUD)
  deleteDevice(device: DeviceRef!): DeleteResult! @join__field(graph: CLOUD)
  deleteDeviceModel(model: ObjectRef!): DeleteResult! @join__field(graph: CLOUD)
  deletePod(pod: ObjectRef!): DeleteResult! @join__field(graph: CLOUD)
  resolveConflict(input: ResolveConflictInput!): ResolveConflictResult! @join__field(graph: CLOUD)
  """
  Sets desired values of a device, in the cloud or at the edge, link up or down.
  """
  setDesired(input: SetDesiredInput!): SetDesiredResult! @join__field(graph: CLOUD)
  uncordonNode(name: String!): SaveNodeResult! @join__field(graph: CLOUD)
  """
  Fields that are left out stay as they are; of properties those that are not named.
  """
  updateDevice(input: UpdateDeviceInput!): SaveDeviceResult! @join__field(graph: CLOUD)
  """
  Fields that are left out stay as they are; \`properties\` is the whole list.
  """
  updateDeviceModel(input: UpdateDeviceModelInput!): SaveDeviceModelResult! @join__field(graph: CLOUD)
  """
  Calls a method of a device, once. null: its node is away; it is never tried again.
  """
  invokeMethod(input: InvokeMethodInput!): InvokeMethodResult @join__field(graph: EDGE)
  """
  Publishes a message on a node's MQTT bus, link up or down; messages of a node arrive in the order in which they were accepted.
  """
  publish(input: PublishInput!): PublishResult @join__field(graph: EDGE)
}

"""
A Kubernetes node; an edge node where \`edgeNode\` says more.
"""
type Node @join__type(graph: CLOUD, key: "name") @join__type(graph: EDGE, key: "name") {
  name: String!
  addresses: [NodeAddress!]! @join__field(graph: CLOUD)
  """
  What of it pods may use.
  """
  allocatable: [NodeResource!]! @join__field(graph: CLOUD)
  """
  What the computer has.
  """
  capacity: [NodeResource!]! @join__field(graph: CLOUD)
  conditions: [Condition!]! @join__field(graph: CLOUD)
  createdAt: DateTime @join__field(graph: CLOUD)
  devices(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: DeviceOrder
    where: DeviceFilter
  ): DeviceConnection! @join__field(graph: CLOUD)
  events(first: Int = 20): [Event!]! @join__field(graph: CLOUD)
  labels: [Label!]! @join__field(graph: CLOUD)
  pods(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: PodOrder
    where: PodFilter
  ): PodConnection! @join__field(graph: CLOUD)
  """
  null while nobody knows.
  """
  ready: Boolean @join__field(graph: CLOUD)
  roles: [String!]! @join__field(graph: CLOUD)
  """
  What Octograph knows of the node beyond Kubernetes; null where no edge node of ours ever spoke.
  """
  edgeNode: EdgeNode @join__field(graph: EDGE)
}

type NodeAddress @join__type(graph: CLOUD) {
  address: String!
  type: String!
}

type NodeConnection @join__type(graph: CLOUD) {
  edges: [NodeEdge!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type NodeEdge @join__type(graph: CLOUD) {
  cursor: String!
  node: Node!
}

type NodeEvent @join__type(graph: CLOUD) {
  """
  Opaque; subscribe with the same arguments and \`after\` to go on behind it.
  """
  cursor: String!
  gap: Gap
  kind: LiveEventKind!
  name: String
  """
  null on LEFT: it was deleted.
  """
  node: Node
}

type NodeResource @join__type(graph: CLOUD) {
  """
  As \`kubectl\` names it: \`cpu\`, \`memory\`, \`ephemeral-storage\`, \`pods\`.
  """
  name: String!
  """
  As Kubernetes writes it: \`4\`, \`500m\`, \`7951764Ki\`.
  """
  quantity: String!
}

type NodeSaved @join__type(graph: CLOUD) {
  node: Node!
}

"""
What made the object, and takes it along when it is deleted: a ReplicaSet, a DaemonSet.
"""
type OwnerReference @join__type(graph: CLOUD) {
  apiVersion: String!
  """
  Whether it is the one that manages the object.
  """
  controller: Boolean!
  kind: String!
  name: String!
  uid: ID!
}

type PageInfo @join__type(graph: CLOUD) {
  endCursor: String
  hasNextPage: Boolean!
}

"""
Accepted; it will be delivered when the link is up again.
"""
type Pending @join__type(graph: CLOUD) {
  change: Change!
}

type Place @join__type(graph: CLOUD) {
  kind: PlaceKind!
  """
  How far nodes, pods, devices and models are to be trusted: they are answered from what was last read.
  """
  kubernetes: KubernetesFreshness!
  """
  At the edge: the name of the node.
  """
  nodeName: String
  time: DateTime!
  version: String!
}

"""
A Kubernetes pod, as its status tells it.
"""
type Pod @join__type(graph: CLOUD) {
  containers: [Container!]!
  createdAt: DateTime
  events(first: Int = 20): [Event!]!
  labels: [Label!]!
  message: String
  name: String!
  namespace: String!
  node: Node
  nodeName: String
  ownerReferences: [OwnerReference!]!
  phase: String
  reason: String
  startedAt: DateTime
  uid: ID!
}

type PodConnection @join__type(graph: CLOUD) {
  edges: [PodEdge!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type PodEdge @join__type(graph: CLOUD) {
  cursor: String!
  node: Pod!
}

type PodEvent @join__type(graph: CLOUD) {
  """
  Opaque; subscribe with the same arguments and \`after\` to go on behind it.
  """
  cursor: String!
  gap: Gap
  kind: LiveEventKind!
  name: String
  namespace: String
  """
  null on LEFT: it was deleted.
  """
  pod: Pod
}

type Query @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  A change that was accepted here, and how far it got.
  """
  change(id: ID!): Change @join__field(graph: CLOUD)
  """
  The conflict ledger, the newest first.
  """
  conflicts(
    """
    A cursor of this connection.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    where: ConflictFilter
  ): ConflictConnection! @join__field(graph: CLOUD)
  device(name: String!, namespace: String! = "default"): Device @join__field(graph: CLOUD)
  deviceModel(name: String!, namespace: String! = "default"): DeviceModel @join__field(graph: CLOUD)
  deviceModels(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: DeviceModelOrder
    where: DeviceModelFilter
  ): DeviceModelConnection! @join__field(graph: CLOUD)
  devices(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: DeviceOrder
    where: DeviceFilter
  ): DeviceConnection! @join__field(graph: CLOUD)
  node(name: String!): Node @join__field(graph: CLOUD)
  nodes(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: NodeOrder
    where: NodeFilter
  ): NodeConnection! @join__field(graph: CLOUD)
  place: Place! @join__field(graph: CLOUD)
  pod(name: String!, namespace: String! = "default"): Pod @join__field(graph: CLOUD)
  pods(
    """
    A cursor of this connection, in this order.
    """
    after: String
    """
    0 to 1000.
    """
    first: Int = 50
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    orderBy: PodOrder
    where: PodFilter
  ): PodConnection! @join__field(graph: CLOUD)
  viewer: Viewer! @join__field(graph: CLOUD)
}

"""
Refused; \`message\` names the thing, the value and what was expected.
"""
type Rejected @join__type(graph: CLOUD) {
  """
  null: refused before it became a change.
  """
  change: Change
  code: String!
  message: String!
  property: String
}

"""
What was waited for has happened.
"""
type Settled @join__type(graph: CLOUD) {
  change: Change!
}

type Subscription @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  How far the change got, and then every step until its end.
  """
  change(id: ID!): Change! @join__field(graph: CLOUD)
  """
  First the members as they are (SNAPSHOT, then one SNAPSHOT_END), then who enters (ENTERED), changes (UPDATED) and leaves (LEFT). A subscriber that is too slow gets a GAP with the count of what it missed, never silence. What is UPDATED is the device, its model or its state: for values there is \`twins\`.
  """
  devices(
    """
    A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET and a new snapshot.
    """
    after: String
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    where: DeviceFilter
  ): DeviceEvent! @join__field(graph: CLOUD)
  """
  First the members as they are (SNAPSHOT, then one SNAPSHOT_END), then who enters (ENTERED), changes (UPDATED) and leaves (LEFT). A subscriber that is too slow gets a GAP with the count of what it missed, never silence.
  """
  nodes(
    """
    A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET and a new snapshot.
    """
    after: String
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    where: NodeFilter
  ): NodeEvent! @join__field(graph: CLOUD)
  """
  First the members as they are (SNAPSHOT, then one SNAPSHOT_END), then who enters (ENTERED), changes (UPDATED) and leaves (LEFT). A subscriber that is too slow gets a GAP with the count of what it missed, never silence.
  """
  pods(
    """
    A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET and a new snapshot.
    """
    after: String
    """
    kubectl's text: \`app=a,tier in (b,c),!canary\`.
    """
    labelSelector: String
    where: PodFilter
  ): PodEvent! @join__field(graph: CLOUD)
  """
  Messages of the nodes' MQTT buses, as they come: in the cloud those that the nodes' setting \`messages\` names, kept by a node while the link is down. A GAP counts what is missing.
  """
  messages(
    """
    A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET.
    """
    after: String
    """
    Of this node alone.
    """
    nodeName: String
    """
    An MQTT topic filter: \`+\` stands for one level, \`#\` for all from there on.
    """
    topic: String!
  ): MessageEvent @join__field(graph: EDGE)
  """
  First the members as they are (SNAPSHOT, then one SNAPSHOT_END), then who enters (ENTERED), changes (UPDATED) and leaves (LEFT). A subscriber that is too slow gets a GAP with the count of what it missed, never silence.
  """
  twins(
    """
    A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET and a new snapshot.
    """
    after: String
    flow: FlowInput
    properties: [String!]
    where: DeviceFilter
  ): TwinEvent @join__field(graph: EDGE)
}

"""
Accepted, but what was waited for has not happened in time; it still may.
"""
type TimedOut @join__type(graph: CLOUD) {
  change: Change!
}

"""
Who asks, as the server knows them.
"""
type Viewer @join__type(graph: CLOUD) {
  """
  false: every mutation is refused. true: what a mutation asks for may still be refused.
  """
  mayWrite: Boolean!
  name: String!
}

"""
One entry of a device's own address space: for building its model.
"""
type BrowsedNode @join__type(graph: EDGE) {
  """
  Of a variable: the protocol's own name of its data type, such as Double.
  """
  dataType: String
  """
  What a visitor names it by; \`browse(node:)\` goes on below it.
  """
  id: ID!
  kind: BrowsedKind!
  name: String!
  """
  Of a variable.
  """
  writable: Boolean
}

type DesiredValue @join__type(graph: EDGE) {
  """
  Absent when a plain kubectl set it.
  """
  change: ID
  expiresAt: DateTime
  """
  The text that Kubernetes carries.
  """
  raw: String!
  setAt: DateTime
  setBy: String
  value: TwinValue
}

type EdgeNode @join__type(graph: EDGE) {
  link: Link!
  """
  null: the node is away, or of a version that does not tell.
  """
  mappers: [Mapper!]
  """
  null: the node is away.
  """
  outbox: Outbox
  """
  null: the node is away.
  """
  store: Store
  """
  Octograph's version there.
  """
  version: String
}

"""
How far the answer can be trusted.
"""
type Freshness @join__type(graph: EDGE) {
  ageMs: Float
  """
  The last successful collection that the answer rests on.
  """
  asOf: DateTime
  link: LinkState!
  linkSince: DateTime
  source: FreshnessSource!
  """
  Link down, device not online, or no collection for three cycles.
  """
  stale: Boolean!
}

"""
What a property was, sized to what can be seen, with the gaps between.
"""
type History @join__type(graph: EDGE) {
  gaps: [HistoryGap!]!
  """
  RAW only: there was more than \`points\`; ask again from here.
  """
  next: DateTime
  samples: [HistorySample!]!
}

"""
Nothing is known of the property in between.
"""
type HistoryGap @join__type(graph: EDGE) {
  from: DateTime!
  to: DateTime!
}

type HistorySample @join__type(graph: EDGE) {
  at: DateTime!
  quality: Quality!
  raw: String
  value: TwinValue
}

"""
The tunnel between the node and the cloud, as the answering side sees it.
"""
type Link @join__type(graph: EDGE) {
  """
  Bytes received by the answering side since it started.
  """
  bytesIn: Float
  """
  Bytes sent by the answering side since it started.
  """
  bytesOut: Float
  """
  Age of the oldest report that the cloud has not acknowledged, as of the last ping.
  """
  lagMs: Float
  """
  Why the link is, or was last, down.
  """
  lastError: String
  """
  When the cloud last took something from the node.
  """
  lastSyncAt: DateTime
  """
  How often the link came up again since the answering side started.
  """
  reconnects: Int
  """
  The last ping's way there and back; null while the link is down.
  """
  rttMs: Float
  since: DateTime
  state: LinkState!
}

"""
What speaks one protocol with the node's devices.
"""
type Mapper @join__type(graph: EDGE) {
  """
  Devices of the node that name the protocol.
  """
  devices: Int!
  """
  false: devices name the protocol, and the node has no mapper of its own for it.
  """
  isLoaded: Boolean!
  """
  Those of them that answer.
  """
  online: Int!
  protocol: String!
}

"""
A message of a node's MQTT bus.
"""
type Message @join__type(graph: EDGE) {
  """
  TEXT wherever the payload is UTF-8.
  """
  encoding: PayloadEncoding!
  payload: String!
  """
  When the node heard it, by the node's clock.
  """
  receivedAt: DateTime!
  topic: String!
}

type MessageEvent @join__type(graph: EDGE) {
  """
  Opaque; subscribe with the same arguments and \`after\` to go on behind it.
  """
  cursor: String!
  gap: Gap
  kind: MessageEventKind!
  message: Message
  node: Node
  nodeName: String
}

"""
The broker of the node's bus has it.
"""
type MessagePublished @join__type(graph: EDGE) {
  id: ID!
}

"""
Refused, here or by the node; \`message\` names the thing, the value and what was expected.
"""
type MessageRejected @join__type(graph: EDGE) {
  code: String!
  message: String!
}

"""
Kept in the cloud: the node is away, or has not said in time that its bus has it. Published when it can be, until it expires.
"""
type MessageStored @join__type(graph: EDGE) {
  expiresAt: DateTime!
  id: ID!
}

"""
The device did it.
"""
type MethodDone @join__type(graph: EDGE) {
  """
  What it answered; null where it answers nothing.
  """
  value: TwinValue
}

"""
Refused or not answered. After DEVICE_TIMEOUT nobody knows whether the device did it.
"""
type MethodFailed @join__type(graph: EDGE) {
  code: String!
  message: String!
}

"""
What the node has reported and the cloud has not acknowledged.
"""
type Outbox @join__type(graph: EDGE) {
  bytes: Float!
  """
  Reports given up beyond the bound of the outbox, since the store was made.
  """
  dropped: Float!
  items: Int!
  oldestAgeMs: Float!
}

type ReportedValue @join__type(graph: EDGE) {
  observedAt: DateTime!
  quality: Quality!
  """
  What the device said, where it does not fit the model's type.
  """
  raw: String
  value: TwinValue
}

"""
The node's own store.
"""
type Store @join__type(graph: EDGE) {
  """
  Grows at each start.
  """
  epoch: Int!
  """
  Another one is another history.
  """
  id: String!
  """
  No history is written.
  """
  isHistoryStopped: Boolean!
  """
  The disk refuses what is put: it waits.
  """
  isRefused: Boolean!
}

"""
How a desired value and the device stand to each other.
"""
type Sync @join__type(graph: EDGE) {
  change: ID
  reason: String
  since: DateTime
  state: SyncState!
}

"""
Both views of one property: what is wanted of it, and what the device last said.
"""
type Twin @join__type(graph: EDGE) {
  accessMode: AccessMode!
  desired: DesiredValue
  freshness: Freshness!
  """
  From the node's own store, which keeps it link up or down. null: the node is away.
  """
  history(
    """
    An hour before \`to\` where nothing is said.
    """
    from: DateTime
    method: Downsample = MINMAX
    """
    1 to 5000.
    """
    points: Int = 300
    """
    Now where nothing is said.
    """
    to: DateTime
  ): History
  """
  It never leaves its node: in the cloud \`reported\` and \`observedDesired\` are null.
  """
  localOnly: Boolean!
  maximum: Float
  minimum: Float
  """
  What the edge acts on.
  """
  observedDesired: DesiredValue
  property: String!
  reported: ReportedValue
  seq: Float! @inaccessible
  sync: Sync!
  type: ValueType!
  unit: String
}

type TwinEvent @join__type(graph: EDGE) {
  """
  Opaque; subscribe with the same arguments and \`after\` to go on behind it.
  """
  cursor: String!
  """
  null on LEFT: it was deleted.
  """
  device: Device
  deviceRef: DeviceName
  gap: Gap
  kind: LiveEventKind!
  property: String
  """
  Updates of the property that \`flow\` folded into this event.
  """
  skipped: Int!
  """
  null on LEFT: the device was deleted, or its model lacks the property.
  """
  twin: Twin
}

union DeleteResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "Deleted") @join__unionMember(graph: CLOUD, member: "Rejected") = Deleted | Rejected

union ResolveConflictResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "ConflictResolved") @join__unionMember(graph: CLOUD, member: "Rejected") = ConflictResolved | Rejected

union SaveDeviceModelResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "DeviceModelSaved") @join__unionMember(graph: CLOUD, member: "Rejected") = DeviceModelSaved | Rejected

union SaveDeviceResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "DeviceSaved") @join__unionMember(graph: CLOUD, member: "Rejected") = DeviceSaved | Rejected

union SaveNodeResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "NodeSaved") @join__unionMember(graph: CLOUD, member: "Rejected") = NodeSaved | Rejected

union SetDesiredResult @join__type(graph: CLOUD) @join__unionMember(graph: CLOUD, member: "Pending") @join__unionMember(graph: CLOUD, member: "Rejected") @join__unionMember(graph: CLOUD, member: "Settled") @join__unionMember(graph: CLOUD, member: "TimedOut") = Pending | Rejected | Settled | TimedOut

union InvokeMethodResult @join__type(graph: EDGE) @join__unionMember(graph: EDGE, member: "MethodDone") @join__unionMember(graph: EDGE, member: "MethodFailed") = MethodDone | MethodFailed

union PublishResult @join__type(graph: EDGE) @join__unionMember(graph: EDGE, member: "MessagePublished") @join__unionMember(graph: EDGE, member: "MessageRejected") @join__unionMember(graph: EDGE, member: "MessageStored") = MessagePublished | MessageRejected | MessageStored

enum AccessMode @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  READ_ONLY @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  READ_WRITE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum BrowsedKind @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  METHOD @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  OBJECT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  OTHER @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  VARIABLE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum ChangeState @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  ACCEPTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  DELIVERED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  EXPIRED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  REJECTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  REPORTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  SUPERSEDED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

"""
What becomes of the updates of a property that follow closely on one another.
"""
enum Conflate @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  All are told, but for what an interval or a deadband leaves out.
  """
  EVERY @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The last one is told at the end of the interval, and says how many were left out; of a tenth of a second where none is given.
  """
  LATEST @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum ConflictKeep @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  What lost: it is set as desired again.
  """
  LOSER @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  What stands there now.
  """
  WINNER @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum ConflictSide @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CLOUD @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  EDGE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum LiveEventKind @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  ENTERED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  GAP @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  LEFT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  RESET @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  SNAPSHOT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  SNAPSHOT_END @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  UPDATED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum OrderDirection @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  ASC @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  DESC @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum DeviceModelOrderField @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CREATED_AT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  PROTOCOL @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum DeviceOrderField @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CREATED_AT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  MODEL @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NODE_NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  STATE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

"""
How a history is sized to its points.
"""
enum Downsample @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  The mean of each stretch, weighted by time.
  """
  AVG @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The least and the greatest of each stretch: no peak is lost.
  """
  MINMAX @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  Every value, as many as \`points\`.
  """
  RAW @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum FreshnessSource @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  DEVICE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  EDGE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  LAST_KNOWN @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  REPLICA @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum LinkState @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  DOWN @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  UP @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum MessageEventKind @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  Messages are missing in this place: with a \`nodeName\` that node had no room for them, without one this subscriber was too slow.
  """
  GAP @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  A node heard it on its bus.
  """
  MESSAGE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The cursor cannot be honoured: what came since then is not known.
  """
  RESET @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  From here on everything comes.
  """
  SUBSCRIBED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum ValueType @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  BOOLEAN @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  BYTES @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  DOUBLE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  FLOAT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  INT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  STREAM @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  STRING @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum NodeOrderField @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CREATED_AT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum PayloadEncoding @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  RFC 4648, with padding: for a payload that is no UTF-8.
  """
  BASE64 @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The payload as it is: UTF-8.
  """
  TEXT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum PlaceKind @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CLOUD @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  EDGE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum PodOrderField @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  CREATED_AT @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  NODE_NAME @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  PHASE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

enum Quality @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  BAD @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  GOOD @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  UNCERTAIN @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

"""
Where twins are read from.
"""
enum ReadMode @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  The replica while the link is up, else what was known last.
  """
  AUTO @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The mapper reads the device now.
  """
  DEVICE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The node's own store.
  """
  EDGE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  What is known here; never asks the node.
  """
  REPLICA @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

"""
How far setDesired waits.
"""
enum WaitFor @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  It stands as desired, durably.
  """
  ACCEPTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The edge node holds it.
  """
  DELIVERED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  It was written to the device and read back.
  """
  REPORTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

"""
How a desired value and the device stand to each other.
"""
enum SyncState @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  The edge node holds it; the device has not confirmed it yet.
  """
  DELIVERED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  It was in sync; the device reports something else now.
  """
  DRIFTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  It was not applied in time.
  """
  EXPIRED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The device confirmed it, and reports it.
  """
  IN_SYNC @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  Nothing is desired.
  """
  NONE @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The edge node has not seen the desired value yet.
  """
  PENDING @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
  """
  The device, the model or a precondition refused it; the reason says why.
  """
  REJECTED @join__enumValue(graph: CLOUD) @join__enumValue(graph: EDGE)
}

input ConflictFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  device: DeviceRef
  """
  true: those that nobody has seen to; false: the others.
  """
  open: Boolean
}

input CreateDeviceInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  labels: [LabelInput!]
  """
  The name of its DeviceModel.
  """
  model: String!
  name: String!
  namespace: String! = "default"
  """
  The edge node that runs it; null: none.
  """
  nodeName: String
  properties: [DevicePropertyInput!]
  protocol: ProtocolInput
}

input CreateDeviceModelInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  labels: [LabelInput!]
  name: String!
  namespace: String! = "default"
  properties: [ModelPropertyInput!]
  protocol: String
}

"""
One of the two. A change of quality, sync state, type or wish is told however small the number changed.
"""
input DeadbandInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  In the property's unit, 0 or more.
  """
  absolute: Float
  """
  Of the number that was told last, 0 to 100.
  """
  percent: Float
}

input DesiredValueInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  property: String!
  """
  null: nothing is desired any more.
  """
  value: TwinValue
}

input DeviceFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  and: [DeviceFilter!]
  labels: [LabelFilter!]
  """
  The name of its DeviceModel.
  """
  model: StringFilter
  name: StringFilter
  namespace: StringFilter
  nodeName: StringFilter
  not: DeviceFilter
  or: [DeviceFilter!]
  protocol: StringFilter
  """
  online, offline, unhealthy, disconnected or unknown.
  """
  state: StringFilter
  twin: TwinFilter
}

input DeviceModelFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  and: [DeviceModelFilter!]
  labels: [LabelFilter!]
  name: StringFilter
  namespace: StringFilter
  not: DeviceModelFilter
  or: [DeviceModelFilter!]
  protocol: StringFilter
}

input DeviceModelOrder @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  direction: OrderDirection = ASC
  field: DeviceModelOrderField!
}

input DeviceOrder @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  direction: OrderDirection = ASC
  field: DeviceOrderField!
}

input DevicePropertyInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  Milliseconds between two reads; 1000 where nothing is said.
  """
  collectCycleMs: Int
  name: String!
  """
  Milliseconds between two reports; 1000 where nothing is said.
  """
  reportCycleMs: Int
  """
  How the mapper reaches the property.
  """
  visitor: JSON
}

input DeviceRef @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  name: String!
  namespace: String! = "default"
}

"""
How much of the updates is told. Who enters or leaves is told at once, always.
"""
input FlowInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  conflate: Conflate = EVERY
  """
  A number is told when it is further from the one that was told last.
  """
  deadband: DeadbandInput
  """
  Between two updates of one property, 0 to 3 600 000. What comes between is folded; the last value is told.
  """
  minIntervalMs: Int
}

input InvokeMethodInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  arguments: [MethodArgument!]
  device: DeviceRef!
  """
  Not called from here on, in the cloud's time.
  """
  expiresAt: DateTime
  """
  Calls of a device with the same key are one call.
  """
  idempotencyKey: String
  method: String!
  """
  1 to 60000.
  """
  timeoutMs: Int = 5000
}

"""
A condition on one label; all that are given must hold.
"""
input LabelFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  eq: String
  exists: Boolean
  gt: String
  gte: String
  in: [String!]
  key: String!
  """
  \`%\` stands for any text, \`_\` for one character.
  """
  like: String
  lt: String
  lte: String
  ne: String
}

input LabelInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  key: String!
  value: String!
}

input MethodArgument @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  name: String!
  value: TwinValue
}

input ModelPropertyInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  accessMode: AccessMode!
  description: String
  maximum: Float
  minimum: Float
  name: String!
  type: ValueType!
  unit: String
  """
  Default of its devices.
  """
  visitor: JSON
}

input NodeFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  and: [NodeFilter!]
  labels: [LabelFilter!]
  name: StringFilter
  not: NodeFilter
  or: [NodeFilter!]
  """
  false: not ready, or nobody knows.
  """
  ready: Boolean
}

input NodeOrder @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  direction: OrderDirection = ASC
  field: NodeOrderField!
}

input ObjectRef @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  name: String!
  namespace: String! = "default"
}

input PodFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  and: [PodFilter!]
  labels: [LabelFilter!]
  name: StringFilter
  namespace: StringFilter
  nodeName: StringFilter
  not: PodFilter
  or: [PodFilter!]
  phase: StringFilter
}

input PodOrder @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  direction: OrderDirection = ASC
  field: PodOrderField!
}

input ProtocolInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  """
  How the device is reached.
  """
  config: JSON
  """
  modbus, mqtt, …: which mapper.
  """
  name: String!
}

input PublishInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  encoding: PayloadEncoding = TEXT
  """
  Not published from here on, in the cloud's time; a day from now where it is left out.
  """
  expiresAt: DateTime
  """
  The same key of the same principal is the same message, for 24 hours: it is not published twice.
  """
  idempotencyKey: String
  nodeName: String!
  """
  With the topic at most 128000 bytes.
  """
  payload: String!
  """
  0, 1 or 2, at the node's bus.
  """
  qos: Int = 1
  retain: Boolean = false
  """
  0 to 60000: how long to wait for the bus.
  """
  timeoutMs: Int = 5000
  """
  No wildcards; topics that begin with \`\$\` are the node's own.
  """
  topic: String!
}

input ReportedCondition @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  property: String!
  value: ValueFilter!
}

input ResolveConflictInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  id: ID!
  keep: ConflictKeep!
}

input SetDesiredInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  device: DeviceRef!
  """
  Not applied from here on, in the cloud's time.
  """
  expiresAt: DateTime
  """
  The same key of the same principal is the same request, for 24 hours: it is not done twice.
  """
  idempotencyKey: String
  """
  What has to stand as desired when it is accepted; null: nothing.
  """
  ifDesired: [DesiredValueInput!]
  """
  What the device has to report when it is applied; judged at the edge.
  """
  ifReported: [ReportedCondition!]
  """
  0 to 60000.
  """
  timeoutMs: Int = 5000
  """
  One patch: all of them are accepted, or none; they settle together.
  """
  values: [DesiredValueInput!]!
  waitFor: WaitFor = ACCEPTED
}

"""
A condition on one text field; all that are given must hold.
"""
input StringFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  eq: String
  gt: String
  gte: String
  in: [String!]
  """
  \`%\` stands for any text, \`_\` for one character.
  """
  like: String
  lt: String
  lte: String
  ne: String
}

input SyncStateFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  eq: SyncState
  in: [SyncState!]
  ne: SyncState
}

"""
A condition on one property, judged over what is known where the query runs, whatever \`read\` says.
"""
input TwinFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  property: String!
  reported: ValueFilter
  stale: Boolean
  sync: SyncStateFilter
}

input UpdateDeviceInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  device: DeviceRef!
  labels: [LabelInput!]
  model: String
  """
  The edge node that runs it; null: none.
  """
  nodeName: String
  properties: [DevicePropertyInput!]
  protocol: ProtocolInput
}

input UpdateDeviceModelInput @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  labels: [LabelInput!]
  model: ObjectRef!
  properties: [ModelPropertyInput!]
  protocol: String
}

"""
A condition on a value of a device; values of another type meet \`ne\` alone.
"""
input ValueFilter @join__type(graph: CLOUD) @join__type(graph: EDGE) {
  eq: TwinValue
  gt: TwinValue
  gte: TwinValue
  in: [TwinValue!]
  """
  Of texts: \`%\` stands for any text, \`_\` for one character.
  """
  like: String
  lt: TwinValue
  lte: TwinValue
  ne: TwinValue
}
`;

import type { ExecutionResult } from 'graphql';
import { Completeness } from '../../cloud/completeness.ts';
import { EdgeDialects } from '../../cloud/edge-dialects.ts';
import { createEdgeNodes, type EdgeNodesOptions } from '../../cloud/edge-nodes.ts';
import { ForeignDevices } from '../../cloud/foreign-devices.ts';
import { NodeAsker } from '../../cloud/node-asker.ts';
import { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import { NodeGate } from '../../cloud/node-gate.ts';
import { NodeLinks } from '../../cloud/node-links.ts';
import { createObjectReader } from '../../cloud/object-reader.ts';
import { ProposalCourt, type ProposalCourtOptions } from '../../cloud/proposals.ts';
import { Replica } from '../../cloud/replica.ts';
import { CloudTwins } from '../../cloud/twin-reader.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { involvedOf } from '../../kubernetes/event-object.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { GraphqlRequest, Hello, NodeSession } from '../../tunnel/contract.ts';
import type { DownMessage, SnapshotUp } from '../../tunnel/messages.ts';
import type { KubeConfigMap, KubeEvent, KubeNode, KubePod } from '../../twin/cluster-object.ts';
import {
  type DeviceModelObject,
  type DeviceObject,
  type DeviceStatusObject,
  splitId,
} from '../../twin/device-object.ts';
import type { DeviceStateInfo, Twin } from '../../twin/twin.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { type DeviceWish, deviceObject, modelObject } from '../harness/objects.ts';

/** The informers' caches without informers: the test is the cluster. */
export class FakeCluster {
  readonly nodes = new ObjectCache<KubeNode>();
  readonly pods = new ObjectCache<KubePod>({ nodeOf: ({ spec }) => spec.nodeName });
  readonly configMaps = new ObjectCache<KubeConfigMap>();
  readonly events = new ObjectCache<KubeEvent>({ involvedOf });
  readonly devices = new ObjectCache<DeviceObject>({
    nodeOf: ({ spec }) => spec.nodeName,
    modelOf: ({ metadata, spec }) => `${metadata.namespace}/${spec.deviceModelRef?.name}`,
  });
  readonly deviceModels = new ObjectCache<DeviceModelObject>();
  readonly deviceStatuses = new ObjectCache<DeviceStatusObject>();
  #version = 1;

  constructor() {
    this.deviceModels.put(modelObject());
  }

  get asCluster(): Cluster {
    return this as unknown as Cluster;
  }

  /** What nodes are told of is read, and stays as it is. */
  markSynced({ except }: { except?: unknown } = {}): void {
    const { nodes, pods, configMaps, devices, deviceModels } = this;
    for (const cache of [nodes, pods, configMaps, devices, deviceModels]) {
      if (cache.synced || cache === except) continue;
      const list = cache.beginList();
      list.page(cache.list() as never);
      list.end();
    }
  }

  putDevice(name: string, wish: DeviceWish = {}): DeviceObject {
    const device = deviceObject(name, { resourceVersion: String(++this.#version), ...wish });
    this.devices.put(device);
    return device;
  }
}

/** Of nodes that speak the gateway's own version. */
export const OWN_HASH = 'own-version';

/** A connected node, as the test plays it. */
export class ScriptedNode implements NodeSession {
  readonly nodeName: string;
  readonly certificate: NodeSession['certificate'];
  readonly hello: Hello;
  readonly connectedAt = 0;
  readonly bufferedBytes = 0;
  readonly rttMs = undefined;
  readonly lagMs = undefined;
  readonly bytesIn = 0;
  readonly bytesOut = 0;
  readonly sent: DownMessage[] = [];
  readonly requests: GraphqlRequest[] = [];
  closed: string | undefined;
  answer: (request: GraphqlRequest) => ExecutionResult | Promise<ExecutionResult> = () => ({});

  constructor(nodeName = 'edge-a', storeId = 'store-1') {
    this.nodeName = nodeName;
    this.certificate = { nodeName, serialNumber: '01', validTo: Number.POSITIVE_INFINITY };
    this.hello = { storeId, epoch: 1, ackedSeq: 0, schemaHash: OWN_HASH, version: '9.9.9', lastSeq: 0 };
  }

  send(message: DownMessage): void {
    this.sent.push(message);
  }

  async execute(request: GraphqlRequest): Promise<ExecutionResult> {
    this.requests.push(request);
    const aborted = new Promise<never>((_resolve, reject) =>
      request.signal?.addEventListener('abort', () => reject(request.signal?.reason)),
    );
    return Promise.race([this.answer(request), aborted]);
  }

  subscribe(): AsyncIterableIterator<ExecutionResult> {
    throw new Error('the test does not subscribe');
  }

  close(_code: number, reason: string): void {
    this.closed = reason;
  }
}

export const PUMP = 'default/pump';
export const pumpKey = { namespace: 'default', name: 'pump', nodeName: 'edge-a' };

export function twin(seq: number, value: number, fields: Partial<Twin> = {}): Twin {
  return {
    device: PUMP,
    uid: 'uid-pump',
    property: 'temperature',
    seq,
    reported: { value, quality: 'GOOD', observedAt: 1_700_000_000_000 },
    sync: { state: 'NONE', since: 1 },
    ...fields,
  };
}

export const state = (fields: Partial<DeviceStateInfo> = {}): DeviceStateInfo => ({
  device: PUMP,
  uid: 'uid-pump',
  state: 'online',
  ...fields,
});

/** A snapshot in one part. */
export const snapshot = (updates: Twin[], fields: Partial<SnapshotUp> = {}): SnapshotUp => ({
  type: 'snapshot',
  first: true,
  last: true,
  updates,
  states: [],
  sentAt: 0,
  ...fields,
});

/** The cloud's view of one cluster: caches, replica, links and readers, joined as in `cloud.ts`. */
export class CloudFixture {
  readonly clock = new ManualClock();
  readonly cluster = new FakeCluster();
  readonly links = new NodeLinks(this.clock);
  readonly taken: Twin[] = [];
  readonly forgotten: Twin[] = [];
  readonly states: DeviceStateInfo[] = [];
  readonly objects = createObjectReader(this.cluster.asCluster);
  readonly replica = new Replica({
    holds: (nodeName, id, uid) => {
      const [namespace, name] = splitId(id);
      const device = this.cluster.devices.get(namespace, name);
      return device?.spec.nodeName === nodeName && device.metadata.uid === uid;
    },
    isLocalOnly: (id, property) =>
      this.objects.isLocalOnly(this.cluster.devices.get(...splitId(id)), property),
    onTwin: (_nodeName, update) => this.taken.push(update),
    onForgotten: (_nodeName, update) => this.forgotten.push(update),
    onCollected: () => {},
    onState: (_nodeName, update) => this.states.push(update),
  });
  readonly foreign = new ForeignDevices({ cluster: this.cluster, replica: this.replica });
  readonly twins = new CloudTwins({
    objects: this.objects,
    replica: this.replica,
    foreignReport: (device) => this.foreign.reportOf(device),
    links: this.links,
    clock: this.clock,
    onDeviceChange: () => () => {},
  });

  readonly gate = new NodeGate({ clock: this.clock });
  readonly completeness = new Completeness((node) => this.links.lastSeenAt(node));

  /** Whom the nodes speak to. */
  edgeNodes({
    logger = silentLogger,
    writeDesired = async () => ({ metadata: {} }),
    onLink = () => {},
    onInfo = () => {},
  }: Partial<
    Pick<EdgeNodesOptions, 'onLink' | 'onInfo'> &
      Pick<ProposalCourtOptions, 'writeDesired'> & { logger: Logger }
  > = {}) {
    const { links, replica, objects, clock } = this;
    const authorizer = new NodeAuthorizer({ device: objects.device.bind(objects), clock, logger });
    const createId = (prefix: string) => `${prefix}-1`;
    const court = new ProposalCourt({ record() {}, createId, objects, writeDesired, clock, logger });
    const cluster = this.cluster.asCluster;
    const handler = createEdgeNodes({ cluster, links, replica, court, authorizer, onLink, onInfo, clock });
    return { handler, authorizer };
  }

  /** One operation's way to the nodes. */
  asker(signal?: AbortSignal): NodeAsker {
    return new NodeAsker({
      sessionOf: (nodeName) => this.links.requireSession(nodeName),
      gate: this.gate,
      dialects: new EdgeDialects(OWN_HASH),
      completeness: this.completeness,
      clock: this.clock,
      signal,
    });
  }

  /** A node that connects; with `isWhole`, its snapshot is in. */
  connect(node = new ScriptedNode(), { isWhole = true } = {}): ScriptedNode {
    this.links.up(node);
    this.replica.connect(node.nodeName, node.hello.storeId);
    if (isWhole) this.replica.applySnapshot(node.nodeName, snapshot([]), this.clock.now());
    return node;
  }
}

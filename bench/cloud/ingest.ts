import { type ExecutionResult, parse } from 'graphql';
import { Listeners } from '../../cloud/listeners.ts';
import { CloudLiveSets } from '../../cloud/live-sets.ts';
import { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import { ReplicaArchive } from '../../cloud/replica-archive.ts';
import { authorizedContext, createPlanRuntime, type Principal } from '../../gateway/index.ts';
import { createLocalExecutor } from '../../gateway/local-executor.ts';
import { Authorization } from '../../gateway/server/authorization.ts';
import { createErrorMask } from '../../gateway/server/errors.ts';
import { defaultLimits } from '../../gateway/server/limits.ts';
import type { OperationStream } from '../../gateway/server/operation-stream.ts';
import { SubscriptionHub } from '../../gateway/server/subscription-hub.ts';
import { systemClock } from '../../lib/clock.ts';
import { createId } from '../../lib/ids.ts';
import { silentLogger } from '../../lib/logger.ts';
import { supergraphSdl } from '../../schema/generated/supergraph.ts';
import { createCloudSubgraph, createEdgeSubgraph } from '../../schema/schemas.ts';
import type { EdgeStore } from '../../store/contract.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { FakeCluster, ScriptedNode, snapshot } from '../../test/cloud/fixture.ts';
import { deviceObject, modelObject } from '../../test/harness/objects.ts';
import type { WireMessage } from '../../tunnel/fragments.ts';
import { checkUpMessage } from '../../tunnel/message-check.ts';
import type { TwinsUp } from '../../tunnel/messages.ts';
import { SyncDecoder, SyncEncoder } from '../../tunnel/sync-payload.ts';
import { type DeviceObject, splitId } from '../../twin/device-object.ts';
import type { DeviceStateInfo, Twin } from '../../twin/twin.ts';
import { createBenchServices } from '../bench-cloud.ts';

const NODE = 'edge-a';
const MODEL = 'sensor';
const PROPERTIES = Array.from({ length: 10 }, (_, index) => `property-${index}`);

export const deviceName = (index: number): string => `device-${index}`;

/** One node that says everything of its devices, again and again: its frames, as they come through the tunnel. */
export class IngestNode {
  readonly #devices: number;
  readonly #encoder = new SyncEncoder();
  #seq = 0;

  constructor(devices: number) {
    this.#devices = devices;
  }

  states(): WireMessage {
    const states = Array.from({ length: this.#devices }, (_, index): DeviceStateInfo => {
      const name = deviceName(index);
      // By event: that nothing comes between two rounds is no silence.
      return { device: `default/${name}`, uid: `uid-${name}`, state: 'online', byEvent: true };
    });
    return this.#encoder.encode({ type: 'states', states, sentAt: systemClock.now() });
  }

  /** @param batch updates per frame: what the node commits together */
  reports(updates: number, batch: number): WireMessage[] {
    return Array.from({ length: Math.ceil(updates / batch) }, (_, frame) => {
      const size = Math.min(batch, updates - frame * batch);
      return this.#encoder.encode({
        type: 'reports',
        updates: Array.from({ length: size }, () => this.#twin()),
      });
    });
  }

  #twin(): Twin {
    const seq = ++this.#seq;
    const name = deviceName(Math.floor(seq / PROPERTIES.length) % this.#devices);
    // Tenths that drift, and never the one before.
    const value = Math.round(2000 + 500 * Math.sin(seq / 1000)) / 10 + Math.floor(seq / 1000);
    return {
      device: `default/${name}`,
      uid: `uid-${name}`,
      property: PROPERTIES[seq % PROPERTIES.length] as string,
      seq,
      reported: { value, quality: 'GOOD', observedAt: systemClock.now() },
      sync: { state: 'NONE', since: 1 },
    };
  }
}

const memoryStore = (): EdgeStore =>
  openMemoryStore({
    disk: new MemoryDisk(),
    history: { maxAgeMs: 0 },
    clock: systemClock,
    logger: silentLogger,
  });

/** As an informer parsed it: it shares nothing with the others. */
function deviceAt(index: number): DeviceObject {
  const device = deviceObject(deviceName(index), { model: MODEL, nodeName: NODE });
  const properties = PROPERTIES.map((name, n) => ({
    name,
    collectCycle: 1000,
    reportCycle: 1000,
    visitors: {
      protocolName: 'modbus',
      configData: { register: 'HoldingRegister', offset: n * 2, limit: 2 },
    },
  }));
  return JSON.parse(JSON.stringify({ ...device, spec: { ...device.spec, properties } }));
}

/** The gateway from the tunnel's frames to the bytes of a subscription, joined as in `cloud.ts`, without sockets and Kubernetes. */
export function startIngestCloud(devices: number, store = memoryStore()) {
  const cluster = new FakeCluster();
  cluster.deviceModels.put(
    modelObject(
      MODEL,
      PROPERTIES.map((name) => ({ name, type: 'DOUBLE', accessMode: 'ReadOnly' })),
    ),
  );
  for (let index = 0; index < devices; index++) cluster.devices.put(deviceAt(index));
  const deviceOf = (id: string) => cluster.devices.get(...splitId(id));
  const archive = new ReplicaArchive(store, systemClock);
  const listeners = new Listeners();
  let live!: CloudLiveSets;
  const services = createBenchServices(cluster.asCluster, {
    replica: {
      holds(nodeName, id, uid) {
        const device = deviceOf(id);
        return device?.spec.nodeName === nodeName && device.metadata.uid === uid;
      },
      isLocalOnly: (id, property) => services.objects.isLocalOnly(deviceOf(id), property),
      onTwin(nodeName, twin, storeId) {
        archive.twin(nodeName, twin, storeId);
        const device = deviceOf(twin.device);
        if (!device) return;
        live.putTwin(twin.device, twin.property, services.twins.viewOf(device, twin.property));
        listeners.call(twin.device);
      },
      onState(_nodeName, state) {
        archive.state(state);
        live.putState(state);
      },
      onCollected: (id, aliveAt) => live.collected(id, aliveAt),
    },
    feedsOf(twins) {
      live = new CloudLiveSets({ cluster, twins, createId, clock: systemClock });
      return live.feeds;
    },
  });
  const { replica, links } = services;
  const authorizer = new NodeAuthorizer({
    device: cluster.devices.get.bind(cluster.devices),
    clock: systemClock,
    logger: silentLogger,
  });
  const session = new ScriptedNode(NODE);
  links.up(session);
  replica.connect(NODE, session.hello.storeId);
  replica.applySnapshot(NODE, snapshot([]), systemClock.now());
  for (const device of cluster.devices.list()) live.put(device);

  const decoder = new SyncDecoder();
  return {
    /** As `cloud/edge-nodes.ts` takes a frame in. */
    take(frame: WireMessage): void {
      const message = authorizer.authorize(NODE, checkUpMessage(decoder.decode(frame)) as TwinsUp);
      if (message.type === 'reports') replica.apply(NODE, message.updates);
      if (message.type === 'states')
        replica.applyStates(NODE, message.states, message.sentAt, systemClock.now());
    },
    subscribe: createSubscribe(services.contextFor),
    async close() {
      await live.close();
      await archive.close();
      await store.close();
    },
  };
}

/** As the public API subscribes; what it gives is polled, as a WebSocket's delivery does. */
function createSubscribe(createContext: ReturnType<typeof createBenchServices>['contextFor']) {
  const executors = {
    cloud: createLocalExecutor(createCloudSubgraph(), silentLogger),
    edge: createLocalExecutor(createEdgeSubgraph(), silentLogger),
  };
  const runtime = createPlanRuntime({ supergraphSdl, executors });
  const principal: Principal = { name: 'bench', rights: 'read' };
  const contextFor = (signal: AbortSignal) =>
    authorizedContext(createContext(principal, { signal }), new Authorization(principal));
  const hub = new SubscriptionHub({
    contextFor: (_principal, { signal }) => contextFor(signal),
    mask: createErrorMask(silentLogger),
    sharedBytes: defaultLimits.sharedBytes,
  });
  return async (text: string): Promise<Subscriber> => {
    const contextValue = await contextFor(new AbortController().signal);
    const args = { schema: runtime.schema, document: parse(text), contextValue };
    const results = await runtime.subscribe(args);
    if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results));
    return new Subscriber(hub.open(results, args, principal, () => {}));
  };
}

export class Subscriber {
  readonly #stream: OperationStream;
  events = 0;
  bytes = 0;

  constructor(stream: OperationStream) {
    this.#stream = stream;
  }

  /** Until it has so many events. @throws where one of them tells of an error or a gap */
  async upTo(events: number): Promise<void> {
    while (this.events < events) {
      const payload = this.#stream.poll();
      if (!payload) await new Promise<void>((resolve) => (this.#stream.onReady = resolve));
      else {
        this.events++;
        this.bytes += payload.json.byteLength;
        const { errors, data } = payload.result as ExecutionResult<{ twins: { kind: string } }>;
        if (errors || data?.twins.kind === 'GAP') throw new Error(payload.json.toString());
      }
    }
  }
}

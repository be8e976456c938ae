import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { execute, subscribe } from 'graphql';
import type { BrokerFacts } from '../bus/broker.ts';
import { startEventBus } from '../bus/event-bus.ts';
import { dataDeviceOf, KUBEEDGE_MESSAGES } from '../bus/kubeedge/topics.ts';
import { LiveDevices } from '../gateway/device-feed.ts';
import { startFreshnessWatch } from '../gateway/freshness-watch.ts';
import {
  type AccessOptions,
  authorizedContext,
  dashboardRoutes,
  type GraphqlListener,
  type Guards,
  startGraphqlServer,
} from '../gateway/index.ts';
import { createNodeFeed, createPodFeed } from '../gateway/object-feed.ts';
import { createErrorMask } from '../gateway/server/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import { createId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { MqttBroker } from '../lib/mqtt-broker.ts';
import { VERSION } from '../lib/version.ts';
import type { Mapper } from '../mappers/contract.ts';
import { ChangeTracker } from '../resolvers/change-tracker.ts';
import { createLedger } from '../resolvers/conflict.ts';
import type { Context } from '../resolvers/context.ts';
import { printSubgraph } from '../schema/federation.ts';
import { hashOfSdl } from '../schema/schema-hash.ts';
import { createEdgeSubgraph, createLocalSchema } from '../schema/schemas.ts';
import type { EdgeStore } from '../store/contract.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { StoreOptions } from '../store/store.ts';
import type { LinkState } from '../tunnel/contract.ts';
import { timeoutOf } from '../tunnel/graphql-server.ts';
import { deviceId, idOf, splitId } from '../twin/device-object.ts';
import { LOCAL_ONLY } from '../twin/local-only.ts';
import type { NodeObject, ObjectRef } from '../twin/node-object.ts';
import { viewFromEdge } from '../twin/view.ts';
import { addBrokerMetrics } from './broker-metrics.ts';
import { BusAdapter } from './bus-adapter.ts';
import { createBusMapper } from './bus-mapper.ts';
import { CloudClock } from './cloud-clock.ts';
import { createEdgeCommands } from './commands.ts';
import { DesiredApplier } from './desired-applier.ts';
import { createDeviceBrowser } from './device-browser.ts';
import { hostDevices, startDeviceLink } from './device-link.ts';
import { startUplink, type Uplink, type UplinkTarget } from './enrolment/uplink.ts';
import { createEdgeHistory } from './history-reader.ts';
import { addLinkMetrics, kubernetesFreshness, linkSourceOf } from './link-source.ts';
import { readMachine } from './machine.ts';
import { MachineWatch } from './machine-watch.ts';
import { MessageOutbox } from './message-outbox.ts';
import { createEdgeMessages } from './messages.ts';
import { MetadataCache } from './metadata-cache.ts';
import { createMethodInvoker } from './method-invoker.ts';
import { createNodeFacts } from './node-facts.ts';
import { createOutsideContext } from './outside-context.ts';
import { Publisher } from './publisher.ts';
import { EdgeSync } from './sync.ts';
import { EdgeTwinReader } from './twin-reader.ts';
import { TwinRegistry } from './twin-registry.ts';

export interface EdgeNodeOptions {
  nodeName: string;
  /** How durable, and how much of it. */
  store?: Pick<StoreOptions, 'durability' | 'history' | 'outboxLimitBytes'>;
  /** Holds the store; one edge node, one directory. */
  dataDir: string;
  listen: GraphqlListener;
  access: AccessOptions;
  guards?: Guards;
  graphiql: boolean;
  /** Absent: the node runs on its own. */
  tunnel?: UplinkTarget & { backoffCapMs?: number; pingMs?: number };
  mappers: Mapper[];
  /** The MQTT broker of the node, embedded or not; absent: there is no event bus. */
  bus?: MqttBroker;
  /** How the embedded broker fares, for the metrics. */
  brokerFacts?: () => BrokerFacts;
  messages?: {
    /** Topic filters of the bus's messages that go to the cloud. @default those of KubeEdge */
    filters?: readonly string[];
    /** Bytes of them that are kept while the link is down. @default 16 MiB */
    limitBytes?: number;
  };
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export interface EdgeNode extends Closable {
  /** Of the local GraphQL API. */
  readonly url: string;
}

/** Changes kept for subscribers who resume. Who comes later than that gets a snapshot. */
const RESUMABLE_CHANGES = 2_000;

/** Composition root of an edge node: everything that it serves works from its own store, link up or down. */
export async function startEdgeNode(options: EdgeNodeOptions): Promise<EdgeNode> {
  const { nodeName, clock, random, logger } = options;
  const open = new Disposables();
  try {
    const path = join(options.dataDir, 'edge.db');
    const store = open.use(openSqliteStore({ path, clock, logger, ...options.store }));
    const registry = new TwinRegistry(store, clock);
    const metadata = new MetadataCache(store.load().objects);
    let link: LinkState = { up: false, since: clock.now(), reconnects: 0, bytesIn: 0, bytesOut: 0 };

    /** When the link went down, since the start; undefined where it never was up. */
    let lastUpAt: number | undefined;

    const cloudClock = new CloudClock(clock);
    const applier = new DesiredApplier({
      registry,
      writer: { apply: (...args) => host.apply(...args) },
      cloudNow: () => cloudClock.now(),
      clock,
      random,
      logger,
    });
    open.add(() => applier.close());
    const busMapper =
      options.bus &&
      createBusMapper({ registry, tell: (device, property) => busAdapter.tellAgain(device, property) });
    const host = open.use(
      startDeviceLink({
        registry,
        metadata,
        mappers: options.mappers,
        fallback: busMapper,
        onState(device, urgent) {
          sync.markState(device);
          liveDevices.putState(device, registry.state(device) ?? { state: 'unknown' });
          if (urgent) sync.flushStates();
          if (urgent) freshness.look(device);
          else freshness.heard(device, registry.state(device)?.aliveAt);
        },
        onOnline: (device) => applier.retryDevice(device),
        clock,
        random,
        logger,
      }),
    );
    const forget = (ref: ObjectRef) => {
      if (ref.kind === 'Node') liveNodes.remove(ref);
      if (ref.kind === 'Pod') livePods.remove(ref);
      if (ref.kind !== 'Device') return;
      const id = deviceId(ref.namespace, ref.name);
      registry.removeDevice(id);
      liveDevices.remove(id);
      freshness.forget(id);
    };
    const adopt = () => {
      for (const device of metadata.devices()) registry.setDevice(device, metadata.modelOf(device));
      // What waits for its commit is told with it: versions ahead of it would be followed by older values.
      store.flush();
      for (const device of metadata.devices()) {
        liveDevices.put(twins.version(device));
        freshness.look(idOf(device));
      }
      for (const node of metadata.nodes()) liveNodes.put(node);
      for (const pod of metadata.pods()) livePods.put(pod);
      host.setDevices(hostDevices(metadata));
      busAdapter.refreshMembers();
    };
    const sync = new EdgeSync({
      store,
      registry,
      onObjects(complete: boolean, upsert: readonly NodeObject[], remove: readonly ObjectRef[]) {
        const change = metadata.apply(complete, upsert, remove);
        store.putObjects(change.upsert, change.remove);
        for (const ref of change.remove) forget(ref);
        adopt();
      },
      clock,
      logger,
    });
    open.add(() => sync.close());

    const commands = createEdgeCommands(registry, store, (proposals) => sync.sendProposals(proposals));
    const busAdapter = new BusAdapter({
      registry,
      metadata,
      store,
      commands,
      mapped: new Set(options.mappers.map(({ protocol }) => protocol)),
      onState: (device, state) => busMapper?.setState(device, state),
      createId,
      clock,
    });
    open.add(() => busAdapter.close());

    const readerOptions = { registry, metadata, devices: host, link: () => link, clock };
    const twins = new EdgeTwinReader(readerOptions);
    const outsideTwins = new EdgeTwinReader({
      ...readerOptions,
      settled: () => store.durable(),
      isOutside: true,
    });
    const liveDevices = new LiveDevices({
      epoch: createId('log'),
      limit: RESUMABLE_CHANGES,
      clock,
      sourceOf: (device, view) => twins.sourceOf(device, view, 'EDGE'),
    });
    const freshness = open.use(
      startFreshnessWatch({
        known(id) {
          const [namespace, name] = splitId(id);
          return twins.known({ namespace, name, nodeName });
        },
        publish: (id, fresh) => liveDevices.putFresh(id, fresh),
        clock,
      }),
    );
    const liveNodes = createNodeFeed(createId('log'));
    const livePods = createPodFeed(createId('log'));
    open.add(
      store.onCommit((updates) => {
        for (const twin of updates) {
          const property = registry.device(twin.device)?.properties.get(twin.property);
          if (property) liveDevices.putTwin(twin.device, viewFromEdge(property, twin));
          freshness.reported(twin.device, twin.property);
        }
      }),
    );

    const changes = new ChangeTracker({
      store,
      twins,
      deviceOf: ({ namespace, device, uid }) => {
        const object = metadata.device(namespace, device);
        return object?.metadata.uid === uid ? { namespace, name: device, nodeName } : null;
      },
      clock,
    });
    open.add(() => changes.close());
    adopt();
    applier.resume();
    const filters = options.messages?.filters ?? KUBEEDGE_MESSAGES;
    const bus =
      options.bus &&
      open.use(
        startEventBus({
          nodeName,
          broker: options.bus,
          twins: busAdapter,
          messages: filters,
          onMessage(message) {
            messages.hear(message);
            if (options.tunnel && mayLeave(message.topic, metadata)) messageOutbox.add(message);
          },
          createEventId: randomUUID,
          clock,
          logger,
        }),
      );
    const messages = open.use(
      createEdgeMessages({ nodeName, broker: options.bus, bus, filters, store, createId, clock }),
    );
    const messageOutbox = new MessageOutbox({
      store: store.messages,
      limitBytes: options.messages?.limitBytes,
      clock,
      logger,
    });
    open.add(() => messageOutbox.close());
    const cloudNow = () => cloudClock.now();
    const publisher = new Publisher({ bus, store, cloudNow, clock, logger });
    open.add(() => publisher.close());

    let uplink: Uplink | undefined;
    const lagMs = () => store.outboxStats(clock.now()).oldestAgeMs;
    const linkSource = () => linkSourceOf(uplink?.state() ?? link, sync.lastSyncAt, lagMs());
    const base: Omit<Context, 'principal' | 'signal'> = {
      clock,
      createId,
      place: {
        kind: 'EDGE',
        nodeName,
        version: VERSION,
        kubernetes: () => kubernetesFreshness(link, lastUpAt, clock.now()),
      },
      objects: metadata,
      twins,
      history: createEdgeHistory(store, registry),
      live: {
        nodes: liveNodes,
        pods: livePods,
        devices: liveDevices.devices,
        twins: liveDevices.twins,
      },
      commands,
      changes,
      ledger: createLedger(store),
      nodeFacts: createNodeFacts({
        nodeName,
        store,
        protocols: options.mappers.map(({ protocol }) => protocol),
        metadata,
        registry,
        clock,
      }),
      browser: createDeviceBrowser(host),
      methods: createMethodInvoker(host, cloudClock, () => clock.now()),
      messages,
      links: {
        edgeNode: (name) =>
          name === nodeName
            ? {
                name,
                version: VERSION,
                link: linkSource(),
              }
            : null,
      },
    };

    const metrics = createMetrics();
    addLinkMetrics(metrics, linkSource);
    metrics.gauge(
      'octograph_outbox_items',
      'Reports that the cloud has not acknowledged.',
      () => store.outboxStats(clock.now()).items,
    );
    metrics.gauge(
      'octograph_messages_waiting',
      'Messages of the bus that the cloud has not taken.',
      () => messageOutbox.items,
    );
    metrics.gauge('octograph_messages_dropped', 'Messages of the bus that found no room, ever.', () =>
      store.messages.dropped(),
    );
    metrics.gauge('octograph_devices', 'Devices of this node.', () => [...metadata.devices()].length);

    if (options.brokerFacts) addBrokerMetrics(metrics, options.brokerFacts);

    const server = open.use(
      await startGraphqlServer({
        ...options.guards,
        listen: options.listen,
        what: `the GraphQL API of edge node ${nodeName}`,
        schema: createLocalSchema(),
        contextFor: (principal, { signal, authorize }) =>
          authorizedContext<Context>({ ...base, principal, signal }, authorize),
        access: options.access,
        graphiql: options.graphiql,
        routes: dashboardRoutes(),
        health: {
          live: () => true,
          ready: () => ({
            ok: true,
            checks: [
              storeCheck(store),
              {
                name: 'link',
                ok: true,
                detail: link.up ? 'up' : `down: ${link.lastError ?? 'not connected yet'}`,
              },
            ],
          }),
          metrics: () => metrics.text(),
        },
        clock,
        logger,
      }),
    );

    if (options.tunnel) {
      const edgeSchema = createEdgeSubgraph();
      const schemaHash = hashOfSdl(printSubgraph(edgeSchema));
      const { backoffCapMs, pingMs, ...target } = options.tunnel;
      const mask = createErrorMask(logger);
      const machine = new MachineWatch({
        read: () => readMachine(options.dataDir),
        tell: (changed) => sync.sendMachine(changed),
        clock,
      });
      open.add(() => machine.close());
      uplink = open.use(
        startUplink({
          ...target,
          nodeName,
          dataDir: options.dataDir,
          hello: () => ({
            ...store.identity,
            ...store.sync,
            lastSeq: store.lastSeq(),
            schemaHash,
            version: VERSION,
            machine: machine.hello(),
          }),
          handler: {
            onConnected(session) {
              cloudClock.hear(session.welcome.serverTime);
              sync.onConnected(session);
              messageOutbox.onConnected(session);
              publisher.onConnected(session);
            },
            onMessage(session, message) {
              if (message.type === 'taken') messageOutbox.onTaken(message.seq);
              else if (message.type === 'publish') publisher.onPublish(session, message);
              else sync.onMessage(session, message);
            },
            onDisconnected(reason, code) {
              sync.onDisconnected(reason, code);
              messageOutbox.onDisconnected();
              publisher.onDisconnected();
            },
          },
          lagMs,
          serveGraphql: {
            schema: edgeSchema,
            execute,
            subscribe,
            // Without it a code would get lost on the way, and the words of a bug would not.
            onNext: (_context, _id, _payload, _args, { errors, ...result }) => ({
              ...result,
              ...(errors && { errors: errors.map(mask) }),
            }),
            context: (_context, _id, payload) =>
              createOutsideContext(base, outsideTwins.within(timeoutOf(payload)), registry),
          },
          onStateChange(state) {
            if (link.up && !state.up) lastUpAt = state.since;
            link = state;
          },
          clock,
          random,
          logger,
          pingMs,
          backoff: backoffCapMs === undefined ? undefined : { capMs: backoffCapMs },
        }),
      );
    }
    return { url: server.url, close: () => open.close() };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Data of a device that keeps something to its node stays here: a payload may hold any of its properties. */
function mayLeave(topic: string, metadata: MetadataCache): boolean {
  const id = dataDeviceOf(topic);
  const device = id === undefined ? undefined : metadata.device(...splitId(id));
  const objects = [device, device && metadata.modelOf(device)];
  return objects.every((object) => (object?.metadata.annotations?.[LOCAL_ONLY] ?? 'false') === 'false');
}

function storeCheck(store: EdgeStore) {
  const { isRefused, isHistoryStopped, recovery } = store.facts();
  const words = [
    store.identity.storeId,
    ...(isRefused ? ['the disk refuses writes'] : []),
    ...(isHistoryStopped ? ['no history is written'] : []),
    ...(recovery ? [`recovered: ${recovery.reason}`] : []),
  ];
  // It answers and its mappers run, whatever the disk does: that it refuses is told, and no reason to end the process.
  return { name: 'store', ok: true, detail: words.join(', ') };
}

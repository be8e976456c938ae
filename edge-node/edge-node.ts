import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BrokerFacts } from '../bus/broker.ts';
import { startEventBus } from '../bus/event-bus.ts';
import { dataDeviceOf, KUBEEDGE_MESSAGES } from '../bus/kubeedge/topics.ts';
import type { AccessOptions, GraphqlListener, Guards } from '../gateway/index.ts';
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
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { StoreOptions } from '../store/store.ts';
import type { LinkState } from '../tunnel/contract.ts';
import { addBrokerMetrics } from './broker-metrics.ts';
import { BusAdapter } from './bus-adapter.ts';
import { createBusMapper } from './bus-mapper.ts';
import { CloudClock } from './cloud-clock.ts';
import { type CloudLink, startCloudLink } from './cloud-link.ts';
import { createEdgeCommands } from './commands.ts';
import { DesiredApplier } from './desired-applier.ts';
import { createDeviceBrowser } from './device-browser.ts';
import { startDeviceLink } from './device-link.ts';
import type { UplinkTarget } from './enrolment/uplink.ts';
import { createEdgeHistory } from './history-reader.ts';
import { addLinkMetrics, kubernetesFreshness, linkSourceOf } from './link-source.ts';
import { EdgeLiveSets } from './live-sets.ts';
import { startLocalApi } from './local-api.ts';
import { MessageOutbox } from './message-outbox.ts';
import { createEdgeMessages } from './messages.ts';
import { MetadataCache } from './metadata-cache.ts';
import { createMethodInvoker } from './method-invoker.ts';
import { createNodeFacts } from './node-facts.ts';
import { addNodeMetrics } from './node-metrics.ts';
import { ObjectIntake } from './object-intake.ts';
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

/** Composition root of an edge node: everything that it serves works from its own store, link up or down. */
export async function startEdgeNode(options: EdgeNodeOptions): Promise<EdgeNode> {
  const { nodeName, clock, random, logger } = options;
  const open = new Disposables();
  try {
    const path = join(options.dataDir, 'edge.db');
    const store = open.use(openSqliteStore({ path, clock, logger, ...options.store }));
    const content = store.load();
    const registry = new TwinRegistry(store, clock, content);
    const metadata = new MetadataCache(content.objects);
    let link: LinkState = { up: false, since: clock.now(), reconnects: 0, bytesIn: 0, bytesOut: 0 };
    /** When the link went down, since the start; undefined where it never was up. */
    let lastUpAt: number | undefined;

    const cloudClock = new CloudClock(clock);
    const cloudNow = () => cloudClock.now();
    const applier = new DesiredApplier({
      registry,
      writer: { apply: (...args) => host.apply(...args) },
      cloudNow,
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
        mappers: options.mappers,
        fallback: busMapper,
        onState(device, urgent) {
          sync.markState(device);
          live.stateChanged(device, urgent);
          if (urgent) sync.flushStates();
        },
        onOnline: (device) => applier.retryDevice(device),
        clock,
        random,
        logger,
      }),
    );
    const intake = new ObjectIntake({
      store,
      registry,
      metadata,
      host,
      tell(devices, gone) {
        // What waits for its commit is told with it: versions ahead of it would be followed by older values.
        store.flush();
        live.adopt(devices, gone);
        busAdapter.refreshMembers(devices, gone);
      },
    });
    const sync = new EdgeSync({
      store,
      registry,
      onObjects: (...objects) => intake.take(...objects),
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
    const live = new EdgeLiveSets({ nodeName, registry, metadata, twins, createId, clock });
    open.add(() => live.close());
    open.add(store.onCommit((updates) => live.committed(updates)));

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
    intake.begin();
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
            // Its payload may hold any property of the device.
            const device = dataDeviceOf(message.topic);
            if (options.tunnel && (!device || registry.mayLeave(device))) messageOutbox.add(message);
          },
          createEventId: randomUUID,
          clock,
          logger,
        }),
      );
    const messages = open.use(
      createEdgeMessages({ nodeName, broker: options.bus, bus, filters, store, createId, cloudNow, clock }),
    );
    const messageOutbox = new MessageOutbox({
      store: store.messages,
      limitBytes: options.messages?.limitBytes,
      clock,
      logger,
    });
    open.add(() => messageOutbox.close());
    const publisher = new Publisher({ bus, store, cloudNow, clock, logger });
    open.add(() => publisher.close());

    let cloudLink: CloudLink | undefined;
    const lagMs = () => store.outboxStats(clock.now()).oldestAgeMs;
    const linkSource = () => linkSourceOf(cloudLink?.state() ?? link, sync.lastSyncAt, lagMs());
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
      live: live.feeds,
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
        edgeNode: (name) => (name === nodeName ? { name, version: VERSION, link: linkSource() } : null),
      },
    };

    const metrics = createMetrics();
    addLinkMetrics(metrics, linkSource);
    addNodeMetrics(metrics, { store, messageOutbox, metadata, clock });
    if (options.brokerFacts) addBrokerMetrics(metrics, options.brokerFacts);

    const { url } = open.use(await startLocalApi({ ...options, base, store, link: () => link, metrics }));
    if (options.tunnel) {
      cloudLink = open.use(
        startCloudLink({
          ...options,
          target: options.tunnel,
          store,
          registry,
          cloudClock,
          sync,
          messageOutbox,
          publisher,
          base,
          outsideTwins,
          lagMs,
          onStateChange(state) {
            if (link.up && !state.up) lastUpAt = state.since;
            link = state;
          },
        }),
      );
    }
    return { url, close: () => open.close() };
  } catch (error) {
    await open.close();
    throw error;
  }
}

import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AccessOptions, GraphqlListener, Guards } from '../gateway/index.ts';
import { createMessageFeed } from '../gateway/message-feed.ts';
import { startCluster } from '../kubernetes/cluster.ts';
import { createDesiredWriter } from '../kubernetes/desired-writer.ts';
import { startDeviceAuditor } from '../kubernetes/device-auditor.ts';
import { startDeviceStatusWriter } from '../kubernetes/device-status-writer.ts';
import type { KubeConfigSource } from '../kubernetes/kube-config.ts';
import { startNodeController } from '../kubernetes/node-controller.ts';
import { isManaged } from '../kubernetes/node-object.ts';
import { startPodController } from '../kubernetes/pod-controller.ts';
import { startWebhook, type WebhookOptions } from '../kubernetes/webhook.ts';
import { startWriteLease } from '../kubernetes/write-lease.ts';
import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import { createId } from '../lib/ids.ts';
import type { Listener } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import { createMetrics } from '../lib/metrics.ts';
import { VERSION } from '../lib/version.ts';
import { ChangeTracker } from '../resolvers/change-tracker.ts';
import { createLedger } from '../resolvers/conflict.ts';
import type { Context } from '../resolvers/context.ts';
import { keyOf } from '../resolvers/device.ts';
import type { EdgeStore } from '../store/contract.ts';
import { MemoryDisk } from '../store/memory/disk.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { startTunnelServer } from '../tunnel/server.ts';
import { type DeviceObject, deviceId, idOf, splitId } from '../twin/device-object.ts';
import { createCloudCommands } from './commands.ts';
import { watchDevices } from './device-news.ts';
import { createEdgeNodes } from './edge-nodes.ts';
import { startEnrolment, type TunnelIdentity } from './enrolment/enrolment.ts';
import { ForeignDevices } from './foreign-devices.ts';
import { withKubernetesAccess } from './kubernetes-access.ts';
import { addKubernetesMetrics } from './kubernetes-metrics.ts';
import { addLinkMetrics } from './link-metrics.ts';
import { Listeners } from './listeners.ts';
import { CloudLiveSets } from './live-sets.ts';
import { MessageIntake } from './message-intake.ts';
import { createCloudMessages } from './messages.ts';
import { NodeAuthorizer } from './node-authorizer.ts';
import { NodeLinks } from './node-links.ts';
import { withNodeMessages } from './node-messages.ts';
import { createObjectReader } from './object-reader.ts';
import { createObjectWriter } from './object-writer.ts';
import { ProposalCourt } from './proposals.ts';
import { startPublicApi } from './public-api.ts';
import { Publications } from './publications.ts';
import { Replica } from './replica.ts';
import { ReplicaArchive } from './replica-archive.ts';
import { ReplicaIds } from './replica-ids.ts';
import { statusReportOf } from './status-report.ts';
import { CloudTwins } from './twin-reader.ts';

export interface CloudOptions {
  kubernetes: KubeConfigSource;
  listen: GraphqlListener;
  access: AccessOptions;
  /** Who and what are Kubernetes' to say as well: TokenReview and SubjectAccessReview. Absent: they are not asked. */
  kubernetesAccess?: { audiences: readonly string[] };
  guards?: Guards;
  graphiql: boolean;
  tunnel: { listen: Listener; identity: TunnelIdentity; pingMs?: number };
  /** DeviceStatus writes per second, above 0. */
  statusWritesPerSecond: number;
  /** Where the Lease is that one gateway holds to write. */
  leaseNamespace: string;
  /** Where the gateway keeps what must survive it: replica, changes, conflicts, messages for nodes. Absent: in memory alone. */
  stateDir?: string;
  /** The validating admission webhook; undefined: none. */
  webhook?: Pick<WebhookOptions, 'listen' | 'certFile' | 'keyFile'>;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export interface CloudGateway extends Closable {
  /** Of the GraphQL API. */
  readonly url: string;
  readonly tunnelPort: number;
}

/** Composition root of the cloud gateway: Kubernetes and the replica under one federated schema. */
export async function startCloud(options: CloudOptions): Promise<CloudGateway> {
  const { clock, random, logger } = options;
  const open = new Disposables();
  try {
    const cluster = open.use(startCluster({ source: options.kubernetes, clock, random, logger }));
    const { client, devices, deviceStatuses, nodes, pods } = cluster;
    const fence = open.use(
      startWriteLease({
        client,
        namespace: options.leaseNamespace,
        identity: createId(hostname()),
        clock,
        logger,
      }),
    );
    const objects = createObjectReader(cluster);
    const links = new NodeLinks(clock, (name) => isManaged(nodes.get('', name)));
    const authorizer = new NodeAuthorizer({ device: devices.get.bind(devices), clock, logger });
    const listeners = new Listeners();

    const store = open.use(openCloudStore(options));
    const archive = open.use(new ReplicaArchive(store, clock));
    const replicaIds = new ReplicaIds(createId('replica'));
    const replica = new Replica({
      isLocalOnly: (id, property) => objects.isLocalOnly(devices.get(...splitId(id)), property),
      holds(nodeName, id, uid) {
        const [namespace, name] = splitId(id);
        const device = devices.get(namespace, name);
        return device?.spec.nodeName === nodeName && device.metadata.uid === uid;
      },
      onTwin(nodeName, twin, storeId) {
        archive.twin(nodeName, twin, storeId);
        publishTwin(twin.device, twin.property);
      },
      onForgotten: (_nodeName, twin) => publishTwin(twin.device, twin.property),
      onState(_nodeName, state) {
        archive.state(state);
        statusWriter.markDirty(state.device);
        live.putState(state);
      },
      onCollected: (device, aliveAt) => live.collected(device, aliveAt),
    });
    // What is local only of a device its model says too.
    void Promise.all([devices.whenSynced, cluster.deviceModels.whenSynced]).then(() => {
      for (const device of archive.restore(replica, devices)) publish(device);
    });
    open.add(
      devices.onChange(({ kind, object }) => {
        if (kind === 'deleted') archive.removeDevice(idOf(object));
      }),
    );
    const foreign = new ForeignDevices({ cluster, replica });
    const foreignReport = foreign.reportOf.bind(foreign);
    const twins = new CloudTwins({
      objects,
      replica,
      foreignReport,
      links,
      clock,
      onDeviceChange: (device, listener) => listeners.add(device, listener),
    });
    const live = open.use(new CloudLiveSets({ cluster, twins, createId, clock }));
    const publish = (device: DeviceObject) => {
      live.put(device);
      listeners.call(idOf(device));
    };
    const publishTwin = (id: string, property: string) => {
      const [namespace, name] = splitId(id);
      const device = devices.get(namespace, name);
      if (!device) return;
      statusWriter.markDirty(id);
      live.putTwin(id, property, twins.viewOf(device, property));
      listeners.call(id);
    };
    open.add(
      watchDevices({
        cluster,
        objects,
        replica,
        archive,
        replicaIds,
        links,
        changed: publish,
        deleted(device) {
          live.remove(idOf(device));
          // Who waits for it need not wait for their time to run out.
          listeners.call(idOf(device));
        },
      }),
    );

    const statusWriter = open.use(
      startDeviceStatusWriter({
        client,
        fence,
        devices,
        deviceStatuses,
        statusOf(id) {
          const [namespace, name] = splitId(id);
          const device = devices.get(namespace, name);
          return device && statusReportOf(twins.views(device), twins.state(keyOf(device)));
        },
        manages: (nodeName) => nodeController.manages(nodeName),
        clock,
        random,
        logger,
        writesPerSecond: options.statusWritesPerSecond,
      }),
    );
    // A Node becomes ours with its creation: what its devices said before that was nobody's to write.
    open.add(
      nodes.onChange(({ kind, object }) => {
        if (kind === 'added')
          for (const device of devices.byNode(object.metadata.name)) statusWriter.markDirty(idOf(device));
      }),
    );
    const nodeController = open.use(startNodeController({ client, fence, nodes, clock, random, logger }));
    open.use(startPodController({ client, fence, pods, nodes, clock, random, logger }));
    open.use(startDeviceAuditor({ ...cluster, fence, clock, random, logger }));
    if (options.webhook) open.use(await startWebhook({ ...cluster, ...options.webhook, clock, logger }));

    const messageFeed = createMessageFeed(createId('log'));
    const publications = new Publications({ store, clock });
    open.add(() => publications.close());
    const { writeDesired } = createDesiredWriter({ client, devices, clock, random });
    const enrolment = open.use(
      await startEnrolment({ identity: options.tunnel.identity, client, clock, random, logger }),
    );
    const tunnel = open.use(
      await startTunnelServer({
        listen: options.tunnel.listen,
        tls: enrolment.tls,
        judge: enrolment.judge,
        serveHttp: enrolment.serveHttp,
        fleetSize: () => nodes.size,
        replicaId: (nodeName) => replicaIds.of(nodeName),
        handler: withNodeMessages({
          links,
          publications,
          intake: new MessageIntake(messageFeed),
          inner: createEdgeNodes({
            cluster,
            links,
            replica,
            authorizer,
            court: new ProposalCourt({
              objects,
              writeDesired,
              record: (conflict) => store.putConflict(conflict),
              createId,
              clock,
              logger,
            }),
            onLink(nodeName, up) {
              if (!up) {
                nodeController.nodeDisconnected(nodeName);
                statusWriter.prioritize(Array.from(devices.byNode(nodeName), idOf));
              }
              // A node that came for the first time is ours: what the cluster said of its devices counts no more.
              for (const device of devices.byNode(nodeName)) publish(device);
            },
            onInfo: (nodeName, info) => nodeController.nodeConnected(nodeName, info),
            clock,
          }),
        }),
        pingMs: options.tunnel.pingMs,
        clock,
        logger,
      }),
    );
    enrolment.guard(tunnel);

    const changes = new ChangeTracker({
      store,
      twins: {
        known: (device) => twins.known(device),
        onChange: ({ namespace, name }, listener) => listeners.add(deviceId(namespace, name), listener),
      },
      deviceOf({ namespace, device, uid }) {
        const object = devices.get(namespace, device);
        return object?.metadata.uid === uid ? keyOf(object) : null;
      },
      clock,
    });
    open.add(() => changes.close());
    const base = {
      clock,
      createId,
      place: { kind: 'CLOUD', version: VERSION, kubernetes: cluster.freshness },
      objects,
      live: live.feeds,
      commands: createCloudCommands({
        writeDesired,
        links,
        isForeign({ namespace, name }) {
          const device = devices.get(namespace, name);
          return device !== undefined && foreignReport(device) !== undefined;
        },
      }),
      changes,
      messages: createCloudMessages({
        feed: messageFeed,
        publications,
        links,
        hasNode: (name) => nodes.get('', name) !== undefined,
        clock,
      }),
      ledger: createLedger(store),
      objectWriter: createObjectWriter(client),
      links,
    } satisfies Partial<Context>;
    const metrics = createMetrics();
    addLinkMetrics(metrics, links, authorizer, tunnel);
    metrics.gauge(
      'octograph_publications_waiting',
      "Messages for the node's bus that it has not published.",
      () => publications.waiting(),
    );
    addKubernetesMetrics(metrics, devices, statusWriter, fence);

    const { url } = open.use(
      await startPublicApi({
        ...options,
        base,
        twins,
        links,
        access: options.kubernetesAccess
          ? withKubernetesAccess(options.access, { ...options.kubernetesAccess, client, clock, logger })
          : options.access,
        health: {
          live: () => true,
          ready() {
            const checks = [...cluster.ready(), fence.status(), statusWriter.status()].map(
              ({ name, ok, detail }) => ({ name: `kubernetes-${name}`, ok, detail }),
            );
            return { ok: checks.every(({ ok }) => ok), checks };
          },
          metrics: () => metrics.text(),
        },
      }),
    );
    return { url, tunnelPort: tunnel.port, close: () => open.close() };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** With a state directory in a file of its own, else in memory: then a restart forgets changes and conflicts. History is the nodes'. */
function openCloudStore({ stateDir, clock, logger }: CloudOptions): EdgeStore {
  const history = { maxAgeMs: 0 };
  return stateDir === undefined
    ? openMemoryStore({ disk: new MemoryDisk(), history, clock, logger })
    : openSqliteStore({ path: join(stateDir, 'cloud.db'), history, clock, logger });
}

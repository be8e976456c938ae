import { createCloudCommands } from '../../cloud/commands.ts';
import { watchDevices } from '../../cloud/device-news.ts';
import { createEdgeNodes } from '../../cloud/edge-nodes.ts';
import { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import { NodeLinks } from '../../cloud/node-links.ts';
import { createObjectReader } from '../../cloud/object-reader.ts';
import { ProposalCourt } from '../../cloud/proposals.ts';
import { Replica } from '../../cloud/replica.ts';
import { ReplicaArchive } from '../../cloud/replica-archive.ts';
import { ReplicaIds } from '../../cloud/replica-ids.ts';
import { CloudTwins } from '../../cloud/twin-reader.ts';
import { LiveDevices } from '../../gateway/device-feed.ts';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { NodeSessions } from '../../tunnel/node-sessions.ts';
import { type DeviceObject, idOf, splitId } from '../../twin/device-object.ts';
import type { DeviceStateInfo, Twin } from '../../twin/twin.ts';
import type { ApiServer } from './api-server.ts';
import { Informers } from './informers.ts';
import type { Network } from './network.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { Process, type WallClock } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Who watches what a cloud process takes in, before its readers see it. */
export interface CloudWitness {
  took(cloud: CloudProcess, nodeName: string, twin: Twin): void;
  /** All that the node has is said to be there. */
  becameWhole(cloud: CloudProcess, nodeName: string): void;
}

export interface CloudProcessOptions {
  name: string;
  disk: MemoryDisk;
  wall: WallClock;
  timeline: Timeline;
  network: Network;
  api: ApiServer;
  random: Random;
  witness: CloudWitness;
  bug: PlantedBug;
  onKill(): void;
}

/** One life of the cloud gateway, joined as in `cloud/cloud.ts`, without GraphQL and without writers of status. */
export class CloudProcess {
  readonly name: string;
  readonly process: Process;
  readonly informers: Informers;
  readonly replica: Replica;
  readonly links: NodeLinks;
  readonly twins: CloudTwins;
  readonly live: LiveDevices;
  readonly commands: ReturnType<typeof createCloudCommands>;

  constructor(options: CloudProcessOptions) {
    const { name, disk, wall, timeline, network, api, witness, bug } = options;
    const random = options.random.next;
    const logger = silentLogger;
    this.name = name;
    const clock = new Process(timeline, wall, () => {
      disk.crash();
      network.cutAll();
      options.onKill();
    });
    this.process = clock;
    this.informers = new Informers({ api, process: clock, timeline, random: options.random.fork() });
    const cluster = this.informers.asCluster;
    const { devices } = cluster;
    const objects = createObjectReader(cluster);
    this.links = new NodeLinks(clock);
    const store = openMemoryStore({ disk, clock, logger, copyEveryMs: 0 });
    const replicaIds = new ReplicaIds(name);
    const archive = new ReplicaArchive(store, clock);
    const deviceOf = (id: string) => {
      const [namespace, device] = splitId(id);
      return devices.get(namespace, device);
    };
    this.replica = bug.replica(
      new Replica({
        holds(nodeName, id, uid) {
          const device = deviceOf(id);
          return device?.spec.nodeName === nodeName && bug.isSameDevice(device.metadata.uid, uid);
        },
        isLocalOnly: (id, property) => objects.isLocalOnly(deviceOf(id), property),
        onTwin: (nodeName, twin, storeId) => {
          witness.took(this, nodeName, twin);
          archive.twin(nodeName, twin, storeId);
          publishTwin(twin);
        },
        onForgotten: (_nodeName, twin) => publishTwin(twin),
        onCollected: () => {},
        onState: (_nodeName: string, state: DeviceStateInfo) => {
          archive.state(state);
          this.live.putState(state.device, state);
        },
      }),
    );
    const becameWhole = this.replica.becameWhole.bind(this.replica);
    Object.assign(this.replica, {
      becameWhole: (nodeName: string) => {
        becameWhole(nodeName);
        witness.becameWhole(this, nodeName);
      },
    });
    void devices.whenSynced.then(() => {
      if (!clock.isAlive) return;
      for (const device of archive.restore(this.replica, devices)) publish(device);
    });
    devices.onChange(({ kind, object }) => {
      if (kind === 'deleted') archive.removeDevice(idOf(object));
    });
    this.twins = new CloudTwins({
      objects,
      replica: this.replica,
      links: this.links,
      clock,
      onDeviceChange: () => () => {},
      foreignReport: () => undefined,
    });
    this.live = new LiveDevices({ epoch: name, clock, sourceOf: this.twins.sourceOf.bind(this.twins) });
    const publish = (device: DeviceObject) => this.live.put(this.twins.version(device));
    const publishTwin = (twin: Twin) => {
      const device = deviceOf(twin.device);
      const view = device && this.twins.viewOf(device, twin.property);
      if (view) this.live.putTwin(twin.device, view);
    };
    watchDevices({
      cluster,
      objects,
      replica: this.replica,
      archive,
      replicaIds,
      links: this.links,
      changed: publish,
      deleted: (device) => this.live.remove(idOf(device)),
    });

    const { writeDesired } = createDesiredWriter({ client: api.clientOf(clock), devices, clock, random });
    this.commands = createCloudCommands({
      writeDesired,
      links: this.links,
      isForeign: () => false,
    });
    let ids = 0;
    const sessions = new NodeSessions({
      replicaId: (nodeName) => replicaIds.of(nodeName),
      handler: bug.nodeHandler(
        createEdgeNodes({
          cluster,
          links: this.links,
          replica: this.replica,
          authorizer: bug.authorizer(
            new NodeAuthorizer({ device: devices.get.bind(devices), clock, logger }),
          ),
          court: new ProposalCourt({
            objects,
            writeDesired,
            record: (conflict) => store.putConflict(conflict),
            createId: (prefix) => `${prefix}-${name}-${++ids}`,
            clock,
            logger,
          }),
          onLink() {},
          onInfo() {},
          clock,
        }),
      ),
      pingMs: 10_000,
      handshakeTimeoutMs: 5000,
      reconnectWindowMs: () => 0,
      clock,
      logger,
    });
    network.acceptor = {
      process: clock,
      accept: (nodeName, socket) =>
        sessions.accept(socket, { nodeName, serialNumber: '01', validTo: Number.POSITIVE_INFINITY }),
    };
  }
}

import { buildSchema, execute, subscribe } from 'graphql';
import { CloudClock } from '../../edge-node/cloud-clock.ts';
import { createEdgeCommands } from '../../edge-node/commands.ts';
import { DesiredApplier } from '../../edge-node/desired-applier.ts';
import { startDeviceLink } from '../../edge-node/device-link.ts';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { ObjectIntake } from '../../edge-node/object-intake.ts';
import { EdgeSync } from '../../edge-node/sync.ts';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { EdgeStore } from '../../store/contract.ts';
import type { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { EdgeLink } from '../../tunnel/edge-link.ts';
import type { TwinsDown, Verdict } from '../../tunnel/messages.ts';
import { deviceIdsOf } from '../../twin/node-object.ts';
import type { Twin } from '../../twin/twin.ts';
import type { DeviceWrite, Hardware } from './hardware.ts';
import type { Network } from './network.ts';
import { altered, type PlantedBug } from './planted-bugs.ts';
import { Process, type WallClock } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Who watches what an edge process lets out. Called before anybody else hears of it. */
export interface EdgeWitness {
  committed(edge: EdgeProcess, updates: readonly Twin[]): void;
  /** Its store is about to take another identity. */
  renewing(edge: EdgeProcess): void;
  wrote(edge: EdgeProcess, write: DeviceWrite): void;
  observed(edge: EdgeProcess, twin: Twin): void;
  /** The node holds the device no longer. */
  left(edge: EdgeProcess, device: string): void;
  verdict(edge: EdgeProcess, verdict: Verdict): void;
}

export interface EdgeProcessOptions {
  nodeName: string;
  disk: MemoryDisk;
  wall: WallClock;
  timeline: Timeline;
  network: Network;
  hardware: Hardware;
  random: Random;
  outboxLimitBytes: number;
  /** Minor version of the tunnel that it speaks. */
  minor: number;
  witness: EdgeWitness;
  bug: PlantedBug;
  onKill(): void;
}

/** The tunnel's own GraphQL is not part of this world. */
const EMPTY_SCHEMA = buildSchema('type Query { nothing: Int }');

/** One life of an edge node, joined as in `edge-node/edge-node.ts`, on a disk that may hold the lives before it. */
export class EdgeProcess {
  readonly nodeName: string;
  readonly process: Process;
  readonly disk: MemoryDisk;
  readonly store: EdgeStore;
  readonly registry: TwinRegistry;
  readonly metadata: MetadataCache;
  readonly commands: ReturnType<typeof createEdgeCommands>;
  /** Up to here a replica said on this connection that it has it. */
  arrivedSeq = 0;
  readonly #close: () => Promise<void>;

  constructor(options: EdgeProcessOptions) {
    const { nodeName, disk, wall, timeline, network, hardware, witness, bug } = options;
    const random = options.random.next;
    const logger = silentLogger;
    this.nodeName = nodeName;
    this.disk = disk;
    const clock = new Process(timeline, wall, () => {
      disk.crash();
      options.onKill();
    });
    this.process = clock;
    const { outboxLimitBytes, minor } = options;
    bug.disk(disk);
    const real = orKill(clock, () =>
      openMemoryStore({ disk, clock, logger, outboxLimitBytes, copyEveryMs: 0 }),
    );
    const told = altered(real, {
      onItsWay: (arrivedSeq, sentSeq) => {
        // What a commit without reports took is judged by what had arrived then.
        if (arrivedSeq !== this.arrivedSeq) witness.committed(this, []);
        this.arrivedSeq = arrivedSeq;
        real.onItsWay(arrivedSeq, sentSeq);
      },
    });
    const store = bug.store(told);
    this.store = store;
    const renewIdentity = store.renewIdentity.bind(store);
    store.renewIdentity = () => {
      witness.renewing(this);
      renewIdentity();
    };
    // Before the node's own listeners: what is durable is known here before anybody hears of it.
    real.onCommit((updates) => {
      witness.committed(this, updates);
      clock.passes();
    });
    const registry = new TwinRegistry(store, clock);
    const metadata = new MetadataCache(store.load().objects);
    registry.onChange((twin) => witness.observed(this, twin));
    this.registry = registry;
    this.metadata = metadata;

    const cloudClock = new CloudClock(clock);
    const mapper = hardware.mapperOf(clock, (write) => witness.wrote(this, write));
    const applier = new DesiredApplier({
      registry,
      writer: bug.writer({ apply: (...args) => host.apply(...args) }, clock),
      cloudNow: bug.cloudNow(() => cloudClock.now(), clock),
      clock,
      random,
      logger,
    });
    const host = startDeviceLink({
      registry,
      mappers: [mapper],
      onState(device, urgent) {
        sync.markState(device);
        if (urgent) sync.flushStates();
      },
      onOnline: (device) => applier.retryDevice(device),
      clock,
      random,
      logger,
    });
    const intake = new ObjectIntake({
      store,
      registry,
      metadata,
      host,
      tell: (_devices, gone) => {
        for (const device of deviceIdsOf(gone)) witness.left(this, device);
      },
    });
    const sync = new EdgeSync({
      store,
      registry,
      onObjects: (...objects) => intake.take(...objects),
      clock,
      logger,
    });
    this.commands = createEdgeCommands(registry, store, (proposals) => sync.sendProposals(proposals));
    intake.begin();
    applier.resume();
    const link = new EdgeLink({
      hello: () => ({
        ...store.identity,
        ...store.sync,
        ...(minor >= 1 && { lastSeq: store.lastSeq() }),
        schemaHash: 'sim',
        version: 'sim',
      }),
      handler: {
        onConnected(session) {
          cloudClock.hear(session.welcome.serverTime);
          sync.onConnected(bug.cloudSession(Object.create(session, { minor: { value: minor } }), store));
        },
        onMessage: (session, message) => {
          if (!clock.passes()) return;
          if (message.type === 'verdicts')
            for (const verdict of message.verdicts) witness.verdict(this, verdict);
          sync.onMessage(session, bug.down(message) as TwinsDown);
        },
        onDisconnected: (reason, code) => sync.onDisconnected(reason, code),
      },
      serveGraphql: { schema: EMPTY_SCHEMA, execute, subscribe },
      dial: network.dialOf(nodeName, clock),
      explain: String,
      pingMs: 10_000,
      handshakeTimeoutMs: 5000,
      backoff: { baseMs: 500, capMs: 4000, resetAfterMs: 10_000 },
      clock,
      random,
      logger,
    });
    this.#close = async () => {
      void link.close();
      applier.close();
      sync.close();
      void host.close();
      await store.close().catch(() => {});
    };
  }

  /** The end of the process in order: what was put is committed. */
  async stop(): Promise<void> {
    await this.#close();
    this.process.kill();
  }
}

/** A process that cannot start ends. */
function orKill<T>(process: Process, start: () => T): T {
  try {
    return start();
  } catch (error) {
    process.kill();
    throw error;
  }
}

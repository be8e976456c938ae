import { codeOf } from '../../lib/errors.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { idOf } from '../../twin/device-object.ts';
import type { Twin } from '../../twin/twin.ts';
import { ApiServer } from './api-server.ts';
import { CloudProcess } from './cloud.ts';
import { CommandChecker } from './command-checker.ts';
import { findDivergence } from './convergence.ts';
import { EdgeProcess } from './edge.ts';
import { Hardware } from './hardware.ts';
import { Network } from './network.ts';
import { bugOf, type PlantedBug } from './planted-bugs.ts';
import { WallClock } from './process.ts';
import { Random } from './random.ts';
import { Reader } from './reader.ts';
import { ReportChecker } from './report-checker.ts';
import { Timeline } from './timeline.ts';

/** A rule does not hold. */
export class Violation extends Error {}

/** An edge node as its site sees it: a disk, a clock on the wall, and a process now and then. */
export class Site {
  readonly name: string;
  readonly wall: WallClock;
  disk = new MemoryDisk();
  /** Of its disk, as it was once. */
  backup: MemoryDisk | undefined;
  edge: EdgeProcess | undefined;

  constructor(name: string, wall: WallClock) {
    this.name = name;
    this.wall = wall;
  }
}

export interface WorldOptions {
  seed: number;
  bug?: string;
  /** Minor version of the tunnel that the nodes speak. @default 0, as nodes before the digests, in every fourth world; else 1 */
  minor?: number;
  /** Hears of everything that is done to the world. */
  trace?: (line: string) => void;
}

/** Bytes of an outbox that never has to drop, and of one that has to. */
const OUTBOX_BYTES = { wide: 64 * 1024 * 1024, narrow: 4000 };
/** Milliseconds within which a world that is whole comes to rest. */
const REST_MS = 150_000;

/**
 * Edge nodes, a cloud, a Kubernetes API and devices in one process: the product's own code, and around it a time, a network, disks
 * and chance that one seed decides. Whatever happens, the checkers look on.
 */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly api: ApiServer;
  readonly network: Network;
  readonly hardware: Hardware;
  readonly sites: Site[];
  readonly readers: Reader[] = [];
  readonly commands: CommandChecker;
  readonly reports: ReportChecker;
  readonly cloudWall: WallClock;
  /** Minor version of the tunnel that the nodes speak. */
  readonly minor: number;
  readonly everSeen: Array<{ device: string; uid: string }> = [];
  cloud: CloudProcess | undefined;
  readonly #bug: PlantedBug;
  readonly #trace: (line: string) => void;
  readonly #outboxLimitBytes: number;
  #cloudDisk = new MemoryDisk();
  #clouds = 0;
  #violation: string | undefined;

  constructor({ seed, bug, minor = seed % 4 === 0 ? 0 : 1, trace = () => {} }: WorldOptions) {
    this.random = new Random(seed);
    this.#bug = bugOf(bug);
    this.#trace = trace;
    this.minor = minor;
    const fork = () => this.random.fork();
    this.api = new ApiServer(this.timeline, fork());
    this.network = new Network(this.timeline, fork());
    this.hardware = new Hardware(this.timeline, fork());
    this.cloudWall = new WallClock(this.timeline);
    this.#outboxLimitBytes = this.random.chance(0.25) ? OUTBOX_BYTES.narrow : OUTBOX_BYTES.wide;
    const count = this.random.int(2, 3);
    this.sites = Array.from(
      { length: count },
      (_each, index) => new Site(`edge-${'abc'[index]}`, new WallClock(this.timeline)),
    );
    const fail = (what: string) => this.fail(what);
    this.commands = new CommandChecker(fail, this.cloudWall);
    this.reports = new ReportChecker(fail);
    this.api.onChange((event) => {
      this.reports.apiChanged(event);
      this.commands.apiChanged(event);
      if (event.object.kind !== 'Device') return;
      const { uid = '' } = event.object.metadata;
      if (!this.everSeen.some((each) => each.uid === uid))
        this.everSeen.push({ device: idOf(event.object), uid });
    });
  }

  fail(what: string): void {
    this.trace(`VIOLATION ${what}`);
    this.#violation ??= what;
  }

  trace(line: string): void {
    this.#trace(`${String(this.timeline.now).padStart(7)} ${line}`);
  }

  startCloud(): void {
    if (this.cloud) return;
    this.trace('cloud starts');
    this.commands.cloudForgot();
    const cloud = new CloudProcess({
      ...this,
      name: `replica-${++this.#clouds}`,
      disk: this.#cloudDisk,
      wall: this.cloudWall,
      random: this.random.fork(),
      witness: {
        took: (from, nodeName, twin) => {
          this.trace(`cloud took ${nodeName} ${lineOf(twin)}`);
          this.reports.took(from, nodeName, twin);
        },
        becameWhole: (from, nodeName) => this.#checkWhole(from, nodeName),
      },
      bug: this.#bug,
      onKill: () => {
        this.trace('cloud is gone');
        this.cloud = undefined;
        this.#later(200, 4000, () => this.startCloud());
      },
    });
    this.cloud = cloud;
    cloud.informers.devices.onChange(({ kind, object, previous }) => {
      const isMoved = kind === 'updated' && previous.spec.nodeName !== object.spec.nodeName;
      if (kind === 'deleted' || isMoved) this.reports.released(cloud, idOf(object));
    });
    for (const reader of this.readers) reader.connect(cloud);
  }

  startEdge(site: Site): void {
    if (site.edge) return;
    this.trace(`${site.name} starts`);
    const again = () => this.#later(100, 5000, () => this.startEdge(site));
    try {
      site.edge = this.#edgeOf(site, again);
    } catch (error) {
      // As a process that cannot start: whoever looks after it tries again.
      if (codeOf(error) !== 'STORE_FULL') throw error;
      this.trace(`${site.name} cannot start: its disk is full`);
    }
  }

  #edgeOf(site: Site, again: () => void): EdgeProcess {
    return new EdgeProcess({
      ...this,
      nodeName: site.name,
      disk: site.disk,
      wall: site.wall,
      random: this.random.fork(),
      outboxLimitBytes: this.#outboxLimitBytes,
      witness: {
        committed: (from, updates) => {
          for (const twin of updates) this.trace(`${site.name} committed ${lineOf(twin)}`);
          this.reports.committed(from, updates);
          this.commands.committed(from, updates);
        },
        renewing: (from) => {
          this.trace(`${site.name} begins another history`);
          this.reports.renewing(from);
        },
        wrote: (from, write) => {
          this.trace(`${site.name} writes ${JSON.stringify(write)}`);
          this.commands.wrote(from, write);
        },
        observed: (from, twin) => this.commands.observed(from, twin),
        left: (from, device) => this.commands.left(from, device),
        verdict: (_from, verdict) => {
          const { change, property, accepted } = verdict;
          this.trace(`${site.name} hears ${change} ${property} ${accepted ? 'accepted' : 'refused'}`);
          this.commands.verdict(verdict);
        },
      },
      bug: this.#bug,
      onKill: () => {
        this.trace(`${site.name} is gone`);
        if (site.edge) this.reports.killed(site.edge);
        site.edge = undefined;
        again();
      },
    });
  }

  /** The disk of the site is gone with all that was on it. */
  loseStore(site: Site): void {
    const storeId = site.disk.meta.get('storeId') ?? '';
    site.edge?.process.kill();
    site.disk = new MemoryDisk();
    this.commands.storeLost(storeId);
  }

  /** The disk of the site as it was some time ago: the node does not know that it was ever further. */
  restoreBackup(site: Site): void {
    const disks = [site.disk, site.backup];
    site.edge?.process.kill();
    if (!site.backup) return;
    site.disk = site.backup;
    site.backup = undefined;
    // It may have begun another history since: what it did in its own is forgotten too.
    for (const disk of disks) this.commands.storeLost(disk?.meta.get('storeId') ?? '');
    // Proposals that were judged are open there again.
    this.commands.cloudForgot();
    this.reports.storeRestored(site.name, site.disk);
    for (const reader of this.readers) reader.mayGoBack.add(site.name);
  }

  addReader(): void {
    const reader = new Reader((what) => this.fail(what));
    if (this.cloud) reader.connect(this.cloud);
    this.readers.push(reader);
    const read = () => {
      reader.read();
      this.#later(50, 2000, read);
    };
    read();
  }

  /** @throws Violation */
  async run(ms: number): Promise<void> {
    await this.timeline.runUntil(this.timeline.now + ms, () => this.#check());
    this.#check();
  }

  /** Makes everything whole, and waits until all parts agree. @throws Violation where they do not, or lost something */
  async comeToRest(): Promise<void> {
    this.trace('everything is made whole');
    this.hardware.isQuiet = true;
    this.api.isDown = false;
    for (const device of this.hardware.devices()) device.behaviour = 'accepts';
    for (const site of this.sites) {
      site.disk.isFull = false;
      this.network.setDown(site.name, false);
      site.edge?.process.killAfter(Number.POSITIVE_INFINITY);
    }
    this.cloud?.process.killAfter(Number.POSITIVE_INFINITY);
    let found: string | undefined = 'nothing ran';
    for (const end = this.timeline.now + REST_MS; found && this.timeline.now < end; ) {
      await this.run(3000);
      for (const reader of this.readers) reader.read();
      this.#check();
      found = this.#divergence();
    }
    if (found) this.fail(`after ${REST_MS} ms in a whole world: ${found}`);
    const edges = this.sites.flatMap(({ edge }) => edge ?? []);
    this.reports.finish(edges);
    this.commands.finish();
    this.#check();
  }

  /** Nothing is shown of another store, and nothing that the node does not have as late as that. */
  #checkWhole({ links, replica }: CloudProcess, nodeName: string): void {
    const storeId = links.session(nodeName)?.hello.storeId;
    const edge = this.sites.find(({ name }) => name === nodeName)?.edge;
    const isSameStore = edge?.store.identity.storeId === storeId;
    for (const [device, known] of replica.held(nodeName))
      for (const { twin, storeId: ofStore } of known) {
        const what = `${nodeName} said all that it has, and ${device}/${twin.property} @${twin.seq} is shown`;
        if (ofStore !== storeId) this.fail(`${what} of another store`);
        // It may have lost the device meanwhile, and hear only now that it has it again.
        const own = isSameStore ? edge?.registry.get(device, twin.property) : undefined;
        if (own && own.seq < twin.seq) this.fail(`${what}: it has ${own.seq}`);
      }
  }

  #divergence(): string | undefined {
    const edges = this.sites.flatMap(({ edge }) => edge ?? []);
    if (!this.cloud || edges.length < this.sites.length) return 'a process is down';
    return findDivergence({ ...this, cloud: this.cloud, edges });
  }

  #check(): void {
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }

  #later(from: number, to: number, run: () => void): void {
    this.timeline.after(this.random.int(from, to), run);
  }
}

const lineOf = ({ device, property, seq, reported, observedDesired, sync }: Twin) =>
  `${device}/${property} @${seq} reported ${reported?.value} desired ${observedDesired?.value} (${observedDesired?.change}) ${sync.state}`;

import type { MemoryDisk } from '../../store/memory/disk.ts';
import { idOf, splitId } from '../../twin/device-object.ts';
import type { Twin } from '../../twin/twin.ts';
import type { ApiEvent } from './api-server.ts';
import type { CloudProcess } from './cloud.ts';
import type { EdgeProcess } from './edge.ts';

interface Row {
  twin: Twin;
  /** The node held the device when it was committed, as Kubernetes had it; and which holding that was. */
  isHeld: boolean;
  holding: number;
}

/** What was on one disk, whatever the store on it called itself. */
interface StoreHistory {
  rows: Map<number, Row>;
  /** What was on the disk that this one took the place of, and may still be on its way; and twins that left its outbox. */
  former: Map<number, Row>;
  /** A backup, until the store has taken a new identity: its positions are no longer its own. */
  goneBackAs: string | undefined;
  /** Up to which positions replicas acknowledged. */
  acked: number;
  /** Positions that some replica took. */
  taken: Set<number>;
  /** Positions that the bound of the outbox cost. */
  coalesced: Set<number>;
  /** Positions that the bound of the outbox took, and that a replica had said it has. */
  arrived: Set<number>;
}

/**
 * What became of every report that was durable at an edge: it reaches the cloud, unchanged, in order per property, once per
 * life of the cloud; or the outbox counted it as dropped; or its node held the device no longer.
 */
export class ReportChecker {
  readonly #fail: (what: string) => void;
  readonly #disks = new Map<MemoryDisk, StoreHistory>();
  readonly #stores = new Map<string, StoreHistory>();
  /** By node: the disk that it has now. */
  readonly #current = new Map<string, StoreHistory>();
  readonly #holders = new Map<string, { holder: string; holding: number }>();
  /** By life of the cloud, device and property: the last position of the history that it is in. */
  readonly #last = new Map<string, { history: string; seq: number }>();

  constructor(fail: (what: string) => void) {
    this.#fail = fail;
  }

  /** Who holds a device, as Kubernetes has it. */
  apiChanged({ type, object }: ApiEvent): void {
    if (object.kind !== 'Device') return;
    const holder = type === 'deleted' ? '' : `${object.spec.nodeName}/${object.metadata.uid}`;
    const known = this.#holders.get(idOf(object));
    if (known?.holder !== holder)
      this.#holders.set(idOf(object), { holder, holding: (known?.holding ?? 0) + 1 });
  }

  committed(edge: EdgeProcess, updates: readonly Twin[]): void {
    const history = this.#history(edge);
    for (const twin of updates) {
      if (history.rows.has(twin.seq)) this.#fail(`${edge.nodeName}: position ${twin.seq} was given twice`);
      const held = this.#holders.get(twin.device);
      const isOwn = history.goneBackAs !== edge.store.identity.storeId;
      history.rows.set(twin.seq, {
        twin,
        isHeld: isOwn && held?.holder === `${edge.nodeName}/${twin.uid}`,
        holding: held?.holding ?? 0,
      });
    }
    this.#checkLosses(edge, history);
  }

  /** A replica took a twin: its readers see it next. */
  took(cloud: CloudProcess, nodeName: string, twin: Twin): void {
    const storeId = cloud.links.session(nodeName)?.hello.storeId ?? '';
    const history = this.#stores.get(storeId) ?? this.#current.get(nodeName);
    const former = history?.former.get(twin.seq);
    const row = former && contentOf(former.twin) === contentOf(twin) ? former : history?.rows.get(twin.seq);
    const what = `${nodeName} ${twin.device}/${twin.property} at ${twin.seq}`;
    if (!history || !row) {
      this.#fail(`${what}: it reached the cloud, and was never durable at the edge`);
      return;
    }
    if (contentOf(row.twin) !== contentOf(twin))
      this.#fail(`${what}: it left as ${contentOf(row.twin)} and arrived as ${contentOf(twin)}`);
    history.taken.add(twin.seq);
    const device = cloud.informers.devices.get(...splitId(twin.device));
    if (device?.metadata.uid !== twin.uid || device.spec.nodeName !== nodeName)
      this.#fail(`${what}: it is of ${twin.uid}; ${device?.metadata.uid} is on ${device?.spec.nodeName}`);
    const key = `${cloud.name} ${twin.device}/${twin.property}`;
    const last = this.#last.get(key);
    const own = `${nodeName} ${twin.uid} ${storeId}`;
    if (last?.history === own && last.seq >= twin.seq)
      this.#fail(`${what}: readers had ${last.seq} of that history before`);
    this.#last.set(key, { history: own, seq: twin.seq });
  }

  /** The cloud let go of what it knew of a device: it went away, or elsewhere. */
  released(cloud: CloudProcess, device: string): void {
    // Its informer may have been behind Kubernetes: what came in between was refused.
    const held = this.#holders.get(device);
    if (held) this.#holders.set(device, { ...held, holding: held.holding + 1 });
    for (const key of this.#last.keys())
      if (key.startsWith(`${cloud.name} ${device}/`)) this.#last.delete(key);
  }

  /** The world is whole and quiet: nothing is on its way any more. */
  finish(edges: readonly EdgeProcess[]): void {
    for (const edge of edges) {
      const history = this.#history(edge);
      this.#checkLosses(edge, history);
      for (const [seq, { twin, isHeld, holding }] of history.rows) {
        const isHeldSince = isHeld && this.#holders.get(twin.device)?.holding === holding;
        if (!isHeldSince || history.taken.has(seq) || history.coalesced.has(seq)) continue;
        this.#fail(
          `${edge.nodeName} ${twin.device}/${twin.property} at ${seq}: durable, and no reader in the cloud ever saw it`,
        );
      }
    }
  }

  /** The node's disk is one that was set aside once: its rows may have been told, or not, and what came after them is lost. */
  storeRestored(nodeName: string, disk: MemoryDisk): void {
    const rowsOf = (twins: readonly Twin[]) =>
      new Map(twins.map((twin): [number, Row] => [twin.seq, { twin, isHeld: false, holding: 0 }]));
    const twins = Array.from(disk.twins.values(), ({ json }): Twin => JSON.parse(json));
    const dropped = Number(disk.meta.get('dropped') ?? 0);
    const history: StoreHistory = {
      rows: rowsOf(disk.outbox.read(0, Number.MAX_SAFE_INTEGER)),
      former: new Map([...(this.#current.get(nodeName)?.rows ?? []), ...rowsOf(twins)]),
      goneBackAs: disk.meta.get('storeId'),
      acked: Number(disk.meta.get('ackedSeq') ?? 0),
      taken: new Set(),
      // Positions that no row has, for those that were counted before.
      coalesced: new Set(Array.from({ length: dropped }, (_, index) => -1 - index)),
      arrived: new Set(),
    };
    this.#disks.set(disk, history);
    this.#current.set(nodeName, history);
    if (history.goneBackAs !== undefined) this.#stores.set(history.goneBackAs, history);
  }

  /** The store begins another history: what was acknowledged in the old one is gone from the outbox all the same. */
  renewing(edge: EdgeProcess): void {
    if (edge.store.flush()) this.#checkLosses(edge, this.#history(edge));
  }

  #history({ store, nodeName, disk }: EdgeProcess): StoreHistory {
    let history = this.#disks.get(disk);
    if (!history) {
      history = {
        rows: new Map(),
        former: new Map(),
        goneBackAs: undefined,
        acked: 0,
        taken: new Set(),
        coalesced: new Set(),
        arrived: new Set(),
      };
      this.#disks.set(disk, history);
    }
    this.#stores.set(store.identity.storeId, history);
    this.#current.set(nodeName, history);
    return history;
  }

  /** The process is gone. What a commit took of which nobody heard any more is judged by what had arrived then. */
  killed(edge: EdgeProcess): void {
    this.#findLosses(edge, this.#history(edge));
  }

  /** Rows that are neither acknowledged nor there any more: so many the store has to have counted. */
  #checkLosses(edge: EdgeProcess, history: StoreHistory): void {
    this.#findLosses(edge, history);
    const { nodeName, store, process } = edge;
    const { size } = history.coalesced;
    const { dropped } = store.outboxStats(process.now());
    if (dropped !== size)
      this.#fail(`${nodeName}: ${size} reports are gone, and ${dropped} were counted as dropped`);
  }

  #findLosses({ disk, arrivedSeq }: EdgeProcess, history: StoreHistory): void {
    const { rows, coalesced, arrived } = history;
    const present = new Set(disk.outbox.read(0, Number.MAX_SAFE_INTEGER).map(({ seq }) => seq));
    history.acked = Math.max(history.acked, Number(disk.meta.get('ackedSeq') ?? 0));
    for (const seq of rows.keys()) {
      if (seq <= history.acked || present.has(seq) || coalesced.has(seq) || arrived.has(seq)) continue;
      (seq <= arrivedSeq ? arrived : coalesced).add(seq);
    }
  }
}

const contentOf = ({ uid, reported, observedDesired, confirmed, sync }: Twin): string =>
  [
    uid,
    reported?.value,
    reported?.quality,
    observedDesired?.value,
    observedDesired?.change,
    confirmed,
    sync.state,
  ]
    .map((part) => JSON.stringify(part) ?? '-')
    .join(' ');

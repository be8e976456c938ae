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

interface StoreHistory {
  nodeName: string;
  rows: Map<number, Row>;
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
  readonly #stores = new Map<string, StoreHistory>();
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
      history.rows.set(twin.seq, {
        twin,
        isHeld: held?.holder === `${edge.nodeName}/${twin.uid}`,
        holding: held?.holding ?? 0,
      });
    }
    this.#checkLosses(edge, history);
  }

  /** A replica took a twin: its readers see it next. */
  took(cloud: CloudProcess, nodeName: string, twin: Twin): void {
    const storeId = cloud.links.session(nodeName)?.hello.storeId ?? '';
    const history = this.#stores.get(storeId);
    const row = history?.rows.get(twin.seq);
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

  #history({ store, nodeName }: EdgeProcess): StoreHistory {
    const { storeId } = store.identity;
    let history = this.#stores.get(storeId);
    if (!history) {
      history = { nodeName, rows: new Map(), taken: new Set(), coalesced: new Set(), arrived: new Set() };
      this.#stores.set(storeId, history);
    }
    return history;
  }

  /** Rows that are neither acknowledged nor there any more: so many the store has to have counted. */
  #checkLosses(
    { nodeName, disk, store, process, arrivedSeq }: EdgeProcess,
    { rows, coalesced, arrived }: StoreHistory,
  ): void {
    const present = new Set(disk.outbox.read(0, Number.MAX_SAFE_INTEGER).map(({ seq }) => seq));
    const acked = Number(disk.meta.get('ackedSeq') ?? 0);
    for (const seq of rows.keys()) {
      if (seq <= acked || present.has(seq) || coalesced.has(seq) || arrived.has(seq)) continue;
      (seq <= arrivedSeq ? arrived : coalesced).add(seq);
    }
    const { dropped } = store.outboxStats(process.now());
    if (dropped !== coalesced.size)
      this.#fail(`${nodeName}: ${coalesced.size} reports are gone, and ${dropped} were counted as dropped`);
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

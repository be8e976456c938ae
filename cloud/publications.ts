import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import { type PublicationOutcome, type PublicationWish, recordOf } from '../resolvers/message.ts';
import type { BoxTotals, EdgeStore } from '../store/contract.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { PublishedUp } from '../tunnel/messages.ts';
import { MESSAGE_BATCH, type Publication, type PublicationRecord, type Refusal } from '../twin/message.ts';

export interface PublicationsOptions {
  store: Pick<EdgeStore, 'identity' | 'messages' | 'durable'>;
  clock: Clock;
}

/** As the store keeps it: with who asked, so that the outcome is found by the key. */
type Queued = Publication & Pick<PublicationWish, 'id' | 'principal' | 'idempotencyKey'>;

/** What waits for one node, and for all of them; beyond it new ones are refused with `QUEUE_FULL`. */
const NODE_LIMIT: BoxTotals = { items: 1_000, bytes: 4 * 1024 * 1024 };
const TOTAL_BYTES = 256 * 1024 * 1024;
/** Milliseconds between two looks for those that expired at nodes that are away. */
const SWEEP_MS = 60_000;

const PREFIX = 'node/';
const boxOf = (nodeName: string) => PREFIX + nodeName;
const nodeOf = (box: string) => box.slice(PREFIX.length);

/**
 * [W33] Messages for the nodes' buses: kept in the store until the node has published them, sent in order, one batch at a time.
 * The node knows each by its position in this store, so what is sent again is not published again.
 */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #closers: Close[];
  readonly #sessions = new Map<string, NodeSession>();
  /** On their way, by node. */
  readonly #sent = new Map<string, Queued[]>();
  readonly #waiting = new Map<string, Set<(outcome: PublicationOutcome) => void>>();

  constructor(options: PublicationsOptions) {
    this.#options = options;
    const { store, clock } = options;
    this.#closers = [
      store.messages.onCommit(() => {
        for (const nodeName of this.#nodes()) this.#pump(nodeName);
      }),
      every(clock, SWEEP_MS, () => {
        for (const nodeName of this.#nodes()) this.#expire(nodeName);
      }),
    ];
  }

  record = (principal: string, key: string) => this.#options.store.messages.record(principal, key);

  /** Messages that a node's bus has not got, by node. */
  *waiting(): Iterable<readonly [nodeName: string, items: number]> {
    for (const [box, { items }] of this.#options.store.messages.boxes()) yield [nodeOf(box), items];
  }

  /** @throws OctographError `QUEUE_FULL` */
  async publish(wish: PublicationWish, known?: PublicationRecord): Promise<PublicationOutcome> {
    const id = known?.id ?? wish.id;
    const outcome = this.#outcomeOf(id);
    try {
      if (!known) await this.#keep(wish);
      const { expiresAt } = known ?? wish;
      const stored: PublicationOutcome = { kind: 'MessageStored', id, expiresAt };
      return this.#sessions.has(wish.nodeName) ? await outcome.within(wish.timeoutMs, stored) : stored;
    } finally {
      outcome.forget();
    }
  }

  connect(session: NodeSession): void {
    const { nodeName } = session;
    this.#sessions.set(nodeName, session);
    this.#sent.delete(nodeName);
    this.#pump(nodeName);
  }

  disconnect(session: NodeSession): void {
    if (this.#sessions.get(session.nodeName) !== session) return;
    this.#sessions.delete(session.nodeName);
    this.#sent.delete(session.nodeName);
  }

  onPublished(session: NodeSession, { seq, refused }: PublishedUp): void {
    const { nodeName } = session;
    const sent = this.#sent.get(nodeName);
    if (this.#sessions.get(nodeName) !== session || !sent) return;
    const refusals = new Map(refused.map(({ seq: at, code, message }) => [at, { code, message }]));
    const done = sent.filter((queued) => queued.seq <= seq);
    for (const queued of done) this.#settle(queued, refusals.get(queued.seq));
    this.#options.store.messages.remove(boxOf(nodeName), done.at(-1)?.seq ?? 0);
    if (done.length < sent.length) {
      this.#sent.set(nodeName, sent.slice(done.length));
      return;
    }
    this.#sent.delete(nodeName);
    this.#pump(nodeName);
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  /** Those that something waits for. */
  #nodes(): string[] {
    return Array.from(this.#options.store.messages.boxes().keys(), nodeOf);
  }

  /** Begun before the message is kept: it may be published before the disk has told us. */
  #outcomeOf(id: string) {
    const { promise, resolve } = Promise.withResolvers<PublicationOutcome>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    let cancel: Close = () => {};
    return {
      within: (ms: number, otherwise: PublicationOutcome) => {
        cancel = this.#options.clock.setTimer(ms, () => resolve(otherwise));
        return promise;
      },
      forget: () => {
        cancel();
        waiting.delete(resolve);
        if (waiting.size === 0) this.#waiting.delete(id);
      },
    };
  }

  async #keep(wish: PublicationWish): Promise<void> {
    const { store, clock } = this.#options;
    const { nodeName, timeoutMs: _timeoutMs, digest: _digest, ...queued } = wish;
    const box = boxOf(nodeName);
    this.#requireRoom(nodeName);
    store.messages.put(box, queued);
    const record = recordOf(wish, 'STORED', clock.now());
    if (record) store.messages.putRecord(record);
    await store.durable();
  }

  #requireRoom(nodeName: string): void {
    const { messages } = this.#options.store;
    const box = boxOf(nodeName);
    const isFull = () => {
      const { items, bytes } = messages.totals(box);
      return items >= NODE_LIMIT.items || bytes >= NODE_LIMIT.bytes;
    };
    if (isFull()) this.#expire(nodeName);
    if (isFull()) {
      const { items, bytes } = messages.totals(box);
      throw new OctographError(
        'QUEUE_FULL',
        `${items} messages of ${bytes} bytes wait for edge node ${nodeName}: expected fewer than ${NODE_LIMIT.items}, and ${NODE_LIMIT.bytes} bytes`,
      );
    }
    const total = [...messages.boxes().values()].reduce((sum, { bytes }) => sum + bytes, 0);
    if (total < TOTAL_BYTES) return;
    throw new OctographError(
      'QUEUE_FULL',
      `messages of ${total} bytes wait for all edge nodes together: expected fewer than ${TOTAL_BYTES}`,
    );
  }

  #pump(nodeName: string): void {
    const session = this.#sessions.get(nodeName);
    if (!session || this.#sent.has(nodeName)) return;
    const { store } = this.#options;
    this.#expire(nodeName);
    const box = boxOf(nodeName);
    const sent = store.messages.read<Omit<Queued, 'seq'>>(box, 0, MESSAGE_BATCH);
    if (sent.length === 0) return;
    this.#sent.set(nodeName, sent);
    const publications = sent.map(
      ({ id: _id, principal: _principal, idempotencyKey: _key, ...publication }) => publication,
    );
    session.send({ type: 'publish', queue: store.identity.storeId, publications });
  }

  /** Ends those at the head of the queue whose time is over; of those on their way the node tells. */
  #expire(nodeName: string): void {
    if (this.#sent.has(nodeName)) return;
    const { store, clock } = this.#options;
    const box = boxOf(nodeName);
    const now = clock.now();
    for (;;) {
      const head = store.messages.read<Omit<Queued, 'seq'>>(box, 0, MESSAGE_BATCH);
      const alive = head.findIndex(({ expiresAt }) => expiresAt > now);
      const over = alive < 0 ? head : head.slice(0, alive);
      const last = over.at(-1);
      if (!last) return;
      for (const queued of over) {
        const at = new Date(queued.expiresAt).toISOString();
        const message = `${queued.topic}: it was to be published before ${at}`;
        this.#settle(queued, { code: 'MESSAGE_EXPIRED', message });
      }
      store.messages.remove(box, last.seq);
    }
  }

  #settle({ id, principal, idempotencyKey }: Queued, refusal: Refusal | undefined): void {
    const { messages } = this.#options.store;
    const state = refusal ? 'REFUSED' : 'PUBLISHED';
    const known = idempotencyKey === undefined ? undefined : messages.record(principal, idempotencyKey);
    if (known?.id === id) messages.putRecord({ ...known, state, refusal });
    const outcome: PublicationOutcome = refusal
      ? { kind: 'MessageRejected', ...refusal }
      : { kind: 'MessagePublished', id };
    for (const resolve of this.#waiting.get(id) ?? []) resolve(outcome);
  }
}

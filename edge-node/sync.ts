import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { codeOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { EdgeStore } from '../store/contract.ts';
import { CLOSE } from '../tunnel/close-codes.ts';
import type { CloudSession, CloudSessionHandler } from '../tunnel/contract.ts';
import { DrainWindow } from '../tunnel/drain-window.ts';
import type { SnapshotUp, TwinsDown } from '../tunnel/messages.ts';
import type { Machine } from '../twin/machine.ts';
import type { NodeObject, ObjectRef } from '../twin/node-object.ts';
import type { DeviceStateInfo, Proposal, Twin } from '../twin/twin.ts';
import { Backlog } from './backlog.ts';
import { deviceMessages, digestMessage, type Statement } from './statements.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface EdgeSyncOptions {
  store: EdgeStore;
  registry: TwinRegistry;
  /** Kubernetes objects from the cloud, to be stored and acted on. */
  onObjects(complete: boolean, upsert: readonly NodeObject[], remove: readonly ObjectRef[]): void;
  clock: Clock;
  logger: Logger;
}

/** Updates in one message; fewer where they are too long for one. */
const BATCH = 500;
/** Bytes that the socket has not taken; above it nothing more is read from the store. The tunnel breaks at 64 MiB. */
const BUFFER_BYTES = 1024 * 1024;
/** Milliseconds between two batches of device states. */
const STATES_MS = 500;
/** Milliseconds after which a proposal without a verdict goes up again: Kubernetes may have been away. */
const PROPOSALS_MS = 15_000;

/**
 * Brings what the store holds to the cloud, in order and without holes, and what the cloud wants to the node. It keeps
 * only positions: what was sent on this connection, and what the cloud has acknowledged. A new connection starts over
 * behind the last acknowledgement; the replica ignores what it already has.
 */
export class EdgeSync implements CloudSessionHandler {
  readonly #options: EdgeSyncOptions;
  readonly #closers: Close[] = [];
  #session: CloudSession | undefined;
  #sentSeq = 0;
  /** Up to here, or to `#sentSeq` where that is further, all was sent that the outbox holds: in between is only what stays here. */
  #doneSeq = 0;
  #ackedSeq = 0;
  #window = new DrainWindow();
  #backlog = new Backlog([], 0);
  /** The replica has confirmed that it knows all of this node. */
  #isKnown = false;
  /** What is to be said of the whole, each behind the backlog; as many as the cloud asked for. */
  #due: Statement[] = [];
  #dirtyStates = new Set<string>();
  #lastSyncAt: number | undefined;

  constructor(options: EdgeSyncOptions) {
    this.#options = options;
    this.#closers.push(options.store.onCommit((updates) => this.#onCommit(updates)));
    this.#closers.push(every(options.clock, STATES_MS, () => this.#tick()));
    this.#closers.push(every(options.clock, PROPOSALS_MS, () => this.#sendOpenProposals()));
  }

  /** Wall clock, milliseconds: when the cloud last took something from this node, since its start. */
  get lastSyncAt(): number | undefined {
    return this.#lastSyncAt;
  }

  onConnected(session: CloudSession): void {
    const { store, registry } = this.#options;
    const { replicaId } = session.welcome;
    this.#session = session;
    this.#ackedSeq = store.sync.ackedSeq;
    this.#sentSeq = store.sync.ackedSeq;
    this.#doneSeq = store.sync.ackedSeq;
    this.#tellStore();
    this.#window = new DrainWindow();
    this.#backlog = new Backlog(registry.all(), this.#sentSeq);
    this.#isKnown = replicaId === store.sync.replicaId;
    // W36: who cannot compare digests gets everything after the backlog, unless it is the one that we synced with.
    if (session.minor >= 1) this.#due = [{ of: 'digest' }];
    else this.#due = this.#isKnown ? [] : [{ of: 'twins' }];
    for (const state of registry.states()) this.#dirtyStates.add(state.device);
    this.#sendOpenProposals();
    this.#sendStates();
    this.#pump();
  }

  onMessage(_session: CloudSession, message: TwinsDown): void {
    switch (message.type) {
      case 'objects':
        this.#options.onObjects(message.complete, message.upsert, message.remove);
        return;
      case 'acked':
        this.#acknowledge(message.seq, message.snapshot ?? false);
        return;
      case 'differ':
        this.#promise({ of: 'devices', buckets: message.buckets });
        return;
      case 'wanted':
        this.#promise({ of: 'twins', devices: message.devices });
        return;
      case 'verdicts':
        for (const verdict of message.verdicts) {
          const { change, device, property, accepted, reason, conflict } = verdict;
          if (conflict) this.#options.store.putConflict(conflict);
          if (!accepted)
            this.#options.logger.warn({ change, device, property, reason }, 'the cloud refused a change');
          this.#options.registry.judge(change, device, property, verdict);
        }
    }
  }

  onDisconnected(_reason: string, code: number): void {
    this.#session = undefined;
    if (code === CLOSE.storeWentBack) this.#renewStore();
    this.#ackedSeq = this.#options.store.sync.ackedSeq;
    this.#sentSeq = this.#ackedSeq;
    this.#tellStore();
  }

  #renewStore(): void {
    const { store, logger } = this.#options;
    const { storeId } = store.identity;
    store.renewIdentity();
    logger.error(
      { storeId, newStoreId: store.identity.storeId },
      'the store went back to what it was once: what the cloud had beyond that is lost here',
    );
  }

  /** [T25] What is proposed for a property that is local only is nothing for the cloud to judge: it stands here until it is replaced. */
  sendProposals(proposals: readonly Proposal[]): void {
    const leaving = proposals.filter(this.#leaves);
    if (leaving.length > 0) this.#session?.send({ type: 'proposals', proposals: leaving });
  }

  /** @returns whether there is a session to send it on; the next hello tells it otherwise */
  sendMachine(machine: Machine): boolean {
    // W5: a gateway of tunnel 1.0 takes no such message.
    if (this.#session && this.#session.minor >= 1) this.#session.send({ type: 'machine', machine });
    return this.#session !== undefined;
  }

  /** [T24] What is local only does not go up, by whatever message. */
  #leaves = ({ device, property }: { device: string; property?: string }): boolean =>
    !this.#options.registry.isLocalOnly(device, property);

  #tick(): void {
    this.#sendStates();
    // The disk refused it when it was due; that it takes again is no news where no report waited for it.
    if (this.#due.length > 0) this.#pump();
  }

  #sendOpenProposals(): void {
    this.sendProposals([...this.#options.registry.proposals()].filter(({ accepted }) => !accepted));
  }

  /** The device's state or age changed; it goes up with the next batch of states. */
  markState(device: string): void {
    this.#dirtyStates.add(device);
  }

  /** Sends the states that wait, now: a device that went offline is news. */
  flushStates(): void {
    this.#sendStates();
  }

  close(): void {
    for (const close of this.#closers) close();
    this.#session = undefined;
  }

  #onCommit(updates: Twin[]): void {
    const first = updates[0];
    const last = updates.at(-1);
    if (!this.#session || !first || !last) return;
    // Caught up: the batch that was just committed goes out as it is, without reading it back from the disk.
    const caughtUp =
      this.#due.length === 0 &&
      first.seq === Math.max(this.#sentSeq, this.#doneSeq) + 1 &&
      this.#hasRoom() &&
      updates.length <= this.#window.size - this.#inFlight();
    if (caughtUp) this.#send(updates);
    const isDone = caughtUp || this.#pump();
    if (isDone) this.#doneSeq = Math.max(this.#doneSeq, last.seq);
    else this.#sendAhead(updates);
  }

  #promise(statement: Statement): void {
    this.#due.push(statement);
    this.#pump();
  }

  /** [W38] What nothing of its property waits before does not wait for the backlog of others. */
  #sendAhead(updates: readonly Twin[]): void {
    const session = this.#session;
    // W5: a gateway of tunnel 1.0 would take the position for that of a report in its order.
    if (!session || session.minor < 1) return;
    const unsent = updates.filter((twin) => twin.seq > this.#sentSeq && this.#leaves(twin));
    const ahead = this.#backlog.takeAhead(unsent, session.bufferedBytes < BUFFER_BYTES);
    if (ahead.length > 0)
      inParts(ahead, (part) => session.send({ type: 'reports', updates: part, ahead: true }));
  }

  /** @returns true where nothing waits any more of what is durable now */
  #pump(): boolean {
    const { store } = this.#options;
    let isDone = false;
    while (this.#hasRoom()) {
      const { size } = this.#window;
      // Two messages on their way keep the line busy.
      const limit = Math.min(BATCH, Math.ceil(size / 2), size - this.#inFlight());
      const updates = store.readOutbox(this.#sentSeq, limit);
      isDone = updates.length === 0;
      if (!isDone) {
        if (this.#send(updates) || this.#skip(updates)) continue;
        return false;
      }
      this.#backlog.clear();
      // W35: behind everything that is durable, and nothing else may leave. A disk that refuses is tried again with the next states.
      if (this.#due.length === 0 || !store.flush()) break;
      // What the flush committed has come back here already, and may have gone ahead of this, or still wait.
      if (store.readOutbox(this.#sentSeq, 1).length > 0) continue;
      const statement = this.#due.shift();
      if (statement && this.#session) this.#say(this.#session, statement);
    }
    return isDone;
  }

  #say(session: CloudSession, statement: Statement): void {
    const { storeId } = this.#options.store.identity;
    switch (statement.of) {
      case 'digest':
        session.send(digestMessage(storeId, this.#leaving()));
        return;
      case 'devices':
        for (const message of deviceMessages(storeId, this.#leaving(), statement.buckets))
          session.send(message);
        return;
      case 'twins':
        this.#sendSnapshot(session, statement.devices);
    }
  }

  /** [T24] Twins of one device, or of all, as far as they may leave. */
  #leaving(devices?: readonly string[]): Twin[] {
    const { registry } = this.#options;
    const twins = devices ? devices.flatMap((device) => [...registry.ofDevice(device)]) : [...registry.all()];
    return twins.filter(this.#leaves);
  }

  /** With nothing in flight there is always room: no acknowledgement would come to make some. */
  #hasRoom(): boolean {
    if (!this.#session) return false;
    const inFlight = this.#inFlight();
    return inFlight === 0 || (inFlight < this.#window.size && this.#session.bufferedBytes < BUFFER_BYTES);
  }

  /** @returns false where nothing of it may leave */
  #send(updates: Twin[]): boolean {
    const session = this.#session;
    const leaving = this.#backlog.take(updates.filter(this.#leaves));
    if (!session || leaving.length === 0) return false;
    const send = (part: Twin[]) => session.send({ type: 'reports', updates: part });
    for (const part of inParts(leaving, send)) {
      this.#sentSeq = part.at(-1)?.seq ?? this.#sentSeq;
      this.#tellStore();
      this.#window.sent(this.#sentSeq, this.#inFlight(), this.#options.clock.monotonic());
    }
    return true;
  }

  /** Rows that became local only while they waited: nobody will acknowledge them, so they go when nothing before them is on its way. */
  #skip(updates: Twin[]): boolean {
    if (this.#inFlight() > 0) return false;
    this.#sentSeq = updates.at(-1)?.seq ?? this.#sentSeq;
    this.#acknowledged(this.#sentSeq);
    return true;
  }

  #sendSnapshot(session: CloudSession, devices?: string[]): void {
    const { registry, store, clock } = this.#options;
    const seq = store.lastSeq();
    const states = devices ? [] : [...registry.states()].filter(({ device }) => this.#leaves({ device }));
    const send = (part: Partial<SnapshotUp>) =>
      session.send({
        type: 'snapshot',
        first: false,
        last: false,
        updates: [],
        states: [],
        sentAt: clock.now(),
        seq,
        ...part,
      });
    send({ first: true, devices, states });
    const twins = this.#leaving(devices);
    for (let start = 0; start < twins.length; start += BATCH) {
      inParts(twins.slice(start, start + BATCH), (updates) => send({ updates }));
    }
    send({ last: true });
  }

  #acknowledge(seq: number, snapshot: boolean): void {
    if (!this.#session) return;
    this.#lastSyncAt = this.#options.clock.now();
    if (snapshot) this.#isKnown = true;
    this.#acknowledged(seq);
    this.#pump();
  }

  #acknowledged(seq: number): void {
    const replicaId = this.#session?.welcome.replicaId;
    if (!replicaId) return;
    this.#ackedSeq = Math.max(this.#ackedSeq, seq);
    this.#tellStore();
    this.#window.acknowledged(seq, this.#options.clock.monotonic());
    // Until the replica knows the node the rows stay: a cut in between starts over with all of them.
    if (this.#isKnown) this.#options.store.acknowledge(replicaId, this.#ackedSeq);
  }

  #tellStore(): void {
    this.#options.store.onItsWay(this.#ackedSeq, this.#sentSeq);
  }

  #inFlight(): number {
    return this.#sentSeq - this.#ackedSeq;
  }

  #sendStates(): void {
    if (!this.#session || this.#dirtyStates.size === 0) return;
    const leaving = [...this.#dirtyStates].filter((device) => this.#leaves({ device }));
    const states = leaving
      .map((device) => this.#options.registry.state(device))
      .filter((state): state is DeviceStateInfo => state !== undefined);
    // What stays is told when it is local only no more.
    for (const device of leaving) this.#dirtyStates.delete(device);
    if (states.length > 0) {
      this.#session.send({ type: 'states', states, sentAt: this.#options.clock.now() });
    }
  }
}

/**
 * Sends `updates` in as few messages as the tunnel lets through, and returns them part by part.
 * @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` for a single update that is
 */
function inParts(updates: Twin[], send: (part: Twin[]) => void): Twin[][] {
  try {
    send(updates);
    return [updates];
  } catch (error) {
    if (codeOf(error) !== 'TUNNEL_MESSAGE_TOO_LARGE' || updates.length < 2) throw error;
    const middle = updates.length >> 1;
    return [...inParts(updates.slice(0, middle), send), ...inParts(updates.slice(middle), send)];
  }
}

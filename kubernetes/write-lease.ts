import { type Clock, toIso } from '../lib/clock.ts';
import type { Closable, Close } from '../lib/disposables.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeClient } from './client.ts';
import type { InformerStatus } from './informer.ts';
import { decideLease, type LeaseSighting, releasedLease, sightLease } from './lease-step.ts';
import { pause } from './pause.ts';
import { collectionPath, LEASES, type LeaseObject, objectPath } from './resources.ts';
import type { WriteFence } from './write-fence.ts';

export interface WriteLeaseOptions {
  client: KubeClient;
  namespace: string;
  /** @default 'octograph-gateway' */
  name?: string;
  /** Who we are: another one for each process, or two would both take the Lease for theirs. */
  identity: string;
  clock: Clock;
  logger: Logger;
  /** How long a Lease that is not renewed stays with its holder: whole seconds. @default 15 */
  durationSeconds?: number;
}

export interface WriteLeaseMetrics {
  held: boolean;
  /** How often we got it, and how often we lost it before we gave it back. */
  gained: number;
  lost: number;
}

export interface WriteLease extends WriteFence, Closable {
  status(): InformerStatus;
  metrics(): WriteLeaseMetrics;
}

type State =
  | { kind: 'starting' }
  | { kind: 'held' }
  | { kind: 'waiting'; holder: string }
  | { kind: 'failing'; error: string };

/** What closing may take when the API server does not answer. */
const RELEASE_MS = 2_000;

/**
 * Holds a Lease so that of several gateways one writes. It is renewed after every seventh of its duration; a holder that
 * cannot renew it stops writing at two thirds, so that what was on its way is over when somebody else may begin.
 */
export function startWriteLease({
  client,
  namespace,
  name = 'octograph-gateway',
  identity,
  clock,
  logger,
  durationSeconds = 15,
}: WriteLeaseOptions): WriteLease {
  const path = objectPath(LEASES, { namespace, name });
  const what = `Lease ${namespace}/${name}`;
  const terms = { identity, namespace, name, durationSeconds };
  const renewMs = (durationSeconds * 1000) / 7;
  const deadlineMs = (durationSeconds * 1000 * 2) / 3;
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  let state: State = { kind: 'starting' };
  let sighting: LeaseSighting | undefined;
  let term: AbortController | undefined;
  let cancelEnd: Close = () => {};
  let heldUntil = 0;
  let gained = 0;
  let lost = 0;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await step();
      await pause(clock, renewMs, closing.signal);
    }
  }

  async function step(): Promise<void> {
    const askedAt = clock.monotonic();
    try {
      // The holder knows how the Lease looks: only after a failure does it read it again.
      if (!sighting || state.kind !== 'held')
        sighting = sightLease(sighting, await read(), clock.monotonic());
      const next = decideLease(sighting, terms, clock.monotonic(), toIso(clock.now()));
      if (next.kind === 'wait') {
        endTerm();
        enter({ kind: 'waiting', holder: next.holder });
        return;
      }
      const lease =
        next.kind === 'create'
          ? await client.create(collectionPath(LEASES, namespace), next.lease, closing.signal)
          : await client.replace(path, next.lease, closing.signal);
      sighting = { lease, since: clock.monotonic() };
      // From when it was asked: others count from when they see the answer, which is later.
      hold(askedAt + deadlineMs);
    } catch (error) {
      if (closing.signal.aborted) return;
      // Somebody else was faster: the next look says who. The term goes on until its end, unless that look ends it.
      const conflict = codeOf(error) === 'KUBERNETES_CONFLICT';
      enter(conflict ? { kind: 'waiting', holder: 'another' } : { kind: 'failing', error: messageOf(error) });
    }
  }

  async function read(): Promise<LeaseObject | undefined> {
    try {
      return await client.get<LeaseObject>(path, closing.signal);
    } catch (error) {
      if (codeOf(error) === 'KUBERNETES_NOT_FOUND') return undefined;
      throw error;
    }
  }

  function hold(until: number): void {
    heldUntil = until;
    cancelEnd();
    cancelEnd = clock.setTimer(until - clock.monotonic(), endTerm);
    enter({ kind: 'held' });
    if (term || closing.signal.aborted) return;
    term = new AbortController();
    gained++;
    for (const listener of listeners) listener();
  }

  function endTerm(): void {
    cancelEnd();
    if (!term) return;
    const ended = term;
    term = undefined;
    lost++;
    logger.warn({ identity }, `${what} is lost: this gateway writes no more to Kubernetes`);
    ended.abort(new Error(`${what} is lost`));
  }

  function enter(next: State): void {
    const before = state.kind;
    state = next;
    if (before === next.kind) return;
    if (next.kind === 'held') logger.info({ identity }, `${what} is ours: this gateway writes to Kubernetes`);
    if (next.kind === 'failing') logger.warn({ error: next.error }, `cannot hold ${what}; trying again`);
    if (next.kind === 'waiting')
      logger.info({ holder: next.holder }, `${what} is held by another gateway, which writes in our place`);
  }

  /** Past its end a term is over even if its timer has not run: a process that was suspended wakes up in this state. */
  const current = () => (term && clock.monotonic() < heldUntil ? term.signal : undefined);

  async function release(): Promise<void> {
    cancelEnd();
    const held = term;
    term = undefined;
    held?.abort(new Error(`${what} is given back`));
    if (!held || !sighting?.lease) return;
    const deadline = new AbortController();
    const cancel = clock.setTimer(RELEASE_MS, () => deadline.abort());
    try {
      await client.replace(path, releasedLease(sighting.lease, toIso(clock.now())), deadline.signal);
    } catch {
      // It ends by itself: the next one waits for its duration.
    } finally {
      cancel();
    }
  }

  const running = run();
  let closed: Promise<void> | undefined;

  return {
    get term() {
      return current();
    },
    onTerm(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => ({ name: 'write-lease', ok: true, detail: detailOf(state, what, current() !== undefined) }),
    metrics: () => ({ held: current() !== undefined, gained, lost }),
    close() {
      closing.abort();
      closed ??= running.then(release);
      return closed;
    },
  };
}

function detailOf(state: State, what: string, held: boolean): string {
  switch (state.kind) {
    case 'starting':
      return `asking for ${what}`;
    case 'held':
      return `this gateway holds ${what}, and writes`;
    case 'waiting':
      return `${what} is held by ${state.holder}, which writes in our place`;
    case 'failing':
      return `cannot ${held ? 'renew' : 'get'} ${what}, without which nothing is written: ${state.error}`;
  }
}

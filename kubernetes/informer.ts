import type { Clock } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import { messageOf, OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { describeAbsence } from './absence.ts';
import type { KubeClient } from './client.ts';
import { decide, type InformerCondition, type InformerStep, type StepOutcome } from './informer-step.ts';
import type { ObjectCache } from './object-cache.ts';
import { pause } from './pause.ts';
import { collectionPath, type KubeObject, type Resource } from './resources.ts';

export interface InformerOptions<T extends KubeObject> {
  client: KubeClient;
  resource: Resource<T>;
  cache: ObjectCache<T>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
  /** Absences that were logged already: what one kind said, no other need say again. */
  announced?: Set<string>;
  /** Objects per list page. @default 500 */
  pageSize?: number;
  /** What is kept of an object. @default all of it */
  keep?: (object: T) => T;
}

export interface InformerStatus {
  /** The kind's plural. */
  name: string;
  /** False until the first whole list, except for a kind that the cluster does not have. */
  ok: boolean;
  detail: string;
}

/** How far what is cached is to be trusted. */
export interface Freshness {
  /** The cluster is followed now, as far as we know. */
  current: boolean;
  /** Wall clock, milliseconds: when the cache was last known to be equal to the cluster; undefined where it never was. */
  asOf: number | undefined;
  /** Why it is not current. */
  reason: string | undefined;
}

export interface Informer extends Closable {
  status(): InformerStatus;
  freshness(): Freshness;
}

/** A watch is renewed after 60 to 120 s: a connection that died without a word costs no more than that. */
const WATCH_SECONDS = 60;

/** What a server has beyond its own time limit to end a watch; then we end it. */
const WATCH_GRACE_MS = 15_000;

/** A watch that lived this long is a working one, even if nothing happened in it. */
const PROGRESS_MS = 5_000;

/** Keeps `cache` equal to the cluster: lists, watches, and recovers as `informer-step.ts` decides, until closed. */
export function startInformer<T extends KubeObject>({
  client,
  resource,
  cache,
  clock,
  random,
  logger,
  announced = new Set(),
  pageSize = 500,
  keep = (object) => object,
}: InformerOptions<T>): Informer {
  const path = collectionPath(resource);
  const log = logger.child({ kind: resource.plural });
  const closing = new AbortController();
  let condition: InformerCondition | { kind: 'starting' } = { kind: 'starting' };
  let absence = '';
  /** When the server last said something of this kind. */
  let heardAt: number | undefined;

  async function run(): Promise<void> {
    let step: InformerStep = { kind: 'list' };
    let failures = 0;
    while (!closing.signal.aborted) {
      const outcome = step.kind === 'list' ? await list() : await watch(step.resourceVersion);
      if (closing.signal.aborted) return;
      const decision = decide(failures, outcome, random);
      step = decision.step;
      failures = decision.failures;
      if (decision.condition) await enter(decision.condition);
      await pause(clock, decision.delayMs, closing.signal);
    }
  }

  /**
   * Pages go into the cache as they come. The version to watch from is the first page's: where a server's pages are not
   * of one moment, the watch then tells again what a later page may have missed.
   */
  async function list(): Promise<StepOutcome> {
    const listing = cache.beginList();
    let resourceVersion = '';
    let token: string | undefined;
    try {
      do {
        const page = await client.list<T>(path, { limit: pageSize, continue: token }, closing.signal);
        resourceVersion ||= page.metadata.resourceVersion ?? '';
        listing.page((page.items ?? []).map(admit));
        token = page.metadata.continue || undefined;
      } while (token);
    } catch (error) {
      return { kind: 'not-listed', error };
    }
    listing.end();
    heardAt = clock.now();
    return { kind: 'listed', resourceVersion };
  }

  async function watch(from: string): Promise<StepOutcome> {
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()));
    const ending = new AbortController();
    const signal = AbortSignal.any([closing.signal, ending.signal]);
    const cancel = clock.setTimer(timeoutSeconds * 1000 + WATCH_GRACE_MS, () => ending.abort());
    const openedAt = clock.monotonic();
    let resourceVersion = from;
    let progressed = false;
    try {
      let events: Awaited<ReturnType<typeof client.watch<T>>>;
      try {
        events = await client.watch<T>(path, { resourceVersion, timeoutSeconds }, signal);
      } catch (error) {
        return { kind: 'not-watched', resourceVersion, error };
      }
      heardAt = clock.now();
      await enter({ kind: 'following' });
      for await (const event of events) {
        heardAt = clock.now();
        if (event.type === 'DELETED') cache.remove(admit(event.object).metadata.uid!);
        else if (event.type !== 'BOOKMARK') cache.put(admit(event.object));
        resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
        progressed = true;
      }
      progressed ||= clock.monotonic() - openedAt >= PROGRESS_MS;
      return { kind: 'watched', resourceVersion, progressed };
    } catch (error) {
      return { kind: 'watched', resourceVersion, progressed, error };
    } finally {
      cancel();
    }
  }

  /** An object at the door: checked for what the cache stands on, completed, and without what nobody reads. */
  function admit(object: T): T {
    const metadata = object?.metadata as (T['metadata'] & { managedFields?: unknown }) | undefined;
    if (!metadata?.name || !metadata.uid) {
      throw new OctographError(
        'KUBERNETES_UNAVAILABLE',
        `${path} has an object without name or uid: ${JSON.stringify(metadata ?? object)?.slice(0, 200)}`,
      );
    }
    delete metadata.managedFields;
    // Lists of core kinds leave these two out; `spec` may be missing where the CRD does not require it.
    return keep({ spec: {}, ...object, apiVersion: resource.apiVersion, kind: resource.kind });
  }

  /** One line per change of condition, however often it is met again. */
  async function enter(next: InformerCondition): Promise<void> {
    const before = condition.kind;
    condition = next;
    if (before === next.kind) return;
    switch (next.kind) {
      case 'following':
        announced.delete(absence);
        if (before !== 'starting') log.info({ objects: cache.size }, `following ${resource.plural} again`);
        return;
      case 'absent':
        absence = await describeAbsence(client, resource, closing.signal);
        if (!announced.has(absence)) log.warn({}, absence);
        announced.add(absence);
        return;
      case 'failing':
        log.warn({ error: messageOf(next.error) }, `cannot follow ${resource.plural}; trying again`);
        return;
    }
  }

  const running = run();

  return {
    status: () => ({
      name: resource.plural,
      ok: cache.synced || condition.kind === 'absent',
      detail: detailOf(condition, cache.size, absence),
    }),
    freshness() {
      switch (condition.kind) {
        case 'starting':
          return { current: false, asOf: undefined, reason: undefined };
        case 'following':
        // There is nothing of it to know.
        case 'absent':
          return { current: true, asOf: clock.now(), reason: undefined };
        case 'failing':
          return { current: false, asOf: heardAt, reason: messageOf(condition.error) };
      }
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

function detailOf(
  condition: InformerCondition | { kind: 'starting' },
  size: number,
  absence: string,
): string {
  switch (condition.kind) {
    case 'starting':
      return 'waiting for the first list';
    case 'following':
      return `${size} objects`;
    case 'absent':
      return absence;
    case 'failing':
      return `${size} objects, as last known: ${messageOf(condition.error)}`;
  }
}

import DataLoader from 'dataloader';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { DeviceKey, ReadMode } from '../resolvers/context.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { FreshnessSource } from '../twin/freshness.ts';
import type { Desired, Reported, SyncInfo } from '../twin/twin.ts';

/** One twin as the node's own subgraph answers it. Instants are milliseconds here. */
export interface EdgeTwin {
  property: string;
  seq: number;
  observedDesired?: Desired;
  reported?: Reported;
  sync: Omit<SyncInfo, 'since'> & { since?: number };
  source: FreshnessSource;
  stale: boolean;
  ageMs?: number;
}

export interface EdgeRead {
  device: DeviceKey;
  properties: readonly string[] | undefined;
  mode: ReadMode;
}

/** Milliseconds that a node may take to answer. */
const DEADLINE_MS = 10_000;

const QUERY = `query ($devices: [_Any!]!, $properties: [String!], $read: ReadMode) {
  _entities(representations: $devices) { ... on Device { twins(properties: $properties, read: $read) {
    property seq
    observedDesired { value change setAt setBy }
    reported { value raw quality observedAt }
    sync { state change since reason }
    freshness { source ageMs stale }
  } } }
}`;

export interface EdgeReaderOptions {
  /** @throws OctographError `EDGE_NODE_OFFLINE` */
  sessionOf(nodeName: string): NodeSession;
  clock: Clock;
  /** The operation's. */
  signal?: AbortSignal;
}

/**
 * Reads twins from the nodes themselves: one loader per operation, one request per node, read mode and property list in
 * a tick, whatever the query. It never retries.
 */
export class EdgeReader {
  readonly #loader: DataLoader<EdgeRead, EdgeTwin[], string>;

  constructor(options: EdgeReaderOptions) {
    const load = (reads: readonly EdgeRead[]) => {
      // Answers are shared within a tick only: a subscription reads anew for each of its events.
      this.#loader.clearAll();
      return readAll(reads, options);
    };
    this.#loader = new DataLoader(load, { cacheKeyFn: keyOf });
  }

  read(read: EdgeRead): Promise<EdgeTwin[]> {
    return this.#loader.load(read);
  }
}

const keyOf = ({ device, properties, mode }: EdgeRead) =>
  JSON.stringify([device.namespace, device.name, mode, properties]);

async function readAll(
  reads: readonly EdgeRead[],
  options: EdgeReaderOptions,
): Promise<Array<EdgeTwin[] | Error>> {
  const answers: Array<EdgeTwin[] | Error> = new Array(reads.length);
  const groups = Map.groupBy(reads.keys(), (index) => {
    const { device, properties, mode } = reads[index] as EdgeRead;
    return JSON.stringify([device.nodeName, mode, properties]);
  });
  await Promise.all(
    Array.from(groups.values(), async (indexes) => {
      const group = indexes.map((index) => reads[index] as EdgeRead);
      const results = await readGroup(group, options);
      for (const [position, index] of indexes.entries())
        answers[index] = results[position] as EdgeTwin[] | Error;
    }),
  );
  return answers;
}

async function readGroup(
  reads: EdgeRead[],
  { sessionOf, clock, signal }: EdgeReaderOptions,
): Promise<Array<EdgeTwin[] | Error>> {
  const [{ device, properties, mode }] = reads as [EdgeRead];
  const nodeName = device.nodeName ?? '';
  const deadline = new AbortController();
  const cancel = clock.setTimer(DEADLINE_MS, () => deadline.abort(timeoutOf(nodeName)));
  try {
    const { data, errors } = await sessionOf(nodeName).execute({
      query: QUERY,
      variables: {
        devices: reads.map((read) => ({ __typename: 'Device', ...read.device })),
        properties,
        read: mode === 'DEVICE' ? 'DEVICE' : 'EDGE',
      },
      signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    });
    const entities = (data as { _entities?: Array<{ twins: RawTwin[] | null } | null> } | null)?._entities;
    return reads.map((_read, index) => {
      const twins = entities?.[index]?.twins;
      return twins ? twins.map(twinOf) : errorOf(nodeName, index, errors);
    });
  } catch (error) {
    return reads.map(() => error as Error);
  } finally {
    cancel();
  }
}

function timeoutOf(nodeName: string): OctographError {
  const message = `edge node ${nodeName} did not answer within ${DEADLINE_MS} ms`;
  return new OctographError('EDGE_NODE_TIMEOUT', message, { details: { nodeName } });
}

/** The node's own words about one device, with its code. */
function errorOf(
  nodeName: string,
  index: number,
  errors: readonly GraphQLFormattedError[] | undefined,
): Error {
  const found =
    errors?.find(({ path }) => path?.[0] === '_entities' && path[1] === index) ??
    errors?.find(({ path }) => path?.[1] === undefined);
  if (!found)
    return new OctographError('EDGE_NODE_ERROR', `edge node ${nodeName} gave no answer`, {
      details: { nodeName },
    });
  return new GraphQLError(found.message, { extensions: { ...found.extensions, nodeName } });
}

interface RawTwin {
  property: string;
  seq: number;
  observedDesired: {
    value: Desired['value'];
    change: string | null;
    setAt: string | null;
    setBy: string | null;
  } | null;
  reported: {
    value: Reported['value'];
    raw: string | null;
    quality: Reported['quality'];
    observedAt: string;
  } | null;
  sync: { state: SyncInfo['state']; change: string | null; since: string | null; reason: string | null };
  freshness: { source: FreshnessSource; stale: boolean; ageMs: number | null };
}

function twinOf({ property, seq, observedDesired, reported, sync, freshness }: RawTwin): EdgeTwin {
  return {
    property,
    seq,
    observedDesired: observedDesired
      ? {
          value: observedDesired.value,
          change: observedDesired.change ?? undefined,
          setBy: observedDesired.setBy ?? undefined,
          setAt: instantOf(observedDesired.setAt),
        }
      : undefined,
    reported: reported
      ? { ...reported, raw: reported.raw ?? undefined, observedAt: Date.parse(reported.observedAt) }
      : undefined,
    sync: {
      state: sync.state,
      change: sync.change ?? undefined,
      since: instantOf(sync.since),
      reason: sync.reason ?? undefined,
    },
    source: freshness.source,
    stale: freshness.stale,
    ageMs: freshness.ageMs ?? undefined,
  };
}

const instantOf = (text: string | null): number | undefined => (text === null ? undefined : Date.parse(text));

import DataLoader from 'dataloader';
import type { GraphQLFormattedError } from 'graphql';
import type { DeviceKey, ReadMode } from '../resolvers/context.ts';
import type { FreshnessSource } from '../twin/freshness.ts';
import type { Desired, Reported, SyncInfo } from '../twin/twin.ts';
import { type NodeAsker, noAnswer } from './node-asker.ts';

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
  /** Fields of Twin that the node's version lacks; none where it is ours. */
  missing: readonly string[];
}

export interface EdgeRead {
  device: DeviceKey;
  properties: readonly string[] | undefined;
  mode: ReadMode;
}

/** Milliseconds that a node may take to answer. */
const DEADLINE_MS = 10_000;

/**
 * Reads twins from the nodes themselves: one loader per operation, one request per node in a tick, whatever the query.
 */
export class EdgeReader {
  readonly #loader: DataLoader<EdgeRead, EdgeTwin[], string>;

  constructor(asker: NodeAsker) {
    const load = (reads: readonly EdgeRead[]) => {
      // Answers are shared within a tick only: what a mutation asks after its write is read anew.
      this.#loader.clearAll();
      return readAll(reads, asker);
    };
    this.#loader = new DataLoader(load, { cacheKeyFn: keyOf });
  }

  read(read: EdgeRead): Promise<EdgeTwin[]> {
    return this.#loader.load(read);
  }
}

const keyOf = ({ device, properties, mode }: EdgeRead) =>
  JSON.stringify([device.namespace, device.name, mode, properties]);

type Answer = EdgeTwin[] | Error;

async function readAll(reads: readonly EdgeRead[], asker: NodeAsker): Promise<Answer[]> {
  const answers = new Map<EdgeRead, Answer>();
  const byNode = Map.groupBy(reads, ({ device }) => device.nodeName ?? '');
  await Promise.all(Array.from(byNode, ([nodeName, group]) => readNode(nodeName, group, asker, answers)));
  return reads.map((read) => answers.get(read) as Answer);
}

/** All reads of one node in one document: a group of devices per read mode and list of properties. */
async function readNode(
  nodeName: string,
  reads: readonly EdgeRead[],
  asker: NodeAsker,
  answers: Map<EdgeRead, Answer>,
): Promise<void> {
  const groups = [
    ...Map.groupBy(reads, ({ properties, mode }) => JSON.stringify([mode, properties])).values(),
  ];
  try {
    let missing: string[] = [];
    const { data, errors } = await asker.ask(nodeName, DEADLINE_MS, (query) => {
      missing = query.missing;
      return { query: query.textFor(groups.length), variables: variablesOf(groups) };
    });
    for (const [index, group] of groups.entries()) {
      const alias = `g${index}`;
      const entities = (data as Record<string, Array<{ twins: RawTwin[] | null } | null>> | null)?.[alias];
      for (const [position, read] of group.entries()) {
        const twins = entities?.[position]?.twins;
        answers.set(
          read,
          twins ? twins.map((twin) => twinOf(twin, missing)) : errorOf(nodeName, alias, position, errors),
        );
      }
    }
  } catch (error) {
    for (const read of reads) answers.set(read, error as Error);
  }
}

function variablesOf(groups: readonly EdgeRead[][]): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const [index, group] of groups.entries()) {
    const { properties, mode } = group[0] as EdgeRead;
    variables[`d${index}`] = group.map(({ device }) => ({ __typename: 'Device', ...device }));
    variables[`p${index}`] = properties;
    variables[`r${index}`] = mode === 'DEVICE' ? 'DEVICE' : 'EDGE';
  }
  return variables;
}

/** The node's own words about one device, with its code. */
function errorOf(
  nodeName: string,
  alias: string,
  position: number,
  errors: readonly GraphQLFormattedError[] | undefined,
): Error {
  const found =
    errors?.find(({ path }) => path?.[0] === alias && path[1] === position) ??
    errors?.find(({ path }) => path?.[1] === undefined);
  return noAnswer(nodeName, found);
}

/** As the node answers it; a node of another version may leave any of it out. */
interface RawTwin {
  property: string;
  seq?: number;
  observedDesired?: {
    value: Desired['value'];
    change?: string | null;
    setAt?: string | null;
    setBy?: string | null;
  } | null;
  reported?: {
    value: Reported['value'];
    raw?: string | null;
    quality?: Reported['quality'];
    observedAt?: string;
  } | null;
  sync?: { state: SyncInfo['state']; change?: string | null; since?: string | null; reason?: string | null };
  freshness?: { source?: FreshnessSource; stale?: boolean; ageMs?: number | null };
}

function twinOf(raw: RawTwin, missing: readonly string[]): EdgeTwin {
  const { property, seq = 0, observedDesired, reported, sync, freshness } = raw;
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
      ? {
          value: reported.value,
          raw: reported.raw ?? undefined,
          quality: reported.quality ?? 'UNCERTAIN',
          observedAt: instantOf(reported.observedAt) ?? 0,
        }
      : undefined,
    sync: {
      state: sync?.state ?? 'NONE',
      change: sync?.change ?? undefined,
      since: instantOf(sync?.since),
      reason: sync?.reason ?? undefined,
    },
    source: freshness?.source ?? 'EDGE',
    stale: freshness?.stale ?? true,
    ageMs: freshness?.ageMs ?? undefined,
    missing,
  };
}

const instantOf = (text: string | null | undefined): number | undefined =>
  text == null ? undefined : Date.parse(text);

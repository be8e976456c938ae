import type { DeviceKey, HistoryReader } from '../resolvers/context.ts';
import type { History, HistoryRange, HistorySample } from '../twin/history.ts';
import type { EdgeQuery } from './edge-query.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';

const QUERY = `query ($devices: [_Any!]!, $property: String!, $from: DateTime!, $to: DateTime!, $points: Int!, $method: Downsample!) {
  _entities(representations: $devices) { ... on Device { twin(property: $property, read: EDGE) {
    history(from: $from, to: $to, points: $points, method: $method) { samples { at value quality raw } gaps { from to } next }
  } } }
}`;

/** Milliseconds that a node may take: history is the one answer that is large. */
const DEADLINE_MS = 20_000;

interface RawHistory {
  samples: Array<Omit<HistorySample, 'at' | 'raw'> & { at: string; raw: string | null }>;
  gaps: Array<{ from: string; to: string }>;
  next: string | null;
}

/** History is where it was made: the cloud fetches it over the tunnel, from the node that holds the device now. */
export function createCloudHistory(asker: NodeAsker): HistoryReader {
  return {
    async read(device, property, range) {
      const nodeName = device.nodeName;
      if (nodeName === null || property.localOnly)
        return { samples: [], gaps: [{ from: range.from, to: range.to }] };
      const build = (query: EdgeQuery) => {
        if (!query.knows('Twin', 'history')) throw schemaMismatch(nodeName, 'history');
        return { query: QUERY, variables: variablesOf(device, property.name, range) };
      };
      return asker.askEntity<Answer, History>(
        nodeName,
        DEADLINE_MS,
        build,
        ({ twin }) => twin?.history && historyOf(twin.history),
      );
    },
  };
}

interface Answer {
  twin: { history: RawHistory | null } | null;
}

const variablesOf = (
  device: DeviceKey,
  property: string,
  { from, to, points, method }: Omit<HistoryRange, 'gapMs'>,
) => ({
  devices: [{ __typename: 'Device', ...device }],
  property,
  from: toIso(from),
  to: toIso(to),
  points,
  method,
});

const toIso = (instant: number) => new Date(instant).toISOString();

const historyOf = ({ samples, gaps, next }: RawHistory) => ({
  samples: samples.map(({ at, raw, ...sample }) => ({
    ...sample,
    at: Date.parse(at),
    raw: raw ?? undefined,
  })),
  gaps: gaps.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) })),
  next: next === null ? undefined : Date.parse(next),
});

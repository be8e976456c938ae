import { GraphQLError } from 'graphql';
import { OctographError } from '../lib/errors.ts';
import type { DeviceKey, HistoryReader } from '../resolvers/context.ts';
import type { HistoryRange, HistorySample } from '../twin/history.ts';
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
      if (nodeName === null) return { samples: [], gaps: [{ from: range.from, to: range.to }] };
      const { data, errors } = await asker.ask(nodeName, DEADLINE_MS, (query) => {
        if (!query.knows('Twin', 'history')) throw schemaMismatch(nodeName, 'history');
        return { query: QUERY, variables: variablesOf(device, property.name, range) };
      });
      const twin = (data as Answer | null)?._entities?.[0]?.twin;
      if (twin?.history) return historyOf(twin.history);
      if (errors?.[0])
        throw new GraphQLError(errors[0].message, { extensions: { ...errors[0].extensions, nodeName } });
      throw new OctographError('EDGE_NODE_ERROR', `edge node ${nodeName} gave no answer`, {
        details: { nodeName },
      });
    },
  };
}

interface Answer {
  _entities?: Array<{ twin: { history: RawHistory | null } | null } | null>;
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

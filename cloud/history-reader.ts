import { GraphQLError } from 'graphql';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { HistoryReader } from '../resolvers/context.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { HistorySample } from '../twin/history.ts';
import type { NodeGate } from './node-gate.ts';

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

export interface CloudHistoryOptions {
  /** @throws OctographError `EDGE_NODE_OFFLINE` */
  sessionOf(nodeName: string): NodeSession;
  gate: NodeGate;
  clock: Clock;
  signal?: AbortSignal;
}

/** History is where it was made: the cloud fetches it over the tunnel, from the node that holds the device now. */
export function createCloudHistory({ sessionOf, gate, clock, signal }: CloudHistoryOptions): HistoryReader {
  return {
    async read(device, property, range) {
      const nodeName = device.nodeName;
      if (nodeName === null) return { samples: [], gaps: [{ from: range.from, to: range.to }] };
      const deadline = new AbortController();
      const cancel = clock.setTimer(DEADLINE_MS, () => deadline.abort());
      try {
        const request = {
          query: QUERY,
          variables: {
            devices: [{ __typename: 'Device', ...device }],
            property: property.name,
            from: toIso(range.from),
            to: toIso(range.to),
            points: range.points,
            method: range.method,
          },
        };
        const ends = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
        const { data, errors } = await gate.ask(sessionOf(nodeName), request, ends);
        const twin = (data as { _entities?: Array<{ twin: { history: RawHistory } | null } | null> } | null)
          ?._entities?.[0]?.twin;
        if (twin?.history) return historyOf(twin.history);
        const details = { nodeName };
        if (!errors?.[0])
          throw new OctographError('EDGE_NODE_ERROR', `edge node ${nodeName} gave no answer`, { details });
        throw new GraphQLError(errors[0].message, { extensions: { ...errors[0].extensions, nodeName } });
      } finally {
        cancel();
      }
    },
  };
}

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

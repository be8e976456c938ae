import { LIVE_EVENT_KINDS, READ_MODES } from '../resolvers/context.ts';
import { MESSAGE_EVENT_KINDS, PAYLOAD_ENCODINGS } from '../resolvers/message.ts';
import { WAIT_FOR } from '../resolvers/set-desired.ts';
import { CHANGE_STATES } from '../twin/change.ts';
import { SYNC_STATES } from '../twin/sync-state.ts';
import { VALUE_TYPES } from '../twin/value.ts';
import type { Builder } from './builder.ts';

/** All enums, once for both subgraphs: composition merges them value by value. */
export function createEnums(builder: Builder) {
  return {
    PlaceKind: builder.enumType('PlaceKind', { values: ['CLOUD', 'EDGE'] as const }),
    ValueType: builder.enumType('ValueType', { values: VALUE_TYPES }),
    AccessMode: builder.enumType('AccessMode', { values: ['READ_ONLY', 'READ_WRITE'] as const }),
    Quality: builder.enumType('Quality', { values: ['GOOD', 'UNCERTAIN', 'BAD'] as const }),
    SyncState: builder.enumType('SyncState', {
      description: 'How a desired value and the device stand to each other.',
      values: Object.fromEntries(
        SYNC_STATES.map((state) => [state, { description: SYNC_TEXTS[state] }]),
      ) as Record<(typeof SYNC_STATES)[number], { description: string }>,
    }),
    ReadMode: builder.enumType('ReadMode', {
      description: 'Where twins are read from.',
      values: Object.fromEntries(
        READ_MODES.map((mode) => [mode, { description: READ_TEXTS[mode] }]),
      ) as Record<(typeof READ_MODES)[number], { description: string }>,
    }),
    FreshnessSource: builder.enumType('FreshnessSource', {
      values: ['DEVICE', 'EDGE', 'REPLICA', 'LAST_KNOWN'] as const,
    }),
    Downsample: builder.enumType('Downsample', {
      description: 'How a history is sized to its points.',
      values: {
        MINMAX: { description: 'The least and the greatest of each stretch: no peak is lost.' },
        AVG: { description: 'The mean of each stretch, weighted by time.' },
        RAW: { description: 'Every value, as many as `points`.' },
      },
    }),
    BrowsedKind: builder.enumType('BrowsedKind', {
      values: {
        OBJECT: { value: 'object' },
        VARIABLE: { value: 'variable' },
        METHOD: { value: 'method' },
        OTHER: { value: 'other' },
      } as const,
    }),
    ConflictSide: builder.enumType('ConflictSide', { values: ['CLOUD', 'EDGE'] as const }),
    ConflictKeep: builder.enumType('ConflictKeep', {
      values: {
        WINNER: { description: 'What stands there now.' },
        LOSER: { description: 'What lost: it is set as desired again.' },
      },
    }),
    OrderDirection: builder.enumType('OrderDirection', { values: ['ASC', 'DESC'] as const }),
    LinkState: builder.enumType('LinkState', { values: ['UP', 'DOWN'] as const }),
    ChangeState: builder.enumType('ChangeState', { values: CHANGE_STATES }),
    WaitFor: builder.enumType('WaitFor', {
      description: 'How far setDesired waits.',
      values: Object.fromEntries(WAIT_FOR.map((wait) => [wait, { description: WAIT_TEXTS[wait] }])) as Record<
        (typeof WAIT_FOR)[number],
        { description: string }
      >,
    }),
    Conflate: builder.enumType('Conflate', {
      description: 'What becomes of the updates of a property that follow closely on one another.',
      values: {
        EVERY: { description: 'All are told, but for what an interval or a deadband leaves out.' },
        LATEST: {
          description:
            'The last one is told at the end of the interval, and says how many were left out; of a tenth of a second where none is given.',
        },
      },
    }),
    LiveEventKind: builder.enumType('LiveEventKind', { values: LIVE_EVENT_KINDS }),
    MessageEventKind: builder.enumType('MessageEventKind', {
      values: Object.fromEntries(
        MESSAGE_EVENT_KINDS.map((kind) => [kind, { description: MESSAGE_TEXTS[kind] }]),
      ) as Record<(typeof MESSAGE_EVENT_KINDS)[number], { description: string }>,
    }),
    PayloadEncoding: builder.enumType('PayloadEncoding', {
      values: Object.fromEntries(
        PAYLOAD_ENCODINGS.map((encoding) => [encoding, { description: ENCODING_TEXTS[encoding] }]),
      ) as Record<(typeof PAYLOAD_ENCODINGS)[number], { description: string }>,
    }),
  };
}

export type Enums = ReturnType<typeof createEnums>;

const SYNC_TEXTS: Record<(typeof SYNC_STATES)[number], string> = {
  NONE: 'Nothing is desired.',
  PENDING: 'The edge node has not seen the desired value yet.',
  DELIVERED: 'The edge node holds it; the device has not confirmed it yet.',
  IN_SYNC: 'The device confirmed it, and reports it.',
  DRIFTED: 'It was in sync; the device reports something else now.',
  REJECTED: 'The device, the model or a precondition refused it; the reason says why.',
  EXPIRED: 'It was not applied in time.',
};

const READ_TEXTS: Record<(typeof READ_MODES)[number], string> = {
  AUTO: 'The replica while the link is up, else what was known last.',
  REPLICA: 'What is known here; never asks the node.',
  EDGE: "The node's own store.",
  DEVICE: 'The mapper reads the device now.',
};

const WAIT_TEXTS: Record<(typeof WAIT_FOR)[number], string> = {
  ACCEPTED: 'It stands as desired, durably.',
  DELIVERED: 'The edge node holds it.',
  REPORTED: 'It was written to the device and read back.',
};

const MESSAGE_TEXTS: Record<(typeof MESSAGE_EVENT_KINDS)[number], string> = {
  SUBSCRIBED: 'From here on everything comes.',
  MESSAGE: 'A node heard it on its bus.',
  GAP: 'Messages are missing in this place: with a `nodeName` that node had no room for them, without one this subscriber was too slow.',
  RESET: 'The cursor cannot be honoured: what came since then is not known.',
};

const ENCODING_TEXTS: Record<(typeof PAYLOAD_ENCODINGS)[number], string> = {
  TEXT: 'The payload as it is: UTF-8.',
  BASE64: 'RFC 4648, with padding: for a payload that is no UTF-8.',
};

import type { FrameType } from './frame.ts';

/** `awaitingHello` is the cloud's first state, `awaitingWelcome` the edge's; from `live` on both are alike. */
export type SessionState = 'awaitingHello' | 'awaitingWelcome' | 'live' | 'closing';

export type Outcome =
  | { kind: 'handle'; next?: SessionState }
  /** The connection ends anyway; what was on its way is of no consequence. */
  | { kind: 'ignore' }
  | { kind: 'refuse'; reason: string };

const handle: Outcome = { kind: 'handle' };
const ignore: Outcome = { kind: 'ignore' };
const refuse = (reason: string): Outcome => ({ kind: 'refuse', reason });
const goLive: Outcome = { kind: 'handle', next: 'live' };

const beforeHello = refuse('the first frame is the hello');
const beforeWelcome = refuse('the first frame is the welcome');
const edgeOnly = refuse('a welcome goes from the cloud to the edge');
const cloudOnly = refuse('a hello goes from the edge to the cloud');
const onceOnly = refuse('the handshake is over');

/** [W6] What every frame means in every state: no gaps, and a new frame asks its question in each of them. */
const TABLE: Record<SessionState, Record<FrameType, Outcome>> = {
  awaitingHello: {
    hello: goLive,
    welcome: edgeOnly,
    goodbye: handle,
    ping: handle,
    pong: handle,
    credit: beforeHello,
    sync: beforeHello,
    graphql: beforeHello,
  },
  awaitingWelcome: {
    hello: cloudOnly,
    welcome: goLive,
    goodbye: handle,
    ping: handle,
    pong: handle,
    credit: beforeWelcome,
    sync: beforeWelcome,
    graphql: beforeWelcome,
  },
  live: {
    hello: onceOnly,
    welcome: onceOnly,
    goodbye: handle,
    ping: handle,
    pong: handle,
    credit: handle,
    sync: handle,
    graphql: handle,
  },
  closing: {
    hello: ignore,
    welcome: ignore,
    goodbye: ignore,
    ping: ignore,
    pong: ignore,
    credit: ignore,
    sync: ignore,
    graphql: ignore,
  },
};

export const outcomeOf = (state: SessionState, type: FrameType): Outcome => TABLE[state][type];

import { describe, expect, it } from 'vitest';
import type { FrameType } from '../../tunnel/frame.ts';
import { outcomeOf, type SessionState } from '../../tunnel/session-state.ts';

const STATES: SessionState[] = ['awaitingHello', 'awaitingWelcome', 'live', 'closing'];
const TYPES: FrameType[] = ['hello', 'welcome', 'goodbye', 'ping', 'pong', 'credit', 'sync', 'graphql'];

describe('the session state', () => {
  it('[W6] has an outcome for every frame in every state', () => {
    const rows = STATES.map((state) =>
      [state, ...TYPES.map((type) => outcomeOf(state, type).kind)].join(' '),
    );
    expect(rows).toEqual([
      'awaitingHello handle refuse handle handle handle refuse refuse refuse',
      'awaitingWelcome refuse handle handle handle handle refuse refuse refuse',
      'live refuse refuse handle handle handle handle handle handle',
      'closing ignore ignore ignore ignore ignore ignore ignore ignore',
    ]);
  });

  it('[W6] goes live by the hello in the cloud and by the welcome at the edge, and by nothing else', () => {
    const changes = STATES.flatMap((state) =>
      TYPES.map((type) => ({ state, type, outcome: outcomeOf(state, type) })),
    ).filter(({ outcome }) => outcome.kind === 'handle' && outcome.next);
    expect(changes.map(({ state, type }) => `${state} ${type}`)).toEqual([
      'awaitingHello hello',
      'awaitingWelcome welcome',
    ]);
  });
});

import type { SyncState } from '../../schema/generated/dashboard/graphql.ts';

/** Shapes that a reader tells apart without colour; `parts/mark.tsx` draws them. */
export type Shape = 'none' | 'waiting' | 'half' | 'check' | 'apart' | 'cross' | 'clock' | 'down' | 'warn';

/** What a colour means, never the only bearer of it. */
export type Tone = 'quiet' | 'info' | 'good' | 'warn' | 'bad';

export interface Look {
  /** One or two words beside the shape. */
  word: string;
  shape: Shape;
  tone: Tone;
  /** A sentence for a tooltip and for screen readers. */
  meaning: string;
}

/** How each state of a desired value looks. */
export const SYNC_LOOKS: Record<SyncState, Look> = {
  NONE: { word: 'no set point', shape: 'none', tone: 'quiet', meaning: 'Nothing is desired.' },
  PENDING: {
    word: 'pending',
    shape: 'waiting',
    tone: 'info',
    meaning: 'Accepted; the edge node has not seen it yet.',
  },
  DELIVERED: {
    word: 'delivered',
    shape: 'half',
    tone: 'info',
    meaning: 'The edge node holds it; the device has not confirmed it yet.',
  },
  IN_SYNC: {
    word: 'reported',
    shape: 'check',
    tone: 'good',
    meaning: 'The device confirmed it and reports it.',
  },
  DRIFTED: {
    word: 'drifted',
    shape: 'apart',
    tone: 'warn',
    meaning: 'It was in sync; the device reports something else now.',
  },
  REJECTED: { word: 'rejected', shape: 'cross', tone: 'bad', meaning: 'Refused.' },
  EXPIRED: { word: 'expired', shape: 'clock', tone: 'bad', meaning: 'It was not applied in time.' },
};

export type StepState = 'done' | 'now' | 'ahead' | 'failed';

export interface Step {
  word: 'accepted' | 'delivered' | 'reported' | 'rejected' | 'expired' | 'drifted';
  state: StepState;
}

/** How far a desired value came: the three steps of its way, the last one replaced by what went wrong. */
export function pathOf(state: SyncState): Step[] {
  switch (state) {
    case 'NONE':
      return [];
    case 'PENDING':
      return path('done', 'now', 'ahead');
    case 'DELIVERED':
      return path('done', 'done', 'now');
    case 'IN_SYNC':
      return path('done', 'done', 'done');
    case 'DRIFTED':
      return [...path('done', 'done', 'done'), { word: 'drifted', state: 'failed' }];
    case 'REJECTED':
      return [...path('done', 'done', 'done').slice(0, 2), { word: 'rejected', state: 'failed' }];
    case 'EXPIRED':
      return [
        { word: 'accepted', state: 'done' },
        { word: 'expired', state: 'failed' },
      ];
  }
}

function path(accepted: StepState, delivered: StepState, reported: StepState): Step[] {
  return [
    { word: 'accepted', state: accepted },
    { word: 'delivered', state: delivered },
    { word: 'reported', state: reported },
  ];
}

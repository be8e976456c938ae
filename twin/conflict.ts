import type { Desired } from './twin.ts';

/** [T19] Two wishes for one property that could not both stand: nothing is overwritten in silence. */
export interface Conflict {
  id: string;
  device: string;
  uid: string;
  property: string;
  winner: ConflictSide;
  loser: ConflictSide;
  /** Wall clock, milliseconds. */
  at: number;
  /** Wall clock, milliseconds: somebody has seen to it. */
  resolvedAt?: number;
}

export interface ConflictSide {
  from: 'CLOUD' | 'EDGE';
  /** Absent where this side wanted nothing. */
  desired?: Desired;
}

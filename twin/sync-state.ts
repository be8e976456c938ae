/** Sync state of one property (SPEC.md T5 to T10). PENDING is never stored: it is the cloud's overlay. */
export const SYNC_STATES = [
  'NONE',
  'PENDING',
  'DELIVERED',
  'IN_SYNC',
  'DRIFTED',
  'REJECTED',
  'EXPIRED',
] as const;
export type SyncState = (typeof SYNC_STATES)[number];

export type SyncEvent =
  /** The node holds a new desired value. */
  | 'desired'
  /** Nothing is desired any more. */
  | 'cleared'
  /** The device holds the desired value. */
  | 'confirmed'
  /** Device, model or precondition said no. */
  | 'refused'
  /** It was not applied in time. */
  | 'expired'
  /** The device reported the value that it had confirmed. */
  | 'reportedEqual'
  /** The device reported another value than the one that it had confirmed. */
  | 'reportedDifferent';

/** Every state meets every event: a new one does not compile until all its cells are decided. */
const TABLE: Record<SyncState, Record<SyncEvent, SyncState>> = {
  NONE: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'NONE',
    refused: 'NONE',
    expired: 'NONE',
    reportedEqual: 'NONE',
    reportedDifferent: 'NONE',
  },
  PENDING: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'PENDING',
    refused: 'PENDING',
    expired: 'EXPIRED',
    reportedEqual: 'PENDING',
    reportedDifferent: 'PENDING',
  },
  DELIVERED: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'IN_SYNC',
    refused: 'REJECTED',
    expired: 'EXPIRED',
    reportedEqual: 'DELIVERED',
    reportedDifferent: 'DELIVERED',
  },
  IN_SYNC: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'IN_SYNC',
    refused: 'IN_SYNC',
    expired: 'IN_SYNC',
    reportedEqual: 'IN_SYNC',
    reportedDifferent: 'DRIFTED',
  },
  DRIFTED: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'IN_SYNC',
    refused: 'DRIFTED',
    expired: 'DRIFTED',
    reportedEqual: 'IN_SYNC',
    reportedDifferent: 'DRIFTED',
  },
  REJECTED: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'IN_SYNC',
    refused: 'REJECTED',
    expired: 'REJECTED',
    reportedEqual: 'REJECTED',
    reportedDifferent: 'REJECTED',
  },
  EXPIRED: {
    desired: 'DELIVERED',
    cleared: 'NONE',
    confirmed: 'EXPIRED',
    refused: 'EXPIRED',
    expired: 'EXPIRED',
    reportedEqual: 'EXPIRED',
    reportedDifferent: 'EXPIRED',
  },
};

export function nextSyncState(state: SyncState, event: SyncEvent): SyncState {
  return TABLE[state][event];
}

import { DURABILITIES, type Durability, type StoreOptions } from '../../store/store.ts';
import type { Options, Settings } from '../settings.ts';

/** Settings of an edge node's store. */
export const STORE_OPTIONS: Options = {
  durability: {
    kind: 'choice',
    choices: DURABILITIES,
    default: 'full',
    help: 'economy gathers writes for a second, for SD cards and eMMC; what is acknowledged is as safe',
  },
  'history-days': {
    kind: 'number',
    minimum: 0,
    default: 7,
    help: 'how long readings are kept; 0 keeps none',
  },
  'history-megabytes': { kind: 'number', minimum: 1, default: 256, help: 'how much of them is kept' },
  'outbox-megabytes': {
    kind: 'number',
    minimum: 1,
    default: 64,
    help: 'reports kept for a cloud that is away; beyond it the oldest are coalesced per property',
  },
};

const MEGABYTE = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;

export function storeFrom(
  settings: Settings,
): Pick<StoreOptions, 'durability' | 'history' | 'outboxLimitBytes'> {
  return {
    durability: settings.durability as Durability,
    history: {
      maxAgeMs: (settings['history-days'] as number) * DAY_MS,
      maxBytes: (settings['history-megabytes'] as number) * MEGABYTE,
    },
    outboxLimitBytes: (settings['outbox-megabytes'] as number) * MEGABYTE,
  };
}

import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { HistoryRing } from './history/history.ts';
import type { SeriesPoint } from './history/journal.ts';
import type { StoreTables } from './tables.ts';

export interface DiskGuardOptions {
  tables: StoreTables;
  history: HistoryRing;
  clock: Clock;
  logger: Logger;
  /** There is room again: what the history is to say of the time without it. */
  onRoom: (points: SeriesPoint[]) => void;
}

/** Milliseconds between two looks for room. */
const LOOK_MS = 1000;
const FULL = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'STORE_FULL'];

/**
 * [S12] What happens when the disk is full: history stops first, then what can be spared is given up, then writes wait. Twins go on
 * as long as there is any room for them. When there is room for the ballast again, history goes on.
 */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #cancelLook: Close | undefined;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
    options.tables.takeRoomBack();
  }

  /** @throws what the disk still refuses it with, after everything that could be given up was */
  attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      // A broken page under the history must not keep the twins from the disk either.
      if (isFull(error) || codeOf(error)?.startsWith('SQLITE_CORRUPT')) this.#sparing(write, error);
      else throw error;
    }
  }

  close(): void {
    this.#cancelLook?.();
  }

  #sparing(write: () => void, cause: unknown): void {
    const { tables, history, logger } = this.#options;
    if (!history.isStopped) {
      logger.error({ err: messageOf(cause) }, 'the disk refuses the store: its history stops');
      history.stop();
      if (isFull(cause)) this.#look();
      try {
        write();
        return;
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    tables.makeRoom();
    write();
  }

  #look(): void {
    const { tables, history, clock, logger, onRoom } = this.#options;
    this.#cancelLook = clock.setTimer(LOOK_MS, () => {
      if (!tables.takeRoomBack()) {
        this.#look();
        return;
      }
      logger.info({}, 'the disk has room again: the history goes on');
      onRoom(history.resume());
    });
  }
}

const isFull = (error: unknown) => FULL.includes(codeOf(error) ?? '');

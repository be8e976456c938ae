import { createHash } from 'node:crypto';

/** A place in one log: behind the first `index + 1` events of the change `seq`, or behind all of them. */
export interface Place {
  seq: number;
  index?: number;
}

/**
 * A place in one log as one audience sees it, opaque to clients: base64url of `<epoch>:<seq>[.<index>]`. The epoch is a random
 * id of the log's process, so a cursor of another process, or of this one before its restart, is recognized as foreign.
 */
export function encodeCursor(epoch: string, seq: number, index?: number): string {
  return encode(`${epoch}:${seq}${index === undefined ? '' : `.${index}`}`);
}

/** The cursor of an incomplete snapshot: no place in a log, so resuming at it starts afresh. */
export function snapshotCursor(epoch: string): string {
  return encode(`${epoch}:snapshot`);
}

/** The epoch for those who ask with this scope: where somebody else was, they were not. */
export function epochOf(epoch: string, scope: string): string {
  if (scope === '') return epoch;
  return `${epoch}/${createHash('sha256').update(scope).digest('base64url').slice(0, 12)}`;
}

/** @returns undefined for a cursor that is foreign, malformed or of an incomplete snapshot */
export function decodeCursor(cursor: string, epoch: string): Place | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [seq, index] = text
    .slice(text.lastIndexOf(':') + 1)
    .split('.')
    .map(Number);
  if (!isPlace(seq) || (index !== undefined && !isPlace(index))) return undefined;
  // Only what we would have written ourselves: decoding alone forgives too much.
  return encodeCursor(epoch, seq, index) === cursor ? { seq, index } : undefined;
}

const isPlace = (number: number | undefined): number is number =>
  Number.isSafeInteger(number) && number! >= 0;

const encode = (text: string): string => Buffer.from(text).toString('base64url');

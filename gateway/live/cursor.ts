/**
 * A place in one log, opaque to clients: base64url of `<epoch>:<seq>`. The epoch is a random id of the log's process, so
 * a cursor of another process, or of this one before its restart, is recognized as foreign.
 */
export function encodeCursor(epoch: string, seq: number): string {
  return encode(`${epoch}:${seq}`);
}

/** The cursor of an incomplete snapshot: no place in a log, so resuming at it starts afresh. */
export function snapshotCursor(epoch: string): string {
  return encode(`${epoch}:snapshot`);
}

/** @returns the sequence number, or undefined for a cursor that is foreign, malformed or of an incomplete snapshot */
export function decodeCursor(cursor: string, epoch: string): number | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const separator = text.lastIndexOf(':');
  const seq = Number(text.slice(separator + 1));
  // Only what we would have written ourselves: decoding alone forgives too much.
  return Number.isSafeInteger(seq) && seq >= 0 && encodeCursor(epoch, seq) === cursor ? seq : undefined;
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');

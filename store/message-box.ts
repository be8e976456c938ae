import type { PublicationRecord } from '../twin/message.ts';
import type { BoxTotals, MessageStore } from './contract.ts';
import type { StoreTables } from './tables.ts';

/** Publications whose idempotency keys are remembered; beyond it the oldest are forgotten. */
const RECORDS_LIMIT = 10_000;
/** Part of a bound that is free after the oldest went, so that not every message must look for one. */
const FREED_PART = 1 / 16;

export interface MessageBoxes {
  store: MessageStore;
  /** After a commit that held so many messages, or news of them. */
  committed(messages: number): void;
}

/**
 * [S15] The store's messages. `put` brings a write to the next commit, with how many messages are in it; who sends them hears of
 * that commit, also of one with none where the number is given.
 */
export function createMessageBoxes(
  { messages: table, meta }: Pick<StoreTables, 'messages' | 'meta'>,
  put: (run: () => void, messages?: number) => void,
): MessageBoxes {
  const listeners = new Set<() => void>();
  /** With what waits for its commit. */
  const totals = new Map<string, BoxTotals>(table.totals());
  const removed = new Map<string, number>();
  const waitingRecords = new Map<string, PublicationRecord>();
  let writtenRecords: PublicationRecord[] = [];
  let seq = meta.number('messageSeq');
  let waiting = 0;
  let dropped = meta.number('messagesDropped');
  let isDropNoted = false;
  let droppedTold = meta.number('messagesTold');
  let published = { queue: meta.get('publishedQueue'), seq: meta.number('publishedSeq') };

  const totalsOf = (box: string): BoxTotals => totals.get(box) ?? { items: 0, bytes: 0 };
  const count = (box: string, items: number, bytes: number) => {
    const known = totalsOf(box);
    const now = { items: known.items + items, bytes: known.bytes + bytes };
    if (now.items === 0) totals.delete(box);
    else totals.set(box, now);
  };
  const remove = (box: string, upTo: number): number => {
    const after = removed.get(box) ?? 0;
    if (upTo <= after) return 0;
    const gone = table.totalsBetween(box, after, upTo);
    put(() => table.removeUpTo(box, upTo));
    removed.set(box, upTo);
    count(box, -gone.items, -gone.bytes);
    return gone.items;
  };
  const drop = (items: number) => {
    if (items === 0) return;
    dropped += items;
    // One write for all that come before its commit: a flood on a disk that refuses must not fill the queue for it.
    if (isDropNoted) return;
    put(() => {
      isDropNoted = false;
      meta.set('messagesDropped', String(dropped));
    }, 0);
    isDropNoted = true;
  };
  const keyOf = (principal: string, key: string) => JSON.stringify([principal, key]);

  return {
    committed(messages) {
      waiting -= messages;
      for (const record of writtenRecords) {
        const key = keyOf(record.principal, record.idempotencyKey);
        if (waitingRecords.get(key) === record) waitingRecords.delete(key);
      }
      writtenRecords = [];
      for (const listener of listeners) listener();
    },
    store: {
      put(box, message) {
        const own = ++seq;
        const json = JSON.stringify({
          ...message,
          seq: own,
          payload: Buffer.from(message.payload).toString('base64'),
        });
        const bytes = Buffer.byteLength(json);
        put(() => {
          table.add(box, own, bytes, json);
          meta.set('messageSeq', String(own));
        }, 1);
        count(box, 1, bytes);
        waiting++;
        return own;
      },
      read: (box, after, limit) =>
        table.read(box, Math.max(after, removed.get(box) ?? 0), limit).map((json) => parse(json)),
      remove,
      totals: totalsOf,
      waiting: () => waiting,
      boxes: () => totals,
      bound(box, limit) {
        const { items, bytes } = totalsOf(box);
        if (items <= limit.items && bytes <= limit.bytes) return;
        const upTo = table.seqToFree(box, removed.get(box) ?? 0, {
          items: items - limit.items * (1 - FREED_PART),
          bytes: bytes - limit.bytes * (1 - FREED_PART),
        });
        if (upTo !== undefined) drop(remove(box, upTo));
      },
      drop,
      dropped: () => dropped,
      droppedTold: () => droppedTold,
      markTold(upTo) {
        if (upTo === droppedTold) return;
        put(() => meta.set('messagesTold', String(upTo)));
        droppedTold = upTo;
      },
      published: () => published,
      markPublished(queue, upTo) {
        put(() => {
          meta.set('publishedQueue', queue);
          meta.set('publishedSeq', String(upTo));
        });
        published = { queue, seq: upTo };
      },
      putRecord(record) {
        const json = JSON.stringify(record);
        put(() => {
          table.putRecord(record, json, RECORDS_LIMIT);
          writtenRecords.push(record);
        }, 0);
        // A request that is repeated at once must find the first, which may wait for its commit still.
        waitingRecords.set(keyOf(record.principal, record.idempotencyKey), record);
      },
      record: (principal, key) => waitingRecords.get(keyOf(principal, key)) ?? table.record(principal, key),
      onCommit(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}

function parse(json: string) {
  const { payload, ...rest } = JSON.parse(json);
  return { ...rest, payload: Buffer.from(payload, 'base64') };
}

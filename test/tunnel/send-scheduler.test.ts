import { describe, expect, it } from 'vitest';
import { encodeFrame, parseFrame } from '../../tunnel/frame.ts';
import { WINDOW_BYTES } from '../../tunnel/limits.ts';
import { SendScheduler } from '../../tunnel/send-scheduler.ts';

/** A socket that takes bytes when the test says so. */
function start() {
  const sent: Array<{ bytes: Uint8Array; taken: () => void }> = [];
  const overflows: string[] = [];
  let untaken = 0;
  const scheduler = new SendScheduler({
    socket: {
      send(bytes, taken) {
        untaken += bytes.byteLength;
        sent.push({
          bytes,
          taken: () => {
            untaken -= bytes.byteLength;
            taken();
          },
        });
      },
      get bufferedBytes() {
        return untaken;
      },
      close() {},
      terminate() {},
    },
    overflow: (waiting) => overflows.push(waiting),
  });
  const takeNext = () => {
    const { bytes, taken } = sent.shift()!;
    taken();
    return parseFrame(bytes);
  };
  return { scheduler, sent, overflows, takeNext };
}

const message = (size: number) => ({ bytes: new Uint8Array(size), deflated: false });
const ping = encodeFrame({ type: 'ping', sentAt: 1, rttMs: undefined, lagMs: undefined });

describe('the send scheduler', () => {
  it('[W18] lets a control frame overtake what waits behind a full socket', () => {
    const { scheduler, sent, takeNext } = start();
    scheduler.sendMessage('sync', message(10_000_000));
    const ahead = sent.length;
    scheduler.sendControl(ping);
    scheduler.grant('sync', 10_000_000);
    for (let index = 0; index < ahead; index++) expect(takeNext().type).toBe('sync');
    expect(takeNext().type).toBe('ping');
    expect(takeNext().type).toBe('sync');
  });

  it('[W19] sends one fragment of each channel in turn', () => {
    const { scheduler, sent, takeNext } = start();
    scheduler.sendMessage('sync', message(130_000));
    scheduler.sendMessage('graphql', message(130_000));
    const order = [];
    while (sent.length > 0) order.push(takeNext().type);
    expect(order.join(' ')).toMatch(/^sync sync sync sync (graphql sync ){4}/);
    expect(order.filter((type) => type === 'sync')).toHaveLength(8);
  });

  it('[W19] keeps the order of the messages of a channel, and tells when the socket has one', () => {
    const { scheduler, sent, takeNext } = start();
    const done: number[] = [];
    for (let index = 0; index < 3; index++)
      scheduler.sendMessage('sync', message(20_000), () => done.push(index));
    const ends = [];
    while (sent.length > 0) {
      const frame = takeNext();
      if (frame.type === 'sync' && !frame.more) ends.push([...done]);
    }
    expect(ends).toEqual([[0], [0, 1], [0, 1, 2]]);
  });

  it('[W20] stops at the end of the credit, and one channel without credit does not stop the other', () => {
    const { scheduler, sent, takeNext } = start();
    scheduler.sendMessage('sync', message(1_000_000));
    let bytes = 0;
    while (sent.length > 0) {
      const frame = takeNext();
      if (frame.type === 'sync') bytes += frame.bytes.byteLength;
    }
    expect(bytes).toBe(WINDOW_BYTES);
    expect(scheduler.bufferedBytes).toBe(1_000_000 - WINDOW_BYTES);
    scheduler.sendMessage('graphql', message(10));
    expect(takeNext().type).toBe('graphql');
    scheduler.grant('sync', WINDOW_BYTES);
    expect(takeNext().type).toBe('sync');
  });

  it('[W21] gives up a peer for which more than 64 MiB wait', () => {
    const { scheduler, overflows, sent } = start();
    for (let index = 0; index < 6; index++) scheduler.sendMessage('sync', message(15_000_000));
    expect(overflows).toHaveLength(1);
    expect(overflows[0]).toMatch(/^\d+ bytes$/);
    const before = sent.length;
    scheduler.sendMessage('sync', message(10));
    expect(sent).toHaveLength(before);
  });

  it('[W21] gives up a peer that asks and never reads', () => {
    const { scheduler, overflows } = start();
    scheduler.sendMessage('sync', message(1_000_000));
    for (let index = 0; index < 2000; index++) scheduler.sendControl(ping);
    expect(overflows).toEqual(['1025 control frames']);
  });
});

import { describe, expect, it } from 'vitest';
import { MessageOutbox } from '../../edge-node/message-outbox.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { CloudSession } from '../../tunnel/contract.ts';
import type { MessagesUp, UpMessage } from '../../tunnel/messages.ts';
import { EdgeFixture } from './fixture.ts';

/** An outbox over a real store, and a cloud that the test plays. */
function start(limitBytes?: number) {
  const { store, clock } = new EdgeFixture();
  const outbox = new MessageOutbox({ store: store.messages, limitBytes, clock, logger: silentLogger });
  const sent: MessagesUp[] = [];
  const session = {
    minor: 1,
    send: (message: UpMessage) => sent.push(message as MessagesUp),
  } as unknown as CloudSession;
  return {
    store,
    outbox,
    sent,
    session,
    say(payload: string) {
      outbox.add({ topic: 't', payload: Buffer.from(payload) });
    },
  };
}

const textsOf = ({ messages }: MessagesUp) => messages.map(({ payload }) => Buffer.from(payload).toString());

describe('the outbox of messages', () => {
  it('[W32] sends what is durable, one batch at a time, the next one when that was taken', () => {
    const { store, outbox, sent, session, say } = start();
    outbox.onConnected(session);
    say('1');
    expect(sent).toEqual([]);
    store.flush();
    say('2');
    say('3');
    store.flush();
    expect(sent.map(textsOf)).toEqual([['1']]);
    outbox.onTaken(sent[0]!.seq);
    expect(sent.map(textsOf)).toEqual([['1'], ['2', '3']]);
  });

  it('[W5 W32] keeps everything for a gateway of tunnel 1.0, which knows no messages', () => {
    const { store, outbox, sent, session, say } = start();
    outbox.onConnected({ ...session, minor: 0 });
    say('1');
    store.flush();
    expect(sent).toEqual([]);
    outbox.onConnected(session);
    expect(sent.map(textsOf)).toEqual([['1']]);
  });

  it('[W32] sends at most 64 KiB at a time, but always one', () => {
    const { store, outbox, sent, session, say } = start();
    for (const size of [100_000, 30_000, 10_000, 20_000]) say('x'.repeat(size));
    store.flush();
    outbox.onConnected(session);
    for (let n = 0; n < 2; n++) outbox.onTaken(sent.at(-1)!.seq);
    expect(sent.map((batch) => textsOf(batch).map(({ length }) => length))).toEqual([
      [100_000],
      [30_000, 10_000],
      [20_000],
    ]);
  });

  it('[W32] starts over behind what was taken when the link comes back', () => {
    const { store, outbox, sent, session, say } = start();
    outbox.onConnected(session);
    say('1');
    store.flush();
    outbox.onTaken(sent[0]!.seq);
    say('2');
    store.flush();
    outbox.onDisconnected();
    say('3');
    store.flush();
    outbox.onConnected(session);
    expect(sent.map(textsOf)).toEqual([['1'], ['2'], ['2', '3']]);
  });

  it('[S15] tells what it dropped with the next batch, and that alone where nothing is left', () => {
    const { store, outbox, sent, session, say } = start();
    outbox.onConnected(session);
    say('x'.repeat(128_000));
    store.flush();
    expect(sent).toMatchObject([{ messages: [], dropped: 1, droppedTold: 0 }]);
    outbox.onTaken(sent[0]!.seq);
    say('1');
    store.flush();
    expect(sent[1]).toMatchObject({ dropped: 1, droppedTold: 1 });
  });

  it('[S15] does not count what went for want of room after it had arrived', () => {
    const { store, outbox, sent, session, say } = start(2_000);
    outbox.onConnected(session);
    say('1');
    store.flush();
    for (let n = 2; n <= 200; n++) {
      say(String(n));
      store.flush();
    }
    outbox.onTaken(sent[0]!.seq);
    for (let last = sent.at(-1); ; last = sent.at(-1)) {
      outbox.onTaken(last!.seq);
      if (sent.at(-1) === last) break;
    }
    const arrived = sent.flatMap(textsOf);
    expect(arrived[0]).toBe('1');
    expect(arrived.at(-1)).toBe('200');
    expect(store.messages.dropped()).toBe(200 - arrived.length);
    expect(sent.at(-1)!.dropped).toBe(200 - arrived.length);
  });

  it('leaves out, and counts, what comes faster than the disk takes it: twins never wait behind more', () => {
    const { store, say } = start();
    for (let n = 0; n < 5_000; n++) say(String(n));
    expect(store.messages.waiting()).toBe(4_000);
    expect(store.messages.dropped()).toBe(1_000);
  });
});

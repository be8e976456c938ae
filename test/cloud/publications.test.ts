import { describe, expect, it, onTestFinished } from 'vitest';
import { MessageIntake } from '../../cloud/message-intake.ts';
import { Publications } from '../../cloud/publications.ts';
import type { NodeNews } from '../../gateway/message-feed.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { PublicationWish } from '../../resolvers/message.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import type { MessagesUp, PublishDown } from '../../tunnel/messages.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { ScriptedNode } from './fixture.ts';

function start() {
  const clock = new ManualClock();
  const store = openMemoryStore({ disk: new MemoryDisk(), clock, logger: silentLogger });
  const publications = new Publications({ store, clock });
  onTestFinished(async () => {
    publications.close();
    await store.close();
  });
  let n = 0;
  const wish = (topic: string, fields: Partial<PublicationWish> = {}): PublicationWish => ({
    id: `msg-${++n}`,
    nodeName: 'edge-a',
    topic,
    payload: Buffer.from('x'),
    qos: 1,
    retain: false,
    expiresAt: clock.now() + 3_600_000,
    timeoutMs: 0,
    principal: 'ann',
    digest: topic,
    ...fields,
  });
  const publish = async (topic: string, fields: Partial<PublicationWish> = {}) => {
    const outcome = publications.publish(wish(topic, fields));
    await clock.advance(20);
    return outcome;
  };
  return { clock, publications, wish, publish };
}

const sentBy = (node: ScriptedNode) => node.sent as PublishDown[];
const topicsOf = (node: ScriptedNode) =>
  sentBy(node).map((each) => each.publications.map(({ topic }) => topic));

describe('publications', () => {
  it('[W33] go down in order, a batch at a time, and again on a new link', async () => {
    const { publications, publish } = start();
    for (const topic of ['a', 'b']) expect((await publish(topic)).kind).toBe('MessageStored');
    const node = new ScriptedNode();
    publications.connect(node);
    await publish('c');
    expect(topicsOf(node)).toEqual([['a', 'b']]);
    const [first] = sentBy(node);
    publications.onPublished(node, { type: 'published', seq: first!.publications[0]!.seq, refused: [] });
    const again = new ScriptedNode();
    publications.connect(again);
    // What the old session says now is not believed: its node has started over.
    publications.onPublished(node, { type: 'published', seq: 1_000, refused: [] });
    expect(topicsOf(again)).toEqual([['b', 'c']]);
    publications.onPublished(again, { type: 'published', seq: 1_000, refused: [] });
    expect([...publications.waiting()]).toEqual([]);
  });

  it('answers when the bus has it, and with the words of the node when it has not', async () => {
    const { clock, publications, wish, publish } = start();
    const node = new ScriptedNode();
    publications.connect(node);
    const done = publications.publish(wish('t', { timeoutMs: 5000, idempotencyKey: 'k' }));
    await clock.advance(20);
    const seq = sentBy(node)[0]!.publications[0]!.seq;
    const refusal = { code: 'BUS_REFUSED', message: 'Not authorized' };
    publications.onPublished(node, { type: 'published', seq, refused: [{ seq, ...refusal }] });
    expect(await done).toEqual({ kind: 'MessageRejected', ...refusal });
    expect(publications.record('ann', 'k')).toMatchObject({ state: 'REFUSED', refusal });
    expect((await publish('other')).kind).toBe('MessageStored');
  });

  it('[W33] end when their time is over, though the node never comes', async () => {
    const { clock, publications, publish } = start();
    await publish('a', { expiresAt: clock.now() + 1_000, idempotencyKey: 'k' });
    await publish('b');
    await clock.advance(61_000);
    expect([...publications.waiting()]).toEqual([['edge-a', 1]]);
    expect(publications.record('ann', 'k')).toMatchObject({ refusal: { code: 'MESSAGE_EXPIRED' } });
    const node = new ScriptedNode();
    publications.connect(node);
    expect(topicsOf(node)).toEqual([['b']]);
  });

  it('[W33] are refused beyond the bound of their node, and of that node alone', async () => {
    const { clock, publications, wish } = start();
    const all = Array.from({ length: 1_001 }, (_, n) =>
      publications.publish(wish('t', { nodeName: n === 1_000 ? 'edge-b' : 'edge-a' })),
    );
    await clock.advance(100);
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['MessageStored']));
    const beyond = publications.publish(wish('t'));
    await expect(beyond).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      message: expect.stringContaining('edge-a'),
    });
  });
});

describe('what nodes say', () => {
  const batch = (seqs: number[], dropped = 0, droppedTold = 0): MessagesUp => ({
    type: 'messages',
    messages: seqs.map((seq) => ({ seq, topic: `t${seq}`, payload: Buffer.from(''), at: 1 })),
    seq: seqs.at(-1) ?? 0,
    dropped,
    droppedTold,
  });
  function listen() {
    const news: string[] = [];
    const intake = new MessageIntake({
      publish: (each: NodeNews) =>
        void news.push('gap' in each ? `-${each.gap.dropped}` : `${each.nodeName} ${each.message.topic}`),
      subscribe: () => {
        throw new Error('the test does not subscribe');
      },
    });
    return { news, intake };
  }

  it('[W32] is told once, node by node, and acknowledged each time', () => {
    const { news, intake } = listen();
    const [a, b] = [new ScriptedNode('edge-a'), new ScriptedNode('edge-b')];
    intake.take(a, batch([1, 2]));
    intake.take(b, batch([1]));
    intake.take(a, batch([1, 2, 3]));
    expect(news).toEqual(['edge-a t1', 'edge-a t2', 'edge-b t1', 'edge-a t3']);
    expect(a.sent).toEqual([
      { type: 'taken', seq: 2 },
      { type: 'taken', seq: 3 },
    ]);
  });

  it('[W32] begins anew with another store', () => {
    const { news, intake } = listen();
    intake.take(new ScriptedNode('edge-a', 'store-1'), batch([5]));
    intake.take(new ScriptedNode('edge-a', 'store-2'), batch([1]));
    expect(news).toEqual(['edge-a t5', 'edge-a t1']);
  });

  it('[W32] lacks what was dropped, which is told once, also to a gateway that is new', () => {
    const { news, intake } = listen();
    const node = new ScriptedNode('edge-a');
    intake.take(node, batch([7], 10, 4));
    intake.take(node, batch([7], 10, 4));
    intake.take(node, batch([8], 12, 10));
    expect(news).toEqual(['-6', 'edge-a t7', '-2', 'edge-a t8']);
  });
});

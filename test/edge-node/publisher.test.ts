import { describe, expect, it } from 'vitest';
import { Publisher } from '../../edge-node/publisher.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { CloudSession } from '../../tunnel/contract.ts';
import type { PublishedUp, UpMessage } from '../../tunnel/messages.ts';
import type { Publication } from '../../twin/message.ts';
import { EdgeFixture } from './fixture.ts';

/** A publisher over a real store; the bus and the cloud are the test's. */
function start({ hasBus = true } = {}) {
  const fixture = new EdgeFixture();
  const { clock } = fixture;
  const published: string[] = [];
  const told: PublishedUp[] = [];
  const broker = { isThere: true, refuses: '' };
  const bus = {
    isConnected: () => broker.isThere,
    async publish({ topic }: { topic: string }) {
      if (topic === broker.refuses) throw new Error('Not authorized');
      published.push(topic);
    },
  };
  const createPublisher = () =>
    new Publisher({
      bus: hasBus ? bus : undefined,
      store: fixture.store,
      cloudNow: () => clock.now(),
      clock,
      logger: silentLogger,
    });
  const link = (publisher: Publisher) => {
    const session = {
      send: (message: UpMessage) => told.push(message as PublishedUp),
    } as unknown as CloudSession;
    publisher.onConnected(session);
    return (from: number, topics: string[], queue = 'store-1', more: Partial<Publication> = {}) => {
      const publications = topics.map((topic, index) => ({
        seq: from + index,
        topic,
        payload: Buffer.from('x'),
        qos: 1 as const,
        retain: false,
        expiresAt: clock.now() + 60_000,
        ...more,
      }));
      publisher.onPublish(session, { type: 'publish', queue, publications });
      return clock.advance(20);
    };
  };
  return { fixture, clock, broker, published, told, createPublisher, link };
}

describe('the publisher', () => {
  it('[W33] publishes in order, and tells when it is kept how far it got', async () => {
    const { published, told, createPublisher, link } = start();
    await link(createPublisher())(3, ['a', 'b']);
    expect(published).toEqual(['a', 'b']);
    expect(told).toEqual([{ type: 'published', seq: 4, refused: [] }]);
  });

  it('[W33] tells again, and does not publish again, what comes again: after a cut or a restart', async () => {
    const { fixture, published, told, createPublisher, link } = start();
    const publisher = createPublisher();
    await link(publisher)(1, ['a', 'b']);
    await link(publisher)(1, ['a', 'b', 'c']);
    await fixture.restart();
    await link(createPublisher())(1, ['a', 'b', 'c', 'd']);
    expect(published).toEqual(['a', 'b', 'c', 'd']);
    expect(told.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  it('[W33] begins anew with the queue of another store', async () => {
    const { published, createPublisher, link } = start();
    const send = link(createPublisher());
    await send(7, ['a']);
    await send(1, ['b'], 'store-2');
    expect(published).toEqual(['a', 'b']);
  });

  it('[W33] refuses what expired, what the broker does not take and what is not to be published, and goes on', async () => {
    const { clock, broker, published, told, createPublisher, link } = start();
    broker.refuses = 'secret';
    const send = link(createPublisher());
    await send(1, ['late'], 'store-1', { expiresAt: clock.now() });
    await send(2, ['secret', '$hw/events/device/pump/twin/update', 'good']);
    expect(published).toEqual(['good']);
    expect(told.map(({ seq, refused }) => [seq, refused.map(({ seq: at, code }) => [at, code])])).toEqual([
      [1, [[1, 'MESSAGE_EXPIRED']]],
      [
        4,
        [
          [2, 'BUS_REFUSED'],
          [3, 'TOPIC_FORBIDDEN'],
        ],
      ],
    ]);
  });

  it('[W33] tells a refusal again where its acknowledgement was lost', async () => {
    const { broker, told, createPublisher, link } = start();
    broker.refuses = 'secret';
    const publisher = createPublisher();
    await link(publisher)(1, ['secret']);
    await link(publisher)(1, ['secret', 'good']);
    expect(told.map(({ refused }) => refused.length)).toEqual([1, 1]);
  });

  it('[W33] waits for the broker, telling what was done before, and leaves what the link took away', async () => {
    const { clock, broker, published, told, createPublisher, link } = start();
    const publisher = createPublisher();
    broker.isThere = false;
    const send = link(publisher);
    await send(1, ['a']);
    expect(told).toEqual([]);
    publisher.onDisconnected();
    await clock.advance(1_000);
    broker.isThere = true;
    await clock.advance(1_000);
    expect([published, told]).toEqual([[], []]);
    await link(publisher)(1, ['a', 'b']);
    expect(published).toEqual(['a', 'b']);
  });

  it('refuses everything on a node without a bus, in words', async () => {
    const { told, createPublisher, link } = start({ hasBus: false });
    await link(createPublisher())(1, ['a']);
    expect(told[0]?.refused).toEqual([
      { seq: 1, code: 'BUS_ABSENT', message: expect.stringContaining('--mqtt-listen') },
    ]);
  });
});

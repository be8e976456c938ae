import { type DocumentNode, execute } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DocumentCache } from '../../../gateway/server/document-cache.ts';
import { startFixture } from './fixture.ts';

describe('documents', () => {
  test('the same text is the same document object, over HTTP and WebSocket', async () => {
    const seen: DocumentNode[] = [];
    const fixture = await startFixture({
      execute: (args) => {
        seen.push(args.document);
        return execute(args) as ReturnType<typeof execute> & object;
      },
    });
    await fixture.query('{ hello }');
    await fixture.query('{ hello }');
    const socket = await fixture.socket().open();
    socket.subscribe('1', '{ hello }');
    await socket.until('the answer', ({ id }) => id === '1');
    await fixture.query('{ hello } ');
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(2);
    expect([seen[1], seen[2]]).toEqual([seen[0], seen[0]]);
    await fixture.close();
  });

  test('the cache is bounded by the length of its texts, the least recently used goes first', () => {
    const cache = new DocumentCache(10);
    const document = (): DocumentNode => ({ kind: 'Document', definitions: [] }) as never;
    const [a, b, c] = [document(), document(), document()];
    cache.add('aaaa', a);
    cache.add('bbbb', b);
    expect(cache.get('aaaa')?.document).toBe(a);
    cache.add('cccc', c);
    expect([cache.get('aaaa')?.document, cache.get('bbbb'), cache.get('cccc')?.document]).toEqual([
      a,
      undefined,
      c,
    ]);
    expect(cache.of(b)?.document).toBe(b);
    cache.add('d'.repeat(11), document());
    expect(cache.get('aaaa')).toBeUndefined();
  });
});

test('executors get the very object that contextFor made', async () => {
  const own = { tag: Symbol('own') };
  const seen: unknown[] = [];
  const fixture = await startFixture({
    contextFor: () => own,
    execute: ({ contextValue }) => {
      seen.push(contextValue);
      return { data: {} };
    },
  });
  await fixture.query('{ hello }');
  expect(seen[0]).toBe(own);
  await fixture.close();
});

test('each execution has its signal, which aborts when it is over', async () => {
  const signals: AbortSignal[] = [];
  const fixture = await startFixture({
    contextFor: (_principal, { signal }) => {
      signals.push(signal);
      return {};
    },
  });
  await fixture.query('{ hello }');
  await fixture.query('subscription { count(to: 1) }', { accept: 'text/event-stream' });
  const socket = await fixture.socket().open();
  socket.subscribe('1', '{ hello }');
  socket.subscribe('2', 'subscription { count(to: 1) }');
  for (const id of ['1', '2'])
    await socket.until('its end', (message) => message.id === id && message.type === 'complete');
  await fixture.close();
  // Two queries, two subscriptions with an event each.
  expect(signals.map(({ aborted }) => aborted)).toEqual(Array(6).fill(true));
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const post = (query: string, signal?: AbortSignal) =>
  fetch(fixture.url, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal,
  });
const dataOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)));

describe('a subscription over SSE', () => {
  test('streams events and completes, by POST and by GET', async () => {
    const query = 'subscription { count(to: 3) }';
    const url = `${fixture.url}?query=${encodeURIComponent(query)}`;
    for (const response of [
      await post(query),
      await fetch(url, { headers: { accept: 'text/event-stream' } }),
    ]) {
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const text = await response.text();
      expect(dataOf(text)).toEqual([1, 2, 3].map((count) => ({ data: { count } })));
      expect(text).toContain('event: complete');
    }
  });

  test('comes as SSE to a client that accepts anything', async () => {
    const answer = await fixture.query('subscription { count(to: 1) }', { accept: '*/*' });
    expect(answer.headers['content-type']).toContain('text/event-stream');
  });

  test('is not held back by proxies', async () => {
    const { headers, body } = await post('subscription { count(to: 1) }');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('content-encoding')).toBeNull();
    await body?.cancel();
  });

  test('an event is there before the next one', async () => {
    const abort = new AbortController();
    const response = await post('subscription { forever }', abort.signal);
    let text = '';
    const reader = response.body!.getReader();
    while (!text.includes('data: ')) text += new TextDecoder().decode((await reader.read()).value);
    expect(dataOf(text)).toEqual([{ data: { forever: 1 } }]);
    expect(fixture.probe.open).toBe(1);
    abort.abort();
    await waitFor('the source to end', () => fixture.probe.open === 0);
  });

  test('is pinged while nothing happens', async () => {
    const quick = await startFixture({ limits: { pingMs: 50 } });
    const abort = new AbortController();
    const response = await fetch(`${quick.url}?query=${encodeURIComponent('subscription { forever }')}`, {
      headers: { accept: 'text/event-stream' },
      signal: abort.signal,
    });
    const reader = response.body!.getReader();
    let text = '';
    // One ping opens the stream; the second one is the keep-alive.
    while (text.split(':\n\n').length < 4) text += new TextDecoder().decode((await reader.read()).value);
    abort.abort();
    await waitFor('the source to end', () => quick.probe.open === 0);
    await quick.close();
  });

  test('a document that is refused answers with its error', async () => {
    const response = await post('subscription { missing }');
    const text = await response.text();
    expect(text).toContain('GRAPHQL_VALIDATION_FAILED');
  });
});

test('a query that its client gives up is aborted', async () => {
  const abort = new AbortController();
  const given = fetch(fixture.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ wait }"}',
    signal: abort.signal,
  });
  const signal = await waitFor('the query to run', () => fixture.probe.waiting.pop());
  abort.abort();
  await expect(given).rejects.toThrow();
  await waitFor('the signal to abort', () => signal.aborted);
});

import fc from 'fast-check';
import { parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeWithParts } from '../../../gateway/live/subscribe.ts';
import type { Principal } from '../../../gateway/server/authentication.ts';
import { createErrorMask } from '../../../gateway/server/errors.ts';
import type { OperationStream } from '../../../gateway/server/operation-stream.ts';
import { SubscriptionHub } from '../../../gateway/server/subscription-hub.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { waitFor } from '../../harness/wait.ts';
import { type Fixture, type ProbeSocket, startFixture } from './fixture.ts';
import { createLiveFixture } from './live-fixture.ts';

let live: ReturnType<typeof createLiveFixture>;
let fixture: Fixture;
beforeEach(async () => {
  live = createLiveFixture();
  fixture = await startFixture({
    schema: live.schema,
    contextFor: (principal) => ({ principal }),
    access: {
      tokens: { verify: (name) => ({ name, rights: 'read' }) },
    },
  });
});
afterEach(() => fixture.close());

const connect = (name = 'ann') => fixture.socket({ authorization: `Bearer ${name}` }).open();
const query = 'subscription { readings { kind value seenBy } }';
const eventsOf = (socket: ProbeSocket, id = '1') =>
  socket.messages
    .filter((message) => message.id === id && message.type === 'next')
    .map(({ payload }) => (payload as { data: { readings: Record<string, unknown> } }).data.readings);
const snapshotEnd = (socket: ProbeSocket, id = '1') =>
  socket.until(
    'the snapshot',
    (message) => message.id === id && JSON.stringify(message).includes('SNAPSHOT_END'),
  );
const value = (socket: ProbeSocket, wanted: number, id = '1') =>
  waitFor(`value ${wanted}`, () => eventsOf(socket, id).some((event) => event.value === wanted));

describe('what subscribers share', () => {
  test('an event is executed once for all who ask the same, over WebSocket and SSE', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connect()));
    for (const socket of sockets) socket.subscribe('1', query);
    await Promise.all(sockets.map((socket) => snapshotEnd(socket)));
    const abort = new AbortController();
    const sse = await fetch(fixture.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: 'Bearer ann',
      },
      body: JSON.stringify({ query }),
      signal: abort.signal,
    });
    const reader = sse.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const read = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader.read()).value;
    };
    await read('SNAPSHOT_END');
    live.counts.executions = 0;
    live.publish('a', 1);
    live.publish('a', 2);
    await Promise.all([...sockets.map((socket) => value(socket, 2)), read('"value":2')]);
    expect(live.counts.executions).toBe(2);
    for (const socket of sockets) expect(eventsOf(socket).map((event) => event.value)).toEqual([null, 1, 2]);
    abort.abort();
    for (const socket of sockets) socket.socket.terminate();
  });

  test('where each began is its own, whatever the variable of `after` is called', async () => {
    const document =
      'subscription ($from: String, $text: String) { readings(after: $from) { kind value echo(text: $text) } }';
    const cursor = live.publish('a', 1);
    live.publish('a', 2);
    const [fresh, resumed, foreign] = [await connect(), await connect(), await connect()];
    fresh.subscribe('1', document);
    resumed.subscribe('1', document, { variables: { from: cursor } });
    foreign.subscribe('1', document, { variables: { from: 'elsewhere' } });
    await Promise.all([snapshotEnd(fresh), value(resumed, 2), snapshotEnd(foreign)]);
    live.counts.executions = 0;
    live.publish('a', 3);
    await Promise.all([fresh, resumed, foreign].map((socket) => value(socket, 3)));
    expect(live.counts.executions).toBe(1);
    const kinds = (socket: ProbeSocket) => eventsOf(socket).map(({ kind }) => kind);
    expect(kinds(fresh)).toEqual(['SNAPSHOT', 'SNAPSHOT_END', 'UPDATED']);
    expect(kinds(resumed)).toEqual(['UPDATED', 'UPDATED']);
    expect(kinds(foreign)).toEqual(['RESET', 'SNAPSHOT', 'SNAPSHOT_END', 'UPDATED']);
    for (const socket of [fresh, resumed, foreign]) socket.socket.terminate();
  });

  test('another variable, document, operation or principal is executed by itself', async () => {
    const document = `query Other { hello } subscription A($text: String, $after: String) {
      readings(after: $after) { value kind seenBy echo(text: $text) twice: echo(text: $after) } }`;
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    const variables = [{ text: 'x' }, { text: 'y' }, { after: 'used twice' }];
    for (const [index, each] of variables.entries()) {
      ann.subscribe(String(index), document, { operationName: 'A', variables: each });
    }
    ann.subscribe('3', query);
    bob.subscribe('3', query);
    for (const id of ['0', '1', '2', '3']) await snapshotEnd(ann, id);
    await snapshotEnd(bob, '3');
    live.counts.executions = 0;
    live.publish('a', 1);
    for (const id of ['0', '1', '2', '3']) await value(ann, 1, id);
    await value(bob, 1, '3');
    expect(live.counts.executions).toBe(5);
    expect(eventsOf(ann, '3').at(-1)).toMatchObject({ seenBy: 'ann' });
    expect(eventsOf(bob, '3').at(-1)).toMatchObject({ seenBy: 'bob' });
    expect(eventsOf(ann, '0').at(-1)).toMatchObject({ echo: 'x' });
    expect(eventsOf(ann, '2').at(-1)).toMatchObject({ echo: null, twice: 'used twice' });
    for (const socket of [ann, bob]) socket.socket.terminate();
  });

  test('an execution goes on when the subscriber that began it has gone', async () => {
    const [first, second] = [await connect(), await connect()];
    for (const socket of [first, second]) socket.subscribe('1', query);
    await Promise.all([snapshotEnd(first), snapshotEnd(second)]);
    live.publish('a', 1);
    first.send({ type: 'complete', id: '1' });
    live.publish('a', 2);
    await value(second, 2);
    expect(eventsOf(second).map((event) => event.value)).toEqual([null, 1, 2]);
    for (const socket of [first, second]) socket.socket.terminate();
  });
});

describe('who is too slow', () => {
  test('gets a GAP with its count, and disturbs nobody', async () => {
    const [slow, fast] = [await connect(), await connect()];
    const wide = `subscription { readings { kind value dropped echo(text: "${'x'.repeat(8000)}") } }`;
    slow.subscribe('1', wide);
    fast.subscribe('1', query);
    await Promise.all([snapshotEnd(slow), snapshotEnd(fast)]);
    slow.socket.pause();
    const total = 5000;
    for (let index = 1; index <= total; index++) {
      live.publish('a', index);
      if (index % 100 === 0) await value(fast, index);
    }
    slow.socket.resume();
    await value(slow, total);
    const events = eventsOf(slow);
    const dropped = events.reduce((sum, event) => sum + Number(event.dropped ?? 0), 0);
    expect(dropped).toBeGreaterThan(0);
    expect(events.filter(({ value: told }) => told !== null)).toHaveLength(total - dropped);
    expect(eventsOf(fast)).toHaveLength(total + 1);
    for (const socket of [slow, fast]) socket.socket.terminate();
  });
});

describe('authorization scopes', () => {
  const tenants = ['a', 'b', 'c'];
  const principal = fc.record({
    name: fc.constantFrom('ann', 'bob'),
    rights: fc.constantFrom('read' as const, 'write' as const),
    groups: fc.subarray(tenants),
  });
  const subscriber = fc.record({
    principal,
    wanted: fc.option(fc.subarray(tenants), { nil: undefined }),
    /** Events that are published before it takes one. */
    lag: fc.nat(4),
  });

  test('no event crosses one: whoever subscribes to whatever, each gets its own answer to what it may see', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(subscriber, { minLength: 2, maxLength: 12 }),
        fc.array(fc.constantFrom(...tenants), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0, 300, 1_000_000),
        async (subscribers, published, sharedBytes) => {
          const { schema, publish } = createLiveFixture();
          const document = parse(
            'subscription ($tenants: [String!]) { readings(tenants: $tenants) { tenant value seenBy } }',
          );
          const hub = new SubscriptionHub({
            contextFor: (who) => ({ principal: who }),
            mask: createErrorMask(silentLogger),
            sharedBytes,
          });
          const open = async (who: Principal, wanted: string[] | undefined) => {
            // What a principal may not see, its own filter leaves out, as an authorized feed does.
            const seen = (wanted ?? tenants).filter((tenant) => who.groups?.includes(tenant));
            const args = {
              schema,
              document,
              variableValues: { tenants: seen },
              contextValue: { principal: who },
            };
            const stream = hub.open((await subscribeWithParts(args)) as never, args, who, () => {});
            await stream.next();
            return { stream, who, seen };
          };
          const opened = await Promise.all(subscribers.map((each) => open(each.principal, each.wanted)));
          const received = opened.map((): object[] => []);
          const take = async (stream: OperationStream, into: object[]) => {
            const { value: result } = await stream.next();
            into.push((result as { data: { readings: object } }).data.readings);
          };
          const expected = opened.map(({ seen, who }) =>
            published.flatMap((tenant, index) =>
              seen.includes(tenant) ? [{ tenant, value: index, seenBy: who.name }] : [],
            ),
          );
          const behind = async (until: number) => {
            for (const [index, { stream }] of opened.entries()) {
              const due = expected[index]!.filter(({ value: at }) => at < until - subscribers[index]!.lag);
              while (received[index]!.length < due.length) await take(stream, received[index]!);
            }
          };
          for (const [index, tenant] of published.entries()) {
            publish(tenant, index);
            await behind(index + 1);
          }
          await behind(Number.POSITIVE_INFINITY);
          expect(received).toEqual(expected);
          for (const { stream } of opened) await stream.return();
        },
      ),
      { numRuns: 300 },
    );
  });
});

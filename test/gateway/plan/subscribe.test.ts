import type { ExecutionResult } from 'graphql';
import { GraphQLError, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { SubgraphExecutor } from '../../../gateway/index.ts';
import { BoundedQueue } from '../../../lib/bounded-queue.ts';
import { federate } from './subgraphs.ts';

const fleet = {
  cloud: {
    typeDefs: 'type Query { device: Device } type Device @key(fields: "name") { name: ID! place: String! }',
    resolvers: {
      Device: {
        place: ({ name }: { name: string }) => {
          if (name === 'lost') throw new GraphQLError('nowhere');
          return `place of ${name}`;
        },
      },
    },
  },
  edge: {
    typeDefs: `
      type Device @key(fields: "name") { name: ID! }
      type Event { device: Device value: Int! }
      type Subscription { events(of: String): Event sure: Event! }
    `,
  },
};

const event = (name: string, value: unknown = 1): ExecutionResult => ({
  data: { events: { device: { __typename: 'Device', name }, value } },
});

function startSource() {
  let closed = 0;
  const requests: Parameters<SubgraphExecutor>[0][] = [];
  const queue = new BoundedQueue<ExecutionResult>({ limit: 100, overflow: 'fail', onClose: () => closed++ });
  const edge: SubgraphExecutor = (request) => {
    requests.push(request);
    return queue;
  };
  return { queue, edge, requests, closed: () => closed };
}

type Results = AsyncIterableIterator<ExecutionResult>;

async function subscribe(query: string, edge: SubgraphExecutor, args: object = {}) {
  const { runtime, calls } = federate(fleet, { edge });
  const results = await runtime.subscribe({ document: parse(query), ...args });
  return { results: results as Results, calls };
}

const rich = 'subscription { events { value device { name place } } }';

describe('a subscription', () => {
  test('gets the fields of other subgraphs for each event', async () => {
    const source = startSource();
    const { results, calls } = await subscribe(rich, source.edge);
    source.queue.push(event('a'));
    source.queue.push(event('b', 2));
    source.queue.end();
    const seen = [];
    for await (const result of results) seen.push(result);
    expect(seen).toEqual([
      { data: { events: { value: 1, device: { name: 'a', place: 'place of a' } } } },
      { data: { events: { value: 2, device: { name: 'b', place: 'place of b' } } } },
    ]);
    expect(calls.map(({ service }) => service)).toEqual(['edge', 'cloud', 'cloud']);
    expect(source.closed()).toBe(1);
  });

  test('passes its variables and kind on', async () => {
    const source = startSource();
    const variableValues = { of: 'x', other: 1 };
    await subscribe('subscription ($of: String) { events(of: $of) { value } }', source.edge, {
      variableValues,
    });
    expect(source.requests).toMatchObject([{ operationType: 'subscription', variables: { of: 'x' } }]);
  });

  test('keeps the errors of one event out of the next', async () => {
    const source = startSource();
    const { results } = await subscribe(rich, source.edge);
    source.queue.push(event('lost'));
    source.queue.push({
      ...event('a', null),
      errors: [new GraphQLError('no value', { path: ['events', 'value'] })],
    });
    source.queue.push(event('a'));
    const messages = [];
    for (let number = 0; number < 3; number++) {
      const { value } = await results.next();
      messages.push([value.data, value.errors?.map(({ message, path }: GraphQLError) => [message, path])]);
    }
    expect(messages).toEqual([
      [{ events: { value: 1, device: null } }, [['nowhere', ['events', 'device', 'place']]]],
      [{ events: null }, [['no value', ['events', 'value']]]],
      [{ events: { value: 1, device: { name: 'a', place: 'place of a' } } }, undefined],
    ]);
  });

  test('leaves an event that others get too as it is', async () => {
    const shared = event('a');
    const before = JSON.stringify(shared);
    const source = startSource();
    const { results } = await subscribe(rich, source.edge);
    source.queue.push(Object.freeze(shared));
    await results.next();
    expect(JSON.stringify(shared)).toBe(before);
  });

  test('ends its source when it is left, even while it waits for an event', async () => {
    const source = startSource();
    const { results } = await subscribe(rich, source.edge);
    const waiting = results.next();
    expect(await results.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(source.closed()).toBe(1);
    expect(source.requests[0]?.signal?.aborted).toBe(true);
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('ends at once though its source never answers', async () => {
    let asked: AbortSignal | undefined;
    async function* silent() {
      yield await new Promise<ExecutionResult>(() => {});
    }
    const { results } = await subscribe(rich, ({ signal }) => {
      asked = signal;
      return silent();
    });
    const waiting = results.next();
    await results.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(asked?.aborted).toBe(true);
  });

  test('ends its source when a consumer throws', async () => {
    const source = startSource();
    const { results } = await subscribe(rich, source.edge);
    await expect(results.throw?.(new Error('consumer'))).rejects.toThrow('consumer');
    expect(source.closed()).toBe(1);
  });

  test('tells of a source that fails, and ends', async () => {
    const source = startSource();
    const { results } = await subscribe(rich, source.edge);
    source.queue.end(new Error('ECONNRESET 10.0.0.1'));
    const { value } = await results.next();
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      errors: [
        {
          message: 'The subgraph "edge" did not answer.',
          path: ['events'],
          locations: [{ line: 1, column: 16 }],
          extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'edge' },
        },
      ],
    });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test('ends with the signal of its client', async () => {
    const source = startSource();
    const client = new AbortController();
    const { results } = await subscribe(rich, source.edge, { signal: client.signal });
    const waiting = results.next();
    client.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(source.closed()).toBe(1);
  });

  test.each<[string, SubgraphExecutor, string]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
      'The subgraph "edge" did not answer.',
    ],
    ['answers with errors', () => ({ errors: [new GraphQLError('refused', { path: ['sure'] })] }), 'refused'],
    ['answers with data', () => ({ data: { sure: {} } }), 'The subgraph "edge" did not answer.'],
  ])('is refused where its subgraph %s', async (_, edge, message) => {
    const { runtime } = federate(fleet, { edge });
    const result = await runtime.subscribe({ document: parse('subscription { sure { value } }') });
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ errors: [{ message, path: ['sure'] }] });
    expect(result).not.toHaveProperty('data');
  });

  test('is refused where its variables do not fit or it is none', async () => {
    const { runtime } = federate(fleet);
    const document = parse('subscription ($of: String!) { events(of: $of) { value } }');
    expect(await runtime.subscribe({ document })).toMatchObject({
      errors: [{ message: 'Variable "$of" of required type "String!" was not provided.' }],
    });
    expect(await runtime.subscribe({ document: parse('{ device { name } }') })).toMatchObject({
      errors: [{ message: 'Expected a subscription operation.' }],
    });
  });
});

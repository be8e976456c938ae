import { buildSchema, type ExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createLocalExecutor } from '../../gateway/local-executor.ts';
import { BoundedQueue } from '../../lib/bounded-queue.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';

const sdl = 'type Query { good: Int, bad: Int } type Subscription { ticks: Int }';

interface Roots {
  good?: () => unknown;
  bad?: () => unknown;
  ticks?: () => AsyncIterable<unknown>;
}

function schemaOf({ ticks, ...queries }: Roots): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const [name, resolve] of Object.entries(queries)) {
    Object.assign(schema.getQueryType()?.getFields()[name] ?? {}, { resolve });
  }
  const field = schema.getSubscriptionType()?.getFields().ticks;
  if (field && ticks) Object.assign(field, { subscribe: ticks, resolve: (event: unknown) => event });
  return schema;
}

function run(roots: Roots, query: string, operationType: 'query' | 'subscription' = 'query') {
  const logged: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => logged.push(fields) };
  const execute = createLocalExecutor(schemaOf(roots), logger);
  const document = parse(query);
  const result = execute({ document, query, variables: {}, operationType, context: {} });
  return { result: Promise.resolve(result) as Promise<ExecutionResult>, logged };
}

const failing = (error: Error) => ({
  good: () => 1,
  bad: async () => {
    throw error;
  },
});

describe('a subgraph in this process', () => {
  it('answers', async () => {
    expect(await run({ good: () => 1 }, '{ good }').result).toEqual({ data: { good: 1 } });
  });

  it('keeps the code and the details of what its resolvers throw, beside the data', async () => {
    const error = new OctographError('EDGE_NODE_OFFLINE', 'edge-a is offline', {
      details: { nodeName: 'edge-a' },
    });
    const { data, errors } = await run(failing(error), '{ good bad }').result;
    expect(data).toEqual({ good: 1, bad: null });
    expect(errors).toMatchObject([
      {
        message: 'edge-a is offline',
        path: ['bad'],
        extensions: { code: 'EDGE_NODE_OFFLINE', nodeName: 'edge-a' },
      },
    ]);
  });

  it('names no line and column: they are those of the plan’s own document', async () => {
    const { errors } = await run(failing(new OctographError('X', 'no')), '{ bad }').result;
    expect(errors?.[0]?.locations).toBeUndefined();
    expect(JSON.stringify(errors)).not.toContain('locations');
  });

  it('hides what nobody foresaw, and logs it', async () => {
    const { result, logged } = run(failing(new Error('password=hunter2')), '{ bad }');
    const { errors } = await result;
    expect(JSON.stringify(errors)).not.toContain('hunter2');
    expect(errors).toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(logged).toHaveLength(1);
  });

  it('passes a GraphQLError on as it is', async () => {
    const error = new GraphQLError('not that way', { extensions: { code: 'DEVICE_TIMEOUT' } });
    const { errors } = await run(failing(error), '{ bad }').result;
    expect(errors).toMatchObject([{ message: 'not that way', extensions: { code: 'DEVICE_TIMEOUT' } }]);
  });
});

describe('a subscription of it', () => {
  const subscribe = async (roots: Roots) =>
    (await run(roots, 'subscription { ticks }', 'subscription').result) as unknown as
      | ExecutionResult
      | AsyncIterableIterator<ExecutionResult>;

  it('streams its events, and masks the errors of each', async () => {
    const queue = new BoundedQueue<unknown>({ limit: 10, overflow: 'fail' });
    const events = (await subscribe({ ticks: () => queue })) as AsyncIterableIterator<ExecutionResult>;
    queue.push(1);
    queue.push(new Error('password=hunter2'));
    expect(await events.next()).toEqual({ done: false, value: { data: { ticks: 1 } } });
    expect((await events.next()).value.errors).toMatchObject([{ message: 'Unexpected error.' }]);
    queue.end();
    expect((await events.next()).done).toBe(true);
  });

  it('that is refused is a result, masked too', async () => {
    const refused = (await subscribe({
      ticks: () => {
        throw new OctographError('BAD_USER_INPUT', 'no such cursor');
      },
    })) as ExecutionResult;
    expect(refused.errors).toMatchObject([
      { message: 'no such cursor', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  it('ends its source at once when it is left, also while its reader waits', async () => {
    let isEnded = false;
    const queue = new BoundedQueue<unknown>({
      limit: 10,
      overflow: 'fail',
      onClose: () => {
        isEnded = true;
      },
    });
    const events = (await subscribe({ ticks: () => queue })) as AsyncIterableIterator<ExecutionResult>;
    const waiting = events.next();
    await Promise.race([events.return?.(), new Promise(setImmediate)]);
    expect(isEnded).toBe(true);
    expect((await waiting).done).toBe(true);
  });
});

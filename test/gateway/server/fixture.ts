import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { buildSchema, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { WebSocket } from 'ws';
import type { Principal } from '../../../gateway/server/authentication.ts';
import type { OperationRequest } from '../../../gateway/server/endpoint.ts';
import {
  type GraphqlServer,
  type GraphqlServerOptions,
  startGraphqlServer,
} from '../../../gateway/server/server.ts';
import { OctographError } from '../../../lib/errors.ts';
import { type Logger, silentLogger } from '../../../lib/logger.ts';

export const canary = 'secret-canary-4711';

export interface FixtureContext {
  principal: Principal;
  request: OperationRequest;
}

/** What the fixture's resolvers saw. */
export interface Probe {
  writes: number[];
  /** Operations that wait for ever, by their signals. */
  waiting: AbortSignal[];
  /** Subscriptions of `forever` that are open. */
  open: number;
}

type Resolver = GraphQLFieldResolver<unknown, FixtureContext, never>;

export function fixtureSchema(probe: Probe): GraphQLSchema {
  const schema = buildSchema(/* GraphQL */ `
    type Query {
      hello(name: String): String
      whoami: String
      secret: String
      refused: String
      wait: String
      self: Query
    }
    type Mutation {
      write(value: Int!): Int
    }
    type Subscription {
      count(to: Int!): Int
      forever: Int
      broken: Int
      unopened: Int
    }
  `);
  const resolvers: Record<string, Record<string, { resolve?: Resolver; subscribe?: Resolver }>> = {
    Query: {
      hello: { resolve: (_source, { name }: { name?: string }) => `hello ${name ?? 'world'}` },
      whoami: { resolve: (_source, _args, { principal }) => `${principal.name}:${principal.rights}` },
      secret: {
        resolve: () => {
          throw new Error(`password ${canary}`);
        },
      },
      refused: {
        resolve: () => {
          throw new OctographError('EDGE_NODE_OFFLINE', 'edge-a is offline');
        },
      },
      wait: {
        resolve: (_source, _args, { request }) => {
          probe.waiting.push(request.signal);
          return new Promise((resolve) => request.signal.addEventListener('abort', resolve));
        },
      },
      self: { resolve: () => ({}) },
    },
    Mutation: {
      write: {
        resolve: (_source, { value }: { value: number }) => {
          probe.writes.push(value);
          return value;
        },
      },
    },
    Subscription: {
      count: {
        subscribe: async function* (_source, { to }: { to: number }) {
          for (let count = 1; count <= to; count++) yield { count };
        },
      },
      forever: { subscribe: () => openFeed(probe) },
      broken: {
        subscribe: async function* () {
          yield { broken: 1 };
          throw new Error(`password ${canary}`);
        },
      },
      unopened: {
        subscribe: () => {
          throw new Error(`password ${canary}`);
        },
      },
    },
  };
  for (const [type, fields] of Object.entries(resolvers)) {
    const known = (schema.getType(type) as GraphQLObjectType).getFields();
    for (const [name, field] of Object.entries(fields)) Object.assign(known[name]!, field);
  }
  return schema;
}

/** Gives one event, then none, and counts itself as open until it is returned. */
function openFeed(probe: Probe): AsyncIterableIterator<{ forever: number }> {
  let given = false;
  let finish: ((result: IteratorResult<{ forever: number }>) => void) | undefined;
  let open = true;
  probe.open++;
  return {
    next: () => {
      if (!open) return Promise.resolve({ done: true, value: undefined });
      if (!given) {
        given = true;
        return Promise.resolve({ done: false, value: { forever: 1 } });
      }
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    return: async () => {
      if (open) probe.open--;
      open = false;
      finish?.({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface Fixture extends GraphqlServer {
  probe: Probe;
  send: (request?: SentRequest) => Promise<Answer>;
  /** POSTs a document as JSON. */
  query: (query: string, headers?: Record<string, string>, more?: object) => Promise<Answer>;
  socket: (headers?: Record<string, string>, path?: string) => ProbeSocket;
}

export async function startFixture(overrides: Partial<GraphqlServerOptions> = {}): Promise<Fixture> {
  const probe: Probe = { writes: [], waiting: [], open: 0 };
  const server = await startGraphqlServer({
    listen: { host: '127.0.0.1', port: 0 },
    what: 'the test server',
    schema: fixtureSchema(probe),
    contextFor: (principal, request): FixtureContext => ({ principal, request }),
    access: { anonymous: 'write' },
    graphiql: false,
    logger: silentLogger,
    ...overrides,
  });
  const { port } = server;
  return {
    ...server,
    probe,
    send: (sent) => send(port, sent),
    query: (query, headers = {}, more = {}) =>
      send(port, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, ...more }),
      }),
    socket: (headers, path) => new ProbeSocket(port, headers, path),
  };
}

export interface SentRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  json: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
}

/** A request with any header, `host` and `origin` among them, which fetch would not send. */
export async function send(
  port: number,
  { method = 'GET', path = '/graphql', headers = {}, body }: SentRequest = {},
): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    body: text,
    get json() {
      return JSON.parse(text);
    },
  };
}

export interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

/** A bare graphql-transport-ws client: sends what it is told and keeps what comes. */
export class ProbeSocket {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closed: { code: number; reason: string } | undefined;
  /** The HTTP status of a refused upgrade. */
  refused: number | undefined;
  #changed: (() => void)[] = [];

  constructor(port: number, headers: Record<string, string> = {}, path = '/graphql') {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'graphql-transport-ws', { headers });
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      this.#notify();
    });
    this.socket.on('close', (code, reason) => {
      this.closed ??= { code, reason: String(reason) };
      this.#notify();
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode;
      response.resume();
      this.socket.terminate();
    });
    this.socket.on('error', () => {});
  }

  async open(payload?: object): Promise<this> {
    await once(this.socket, 'open');
    this.send({ type: 'connection_init', payload });
    await this.until('connection_ack', ({ type }) => type === 'connection_ack');
    return this;
  }

  send(message: Message | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, more: object = {}): void {
    this.send({ type: 'subscribe', id, payload: { query, ...more } });
  }

  async until(what: string, matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found) return found;
      if (this.closed) throw new Error(`closed with ${this.closed.code} before ${what}`);
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  async untilClosed(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await new Promise<void>((resolve) => this.#changed.push(resolve));
    return this.closed;
  }

  #notify(): void {
    for (const changed of this.#changed.splice(0)) changed();
  }
}

/** Keeps what was logged as errors. */
export function recordingLogger(): Logger & { errors: unknown[] } {
  const errors: unknown[] = [];
  const logger = {
    ...silentLogger,
    errors,
    error: (fields: object) => errors.push(fields),
    child: () => logger,
  };
  return logger as Logger & { errors: unknown[] };
}

export const codeIn = (answer: Answer): string | undefined => answer.json.errors?.[0]?.extensions?.code;

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendRefusal, sendText, setHeaders, setStrictHeaders } from './answers.ts';
import type { AccessOptions } from './authentication.ts';
import {
  corsHeaders,
  type DoorRequest,
  type DoorRules,
  judgeGraphqlRequest,
  judgeSender,
  type Refusal,
} from './door.ts';
import type { Engine } from './engine.ts';
import { graphqlPath } from './paths.ts';
import { credentialsOf, requirePrincipal } from './require-principal.ts';
import { type RouteHandler, routeFor } from './routes.ts';
import type { Sessions } from './sessions.ts';

export interface RequestHandlerOptions {
  /** By path: `/graphql`, and a subgraph's `/subgraphs/<name>`. */
  engines: ReadonlyMap<string, Engine>;
  /** By path; one that ends in `/` takes all below it. They are behind the door, and authenticate themselves. */
  routes: ReadonlyMap<string, RouteHandler>;
  rules: DoorRules;
  access: AccessOptions;
  sessions: Sessions;
  /** Of a connection: the listener has more open than are allowed. */
  isBeyondLimit: (socket: object) => boolean;
  isDraining: () => boolean;
}

/** Every HTTP request: the door, authentication where the path needs it, then what the path serves. */
export function createRequestHandler(options: RequestHandlerOptions) {
  const { engines, routes, rules, access, sessions, isBeyondLimit, isDraining } = options;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    setStrictHeaders(response);
    if (isDraining()) response.setHeader('connection', 'close');
    const sender = doorRequest(request);
    const refusal = isBeyondLimit(request.socket) ? tooManyConnections : judgeSender(sender, rules);
    if (refusal) return sendRefusal(response, refusal);

    const cors = corsHeaders(sender, rules);
    if (cors) setHeaders(response, cors);
    if (cors && request.method === 'OPTIONS') {
      response.statusCode = 204;
      response.end();
      return;
    }

    const path = pathOf(request);
    const engine = engines.get(path);
    if (engine) return serveGraphql(engine, path, sender, request, response);
    const route = routeFor(routes, path);
    if (route) return route(request, response, path);
    sendText(response, 404, `${path} is not here\n`);
  };

  async function serveGraphql(
    engine: Engine,
    path: string,
    sender: DoorRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const refusal =
      (isDraining() ? draining : undefined) ??
      judgeGraphqlRequest(sender, rules) ??
      (path === graphqlPath ? undefined : judgeSubgraph(sender));
    if (refusal) return sendRefusal(response, refusal);
    const principal = await requirePrincipal(request, response, access);
    if (!principal) return;
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    const watch = (end: (reason: string) => void) =>
      sessions.watch({ credentials: credentialsOf(request), principal, end });
    await engine.http(request, response, { principal, abort, opened: {}, watch });
  }
}

/** Before an upgrade: the same door, and `/graphql` is the only path that speaks WebSocket. */
export function judgeUpgrade(
  request: IncomingMessage,
  { rules, isBeyondLimit, isDraining }: Pick<RequestHandlerOptions, 'rules' | 'isBeyondLimit' | 'isDraining'>,
): Refusal | undefined {
  if (isBeyondLimit(request.socket)) return tooManyConnections;
  if (isDraining()) return draining;
  const refusal = judgeSender(doorRequest(request), rules);
  if (refusal) return refusal;
  const path = pathOf(request);
  if (path === graphqlPath) return undefined;
  return { status: 404, code: 'NOT_FOUND', message: `no WebSocket at ${path}: it is at ${graphqlPath}` };
}

const tooManyConnections: Refusal = {
  status: 503,
  code: 'LIMIT_CONNECTIONS',
  message: 'as many connections are open as are allowed: try again later',
  headers: { 'retry-after': '5' },
};

const draining: Refusal = { status: 503, code: 'DRAINING', message: 'the server is shutting down' };

/** Routers post their operations; nothing else needs to reach a subgraph. */
function judgeSubgraph({ method }: DoorRequest): Refusal | undefined {
  if (method === 'POST') return undefined;
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `a subgraph takes POST, not ${method}`,
    headers: { allow: 'POST' },
  };
}

function doorRequest(request: IncomingMessage): DoorRequest {
  return {
    method: request.method ?? '',
    headers: request.headers,
    localAddress: request.socket.localAddress,
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

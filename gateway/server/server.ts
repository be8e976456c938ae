import { type Clock, every, systemClock } from '../../lib/clock.ts';
import type { Closable } from '../../lib/disposables.ts';
import { listen } from '../../lib/listen.ts';
import type { Logger } from '../../lib/logger.ts';
import { refuseUpgrade, sendText } from './answers.ts';
import type { AccessOptions } from './authentication.ts';
import type { DoorRules } from './door.ts';
import type { Endpoint } from './endpoint.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Health } from './health.ts';
import { defaultLimits, hardenedLimits, type Limits } from './limits.ts';
import { assertSafeListener, createListener, type GraphqlListener } from './listener.ts';
import type { OperationStream } from './operation-stream.ts';

import { graphqlPath, subgraphPath } from './paths.ts';
import type { PersistedDocuments } from './persisted-documents.ts';
import { RateLimit } from './rate-limit.ts';
import { createRequestHandler, judgeUpgrade } from './request-handler.ts';
import { builtInRoutes, type RouteHandler } from './routes.ts';
import { Sessions } from './sessions.ts';
import { createWebSocketEndpoint } from './websocket.ts';

/** What is refused, and how much is too much. */
export interface Guards {
  /** Single rows of the table to change. */
  limits?: Partial<Limits>;
  /** Documents that clients name instead of sending them; with `only`, no others are executed, and no subgraph is served. */
  persisted?: PersistedDocuments;
  /** No GET, no introspection, no suggestions, no GraphiQL, few directives: for those who know their clients. */
  hardened?: boolean;
}

export interface GraphqlServerOptions extends Endpoint, Guards {
  listen: GraphqlListener;
  /** Named in errors about the listener: `the cloud gateway`. */
  what: string;
  access: AccessOptions;
  /** Ordinary subgraphs at `/subgraphs/<name>`, for routers: POST only. */
  subgraphs?: Record<string, Endpoint>;
  /** Answers `/livez`, `/readyz` and `/metrics`. */
  health?: Health;
  /** Further paths; one that ends in `/` takes all below it. Behind the door; authentication is the handler's. */
  routes?: Record<string, RouteHandler>;
  /** Serves GraphiQL at `/graphiql/`. */
  graphiql: boolean;
  logger: Logger;
  clock?: Clock;
  /** What is still running this long after `close()` is cut. */
  drainMs?: number;
}

export interface GraphqlServer extends Closable {
  port: number;
  /** Of the GraphQL endpoint. */
  url: string;
}

/**
 * The public API over HTTP (POST, GET, SSE) and WebSocket (graphql-transport-ws) on one port.
 * `close()` turns `/readyz` false, refuses new operations, sends 1001 to WebSockets, completes SSE streams, lets running
 * requests finish, cuts what is left after `drainMs`, and then leaves the port.
 * @throws OctographError `LISTENER_UNSAFE` or `PORT_TAKEN`
 */
export async function startGraphqlServer(options: GraphqlServerOptions): Promise<GraphqlServer> {
  const { access, logger, what, clock = systemClock, drainMs = 5000 } = options;
  assertSafeListener(what, options.listen, access);
  const hardened = options.hardened === true;
  const limits = { ...defaultLimits, ...(hardened && hardenedLimits), ...options.limits };
  const rateLimit = new RateLimit(limits.rootFieldsPerSecond, clock);
  const scheme = options.listen.tls ? 'https' : 'http';
  const rules: DoorRules = {
    scheme,
    get: !hardened,
    allowedHosts: access.allowedHosts ?? [],
    allowedOrigins: access.allowedOrigins ?? [],
  };

  let draining = false;
  const isDraining = () => draining;
  const streams = new Set<OperationStream>();
  const { authorizer } = access;
  const sessions = new Sessions({ access, clock, recheckMs: limits.recheckMs });
  const engine = createEngine({
    ...options,
    authorizer,
    rateLimit,
    path: graphqlPath,
    limits,
    streams,
    clock,
  });
  const engines = new Map<string, Engine>([[graphqlPath, engine]]);
  const subgraphs = options.persisted?.only ? {} : (options.subgraphs ?? {});
  for (const [name, endpoint] of Object.entries(subgraphs)) {
    const path = subgraphPath(name);
    const shared = { authorizer, rateLimit, hardened, path, limits, logger, streams, clock };
    engines.set(path, createEngine({ ...endpoint, ...shared }));
  }
  const routes = builtInRoutes({
    access,
    health: options.health,
    graphiql: options.graphiql && !hardened,
    isDraining,
  });
  for (const [path, handler] of Object.entries(options.routes ?? {})) routes.set(path, handler);

  let running = 0;
  let onIdle = () => {};
  const { server, isBeyondLimit } = createListener(
    options.listen,
    limits.connections,
    (request, response) => {
      running++;
      response.once('close', () => {
        running--;
        if (running === 0) onIdle();
      });
      handle(request, response).catch((error) => {
        logger.error({ err: error, method: request.method }, 'request failed');
        if (!response.headersSent) sendText(response, 500, 'internal error\n');
        else response.destroy();
      });
    },
  );
  const gate = { rules, isBeyondLimit, isDraining };
  const handle = createRequestHandler({ ...gate, engines, routes, access, sessions });

  const webSockets = createWebSocketEndpoint({
    operations: engine.operations,
    access,
    sessions,
    limits,
    clock,
    logger,
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = judgeUpgrade(request, gate);
    if (refusal) refuseUpgrade(socket, refusal);
    else webSockets.upgrade(request, socket, head);
  });

  const stopRechecking = every(clock, limits.recheckMs, () => {
    for (const { operations } of engines.values()) operations.recheck();
  });

  const port = await listen(server, options.listen, what);
  const host = options.listen.host.includes(':') ? `[${options.listen.host}]` : options.listen.host;

  const drain = async (): Promise<void> => {
    draining = true;
    stopRechecking();
    const idle = new Promise<void>((resolve) => {
      onIdle = resolve;
      if (running === 0) resolve();
    });
    const gone = Promise.all([idle, webSockets.drain()]);
    for (const stream of streams) stream.return();
    let cancel = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = clock.setTimer(drainMs, resolve);
    });
    await Promise.race([gone, deadline]);
    cancel();
    webSockets.terminate();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `${scheme}://${host}:${port}${graphqlPath}`,
    close: () => {
      closing ??= drain();
      return closing;
    },
  };
}

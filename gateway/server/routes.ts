import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from './answers.ts';
import type { AccessOptions } from './authentication.ts';
import { createGraphiql } from './graphiql.ts';
import { answerLive, answerMetrics, answerReady, type Health } from './health.ts';
import { graphiqlPath, graphqlPath } from './paths.ts';
import { requirePrincipal } from './require-principal.ts';

/** Answers what is not GraphQL. The strict headers are set already; a page of its own sets its own policy. */
export type RouteHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => void | Promise<void>;

export interface BuiltInRoutesOptions {
  access: AccessOptions;
  health?: Health;
  graphiql: boolean;
  isDraining: () => boolean;
}

/** The routes every server has: health for probes, metrics, and GraphiQL where it is on. */
export function builtInRoutes({
  access,
  health,
  graphiql,
  isDraining,
}: BuiltInRoutesOptions): Map<string, RouteHandler> {
  const routes = new Map<string, RouteHandler>();
  if (health) {
    routes.set(
      '/livez',
      readOnly((_request, response) => answerLive(response, health)),
    );
    routes.set(
      '/readyz',
      readOnly(async (request, response) => {
        const verbose = /[?&]verbose\b/.test(request.url ?? '');
        // One word is for every probe; the details are for who may read.
        if (verbose && !(await requirePrincipal(request, response, access))) return;
        answerReady(response, health, isDraining(), verbose);
      }),
    );
    routes.set(
      '/metrics',
      readOnly(async (request, response) => {
        if (await requirePrincipal(request, response, access)) await answerMetrics(response, health);
      }),
    );
  }
  if (graphiql) {
    const toGraphiql: RouteHandler = (_request, response) => {
      response.setHeader('location', graphiqlPath);
      sendText(response, 302, `GraphiQL is at ${graphiqlPath}\n`);
    };
    routes.set('/', readOnly(toGraphiql));
    routes.set(graphiqlPath.slice(0, -1), readOnly(toGraphiql));
    routes.set(graphiqlPath, readOnly(createGraphiql(graphqlPath)));
  }
  return routes;
}

/** The exact path, or the longest prefix that ends in `/`; `/` itself is no prefix. */
export function routeFor(routes: ReadonlyMap<string, RouteHandler>, path: string): RouteHandler | undefined {
  let prefix = path;
  while (prefix.length > 1) {
    const route = routes.get(prefix);
    if (route) return route;
    prefix = prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
  }
  return path === '/' ? routes.get('/') : undefined;
}

/** Lets only GET and HEAD through. */
export function readOnly(handler: RouteHandler): RouteHandler {
  return (request, response, path) => {
    if (request.method === 'GET' || request.method === 'HEAD') return handler(request, response, path);
    response.setHeader('allow', 'GET, HEAD');
    sendText(response, 405, `${path} takes GET, not ${request.method}\n`);
  };
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { createAuthenticator } from './authentication.ts';
import { readBody } from './body.ts';
import { discover } from './discovery.ts';
import { createDoor } from './door.ts';
import type { ApiContext, Reply } from './handlers/context.ts';
import { handleCreate } from './handlers/create.ts';
import { handleDelete } from './handlers/delete.ts';
import { handleDeleteCollection } from './handlers/delete-collection.ts';
import { handleGet } from './handlers/get.ts';
import { handleList } from './handlers/list.ts';
import { handlePatch } from './handlers/patch.ts';
import { handleReplace } from './handlers/replace.ts';
import { openApiV3 } from './openapi.ts';
import { flagOf, parseTarget, type ResourceRequest, type Verb, verbOf } from './request.ts';
import { ApiError, internalError, methodNotAllowed, unknownPath } from './status.ts';
import { SERVER_VERSION } from './version.ts';
import { negotiateView, renderView } from './view.ts';
import { streamWatch } from './watch-stream.ts';

type Handler = (context: ApiContext, request: ResourceRequest) => Reply;

const HANDLERS: Record<Exclude<Verb, 'watch'>, Handler> = {
  get: handleGet,
  list: handleList,
  create: handleCreate,
  replace: handleReplace,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

export interface ApiServer {
  listener: RequestListener;
  /** Ends all watches, so that their connections can close. */
  endWatches(): void;
}

export interface ApiServerOptions {
  token: string;
  /** The names and addresses in the server's certificate. */
  hosts: readonly string[];
  logger: Logger;
}

export function createApiServer(context: ApiContext, { token, hosts, logger }: ApiServerOptions): ApiServer {
  const checkSender = createDoor(hosts);
  const authenticate = createAuthenticator(token);
  const watches = new Set<Close>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkSender(request.headers);
    const url = new URL(request.url ?? '/', 'https://localhost');
    const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
    authenticate(path, request.headers.authorization);
    const target = parseTarget(path, context.registry);
    if (!target) {
      answerDocument(path, request.method, context, response);
      return;
    }
    const verb = verbOf(request.method ?? '', target, flagOf(url.searchParams, 'watch'));
    const view = negotiateView(request.headers.accept);
    const { deprecationWarning } = target.resource;
    if (deprecationWarning) response.appendHeader('warning', `299 - ${JSON.stringify(deprecationWarning)}`);
    const resourceRequest: ResourceRequest = {
      ...target,
      verb,
      query: url.searchParams,
      contentType: request.headers['content-type'] ?? '',
      body: await readBody(request),
    };
    if (verb === 'watch') {
      const close = streamWatch(context, resourceRequest, view, response);
      watches.add(close);
      response.once('close', () => watches.delete(close));
      return;
    }
    const { code, body, warnings = [] } = HANDLERS[verb](context, resourceRequest);
    for (const warning of warnings) response.appendHeader('warning', `299 - ${JSON.stringify(warning)}`);
    const now = context.clock.now();
    sendJson(
      response,
      code,
      renderView(view, body, { resource: target.resource, query: url.searchParams, now }),
    );
  };

  return {
    listener(request, response) {
      answer(request, response).catch((error) => {
        if (response.headersSent || response.destroyed) {
          response.destroy();
          return;
        }
        if (!(error instanceof ApiError)) {
          logger.error({ err: error, method: request.method, url: request.url }, 'request failed');
        }
        const { status } = error instanceof ApiError ? error : internalError(messageOf(error));
        sendJson(response, status.code, status);
      });
    },
    endWatches() {
      for (const close of watches) close();
    },
  };
}

function answerDocument(
  path: string,
  method: string | undefined,
  { registry }: ApiContext,
  response: ServerResponse,
): void {
  if (path === '/livez' || path === '/readyz' || path === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
    return;
  }
  const document =
    path === '/version' ? SERVER_VERSION : (discover(path, registry) ?? openApiV3(path, registry));
  if (!document) throw unknownPath();
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  sendJson(response, 200, document);
}

function sendJson(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, private',
  });
  response.end(text);
}

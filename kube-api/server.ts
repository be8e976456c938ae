import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { attributesOf } from './access/attributes.ts';
import { parseImpersonation } from './access/impersonation.ts';
import { refusal } from './access/refusal.ts';
import type { UserInfo } from './access/user.ts';
import { readBody } from './body.ts';
import { discover } from './discovery.ts';
import { createDoor } from './door.ts';
import { handleAct } from './handlers/act.ts';
import type { ApiContext, Reply } from './handlers/context.ts';
import { handleCreate } from './handlers/create.ts';
import { handleDelete } from './handlers/delete.ts';
import { handleDeleteCollection } from './handlers/delete-collection.ts';
import { handleGet } from './handlers/get.ts';
import { handleList } from './handlers/list.ts';
import { handlePatch } from './handlers/patch.ts';
import { handleReplace } from './handlers/replace.ts';
import { handleReview } from './handlers/review.ts';
import { openApiV3 } from './openapi.ts';
import { openApiV2 } from './openapi-v2.ts';
import { flagOf, type ResourceRequest, targetOf, type Verb, verbOf } from './request.ts';
import { parseResourcePath } from './resource-path.ts';
import { ApiError, internalError, methodNotAllowed, unauthorized, unknownPath } from './status.ts';
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
  act: handleAct,
  review: handleReview,
};

export interface ApiServer {
  listener: RequestListener;
  /** Ends all watches, so that their connections can close. */
  endWatches(): void;
}

/** What may be asked without a token: whether the server lives, and what it is. */
const OPEN_PATHS = new Set(['/livez', '/readyz', '/healthz', '/version']);

export interface ApiServerOptions {
  /** The names and addresses in the server's certificate. */
  hosts: readonly string[];
  logger: Logger;
}

export function createApiServer(context: ApiContext, { hosts, logger }: ApiServerOptions): ApiServer {
  const checkSender = createDoor(hosts);
  const watches = new Set<Close>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkSender(request.headers);
    const url = new URL(request.url ?? '/', 'https://localhost');
    const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
    if (OPEN_PATHS.has(path)) {
      answerDocument(path, request, context, response);
      return;
    }
    const user = identifySender(context, request);
    const resourcePath = parseResourcePath(path);
    const attributes = attributesOf(request.method ?? '', path, resourcePath, url.searchParams);
    if (!context.authorizer.decide(user, attributes).allowed) throw refusal(user, attributes);
    if (!resourcePath) {
      answerDocument(path, request, context, response);
      return;
    }
    const target = targetOf(resourcePath, context.registry);
    const verb = verbOf(request.method ?? '', target, flagOf(url.searchParams, 'watch'));
    const view = negotiateView(request.headers.accept);
    const { deprecationWarning } = target.resource;
    if (deprecationWarning) response.appendHeader('warning', `299 - ${JSON.stringify(deprecationWarning)}`);
    const resourceRequest: ResourceRequest = {
      ...target,
      verb,
      user,
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

/**
 * Who a request counts as being from: its sender, or somebody whom he impersonates and may impersonate.
 * @throws ApiError 401 or 403.
 */
function identifySender({ authenticator, authorizer }: ApiContext, request: IncomingMessage): UserInfo {
  const sender = authenticator.identifyHeader(request.headers.authorization);
  if (!sender) throw unauthorized();
  const impersonation = parseImpersonation(request.headersDistinct);
  if (!impersonation) return sender;
  for (const need of impersonation.needs) {
    if (!authorizer.decide(sender, need).allowed) throw refusal(sender, need);
  }
  return impersonation.user;
}

function answerDocument(
  path: string,
  { method, headers }: IncomingMessage,
  { registry }: ApiContext,
  response: ServerResponse,
): void {
  if (path === '/livez' || path === '/readyz' || path === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
    return;
  }
  if (path === '/openapi/v2') {
    const { contentType, body } = openApiV2(headers.accept);
    response.writeHead(200, { 'content-type': contentType, 'content-length': body.length }).end(body);
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

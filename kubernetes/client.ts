import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { KubernetesError, type KubeStatus, unavailable } from './kubernetes-error.ts';
import type { KubeObject } from './resources.ts';
import { createTransport, type TransportRequest } from './transport.ts';
import { readWatch, type WatchEvent } from './watch-stream.ts';

/** One page of a list. */
export interface KubeList<T> {
  metadata: { resourceVersion?: string; continue?: string };
  /** Some servers leave an empty list out. */
  items?: T[];
}

export interface ListParams {
  /** Objects per page. */
  limit?: number;
  /** Where the page before left off. */
  continue?: string;
}

export interface WatchParams {
  /** Opaque: what a list or the last event gave. */
  resourceVersion: string;
  /** The server ends the watch after this many seconds. */
  timeoutSeconds: number;
}

export type PatchType = 'application/json-patch+json' | 'application/merge-patch+json';

/**
 * The Kubernetes API over HTTP. Paths are those of `resources.ts`. Every call ends after `requestTimeoutMs` at the latest.
 * What the server refuses is thrown as KubernetesError; where it does not answer, OctographError `KUBERNETES_UNAVAILABLE`.
 */
export interface KubeClient {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  list<T extends KubeObject>(path: string, params: ListParams, signal?: AbortSignal): Promise<KubeList<T>>;
  /** Resolves when the server has accepted the watch. The events end when the server, or the signal, ends them. */
  watch<T extends KubeObject>(
    path: string,
    params: WatchParams,
    signal: AbortSignal,
  ): Promise<AsyncIterable<WatchEvent<T>>>;
  create<T extends KubeObject>(path: string, object: T, signal?: AbortSignal): Promise<T>;
  replace<T extends KubeObject>(path: string, object: T, signal?: AbortSignal): Promise<T>;
  patch<T extends KubeObject>(path: string, body: unknown, type: PatchType, signal?: AbortSignal): Promise<T>;
  remove(path: string, options?: DeleteOptions, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1 DeleteOptions. */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid: string };
}

export interface KubeClientOptions {
  config: KubeConfig;
  clock: Clock;
  /** @default 30_000 */
  requestTimeoutMs?: number;
}

export function createKubeClient({
  config,
  clock,
  requestTimeoutMs = 30_000,
}: KubeClientOptions): KubeClient {
  const transport = createTransport(config);

  /** Sends, and hands the response's head to `use`, all under one deadline; `use` decides whether the body is under it too. */
  async function call<R>(
    request: Omit<TransportRequest, 'signal'>,
    signal: AbortSignal | undefined,
    use: (response: IncomingMessage, name: string) => R | Promise<R>,
  ): Promise<R> {
    const name = `${request.method} ${request.path.split('?')[0]}`;
    const deadline = new AbortController();
    const cancel = clock.setTimer(requestTimeoutMs, () =>
      deadline.abort(new Error(`no answer within ${requestTimeoutMs} ms`)),
    );
    const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    try {
      const response = await transport.send({ ...request, signal: either });
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw await refusal(response, name);
      return await use(response, name);
    } catch (error) {
      if (error instanceof KubernetesError) throw error;
      const why = deadline.signal.aborted ? messageOf(deadline.signal.reason) : messageOf(error);
      throw unavailable(name, why, error);
    } finally {
      cancel();
    }
  }

  const exchange = <T>(request: Omit<TransportRequest, 'signal'>, signal?: AbortSignal) =>
    call(request, signal, async (response) => JSON.parse(await readBody(response)) as T);

  return {
    get: (path, signal) => exchange({ method: 'GET', path }, signal),
    list: (path, params, signal) => exchange({ method: 'GET', path: path + queryOf(params) }, signal),
    watch: (path, params, signal) =>
      call(
        { method: 'GET', path: path + queryOf({ watch: 'true', allowWatchBookmarks: 'true', ...params }) },
        signal,
        (response, name) => readWatch(response, `watch of ${name.slice(4)}`, signal),
      ),
    create: (path, object, signal) => exchange({ method: 'POST', path, body: toJson(object) }, signal),
    replace: (path, object, signal) => exchange({ method: 'PUT', path, body: toJson(object) }, signal),
    patch: (path, body, contentType, signal) =>
      exchange({ method: 'PATCH', path, body: toJson(body), contentType }, signal),
    remove: async (path, options, signal) => {
      await exchange({ method: 'DELETE', path, body: options && toJson(options) }, signal);
    },
    close: transport.close,
  };
}

function queryOf(params: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined) query.set(key, String(value));
  return query.size > 0 ? `?${query}` : '';
}

/**
 * JSON as Go writes it. The API server compares a JSON patch's `test` text byte by byte with its own encoding, which
 * escapes these characters: unescaped, a `test` on a value with one of them would never hold.
 */
function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function refusal(response: IncomingMessage, name: string): Promise<KubernetesError> {
  return new KubernetesError(
    name,
    response.statusCode ?? 0,
    statusBody(await readBody(response)),
    response.headers['retry-after'],
  );
}

/** A proxy in front of the API may answer in its own words. */
function statusBody(text: string): KubeStatus {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as KubeStatus;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return { message: text.slice(0, 200) };
}

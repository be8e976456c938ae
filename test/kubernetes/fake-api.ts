import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { applyPatch } from 'rfc6902';
import { collectionPath, type KubeObject, type Resource } from '../../kubernetes/resources.ts';
import { listen } from '../../lib/listen.ts';

/** What goes wrong with one request. */
export type Fault =
  | { kind: 'answer'; status: number; reason?: string; retryAfterSeconds?: number; message?: string }
  /** The connection ends before any answer. */
  | { kind: 'reset' }
  | { kind: 'slow'; ms: number }
  /** A watch breaks off after so many events; `insideEvent` leaves half of one behind. */
  | { kind: 'cut'; afterEvents: number; insideEvent: boolean }
  /** A watch is opened, and ends with an ERROR event. */
  | { kind: 'error-event'; status: number };

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

interface HistoryEntry {
  revision: number;
  collection: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
}

interface Watcher {
  collection: string;
  write(entry: HistoryEntry): void;
  bookmark(): void;
  cut(): void;
}

/**
 * Lists, watches and writes as the Kubernetes API answers them, with faults on demand. It knows no kinds and checks
 * nothing: `kube-api/` is the real thing; this one is for what a healthy server does not do.
 */
export class FakeApi {
  readonly requests: FakeRequest[] = [];
  /** Asked for each request; what it returns goes wrong. */
  fault: (request: FakeRequest) => Fault | undefined = () => undefined;
  /** Answered as they are, by path: discovery, say. */
  readonly documents = new Map<string, unknown>();
  /** Collections that answer 404. */
  readonly absent = new Set<string>();
  url = '';
  #server: Server;
  #collections = new Map<string, Map<string, KubeObject>>();
  #history: HistoryEntry[] = [];
  #snapshots = new Map<string, { revision: number; objects: KubeObject[] }>();
  #watchers = new Set<Watcher>();
  #revision = 100;
  #oldest = 0;
  #uids = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => response.destroy(error));
    });
  }

  async start(port = 0): Promise<this> {
    const taken = await listen(this.#server, { host: '127.0.0.1', port }, 'the fake API');
    this.url = `http://127.0.0.1:${taken}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster: { server: this.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'fake', user: { token: 'secret' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    });
  }

  all<T extends KubeObject>(resource: Resource<T>): T[] {
    return [...this.#collection(collectionPath(resource)).values()] as T[];
  }

  read<T extends KubeObject>(resource: Resource<T>, name: string, namespace = 'default'): T | undefined {
    return this.#collection(collectionPath(resource)).get(this.#key(resource, { namespace, name })) as
      | T
      | undefined;
  }

  /** Creates the object, or replaces it and keeps its uid. */
  put<T extends KubeObject>(resource: Resource<T>, object: T): T {
    return this.#store(collectionPath(resource), this.#key(resource, object.metadata), object) as T;
  }

  delete(resource: Resource<KubeObject>, name: string, namespace = 'default'): void {
    this.#drop(collectionPath(resource), this.#key(resource, { namespace, name }));
  }

  /** Forgets the history: older resourceVersions and open continue tokens are answered 410. */
  compact(): void {
    this.#oldest = this.#revision;
    this.#history = [];
    this.#snapshots.clear();
  }

  /** A backup of everything; calling what is returned brings it back, as a restored etcd does. */
  backup(): () => void {
    const [collections, history, revision] = structuredClone([
      this.#collections,
      this.#history,
      this.#revision,
    ] as const);
    return () => {
      this.#collections = collections;
      this.#history = history;
      this.#revision = revision;
    };
  }

  bookmark(): void {
    for (const watcher of this.#watchers) watcher.bookmark();
  }

  cutWatches(): void {
    for (const watcher of [...this.#watchers]) watcher.cut();
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url!, this.url);
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const request = { method: incoming.method!, path: url.pathname, query: url.searchParams, body };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault?.kind === 'reset') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'answer') return refuse(response, fault.status, fault);
    if (this.documents.has(url.pathname)) {
      answer(response, 200, this.documents.get(url.pathname));
      return;
    }
    const route = parsePath(url.pathname);
    if (!route || this.absent.has(route.collection)) return refuse(response, 404, { reason: 'NotFound' });
    if (request.method === 'GET' && route.key === undefined && request.query.has('watch')) {
      this.#watch(request, route.collection, fault, response);
      return;
    }
    const { status, body: answered } = this.#answer(request, route, incoming.headers['content-type']);
    answer(response, status, answered);
  }

  #answer(request: FakeRequest, route: Route, contentType: string | undefined): Reply {
    if (request.method !== 'GET') return this.#write(request, route, contentType);
    if (route.key === undefined) return this.#list(request, route.collection);
    const object = this.#collection(route.collection).get(route.key);
    return object ? { status: 200, body: object } : refusal(404, { reason: 'NotFound' });
  }

  #list({ query }: FakeRequest, collection: string): Reply {
    const [token, offset] = (query.get('continue') ?? '').split(':');
    const known = token ? this.#snapshots.get(token) : undefined;
    if (token && !known) return refusal(410, { reason: 'Expired' });
    const objects = [...this.#collection(collection).values()];
    const snapshot = known ?? { revision: this.#revision, objects };
    const from = Number(offset ?? 0);
    const to = from + Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    let next: string | undefined;
    if (to < snapshot.objects.length) {
      const id = token || `${this.#snapshots.size}-${this.#revision}`;
      this.#snapshots.set(id, snapshot);
      next = `${id}:${to}`;
    }
    // As in Kubernetes: a list's items name no kind of their own.
    const items = snapshot.objects
      .slice(from, to)
      .map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item);
    const metadata = { resourceVersion: String(snapshot.revision), continue: next };
    return { status: 200, body: { metadata, items } };
  }

  #watch(
    { query }: FakeRequest,
    collection: string,
    fault: Fault | undefined,
    response: ServerResponse,
  ): void {
    const from = Number(query.get('resourceVersion'));
    if (from < this.#oldest) {
      refuse(response, 410, { reason: 'Expired', message: 'too old resource version' });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (fault?.kind === 'error-event') {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { code: fault.status, reason: 'Injected' } })}\n`,
      );
      return;
    }
    let left = fault?.kind === 'cut' ? fault.afterEvents : Number.POSITIVE_INFINITY;
    const watcher: Watcher = {
      collection,
      write: (entry) => {
        const line = `${JSON.stringify({ type: entry.type, object: entry.object })}\n`;
        if (left-- > 0) {
          response.write(line);
          return;
        }
        if (fault?.kind === 'cut' && fault.insideEvent) response.write(line.slice(0, line.length / 2));
        watcher.cut();
      },
      bookmark: () => {
        const object = { metadata: { resourceVersion: String(this.#revision) } };
        response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
      },
      cut: () => {
        this.#watchers.delete(watcher);
        // What was written before still goes out: a cut loses the end of a stream, not its middle.
        response.write('', () => response.destroy());
      },
    };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
    for (const entry of this.#history) {
      if (entry.collection === collection && entry.revision > from && this.#watchers.has(watcher))
        watcher.write(entry);
    }
  }

  #write({ method, body }: FakeRequest, route: Route, contentType: string | undefined): Reply {
    const sent = body ? JSON.parse(body) : undefined;
    const key = route.key ?? `${route.namespace}/${sent.metadata.name}`;
    const current = this.#collection(route.collection).get(key);
    if (method === 'POST') {
      if (current) return refusal(409, { reason: 'AlreadyExists' });
      const namespace = route.namespace || undefined;
      const object = { ...sent, metadata: { ...sent.metadata, namespace } };
      return { status: 201, body: this.#store(route.collection, key, object) };
    }
    if (!current) return refusal(404, { reason: 'NotFound' });
    if (method === 'DELETE') {
      this.#drop(route.collection, key);
      return { status: 200, body: { kind: 'Status', status: 'Success' } };
    }
    let object = sent;
    if (contentType === 'application/merge-patch+json') object = mergePatch(current, sent);
    if (contentType === 'application/json-patch+json') {
      object = structuredClone(current);
      if (applyPatch(object, sent).some((error) => error !== null)) return refusal(422, PATCH_FAILED);
    }
    const expected = object.metadata.resourceVersion;
    if (expected !== undefined && expected !== current.metadata.resourceVersion) {
      return refusal(409, { reason: 'Conflict' });
    }
    return { status: 200, body: this.#store(route.collection, key, object) };
  }

  #store(collection: string, key: string, object: KubeObject): KubeObject {
    const previous = this.#collection(collection).get(key);
    const revision = ++this.#revision;
    const uid = previous?.metadata.uid ?? `uid-${++this.#uids}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String(revision) };
    const stored = structuredClone({ ...object, metadata });
    this.#collection(collection).set(key, stored);
    this.#tell({ revision, collection, type: previous ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  #drop(collection: string, key: string): void {
    const object = this.#collection(collection).get(key);
    if (!object) return;
    this.#collection(collection).delete(key);
    const revision = ++this.#revision;
    const metadata = { ...object.metadata, resourceVersion: String(revision) };
    this.#tell({ revision, collection, type: 'DELETED', object: { ...object, metadata } });
  }

  #tell(entry: HistoryEntry): void {
    this.#history.push(entry);
    for (const watcher of this.#watchers) if (watcher.collection === entry.collection) watcher.write(entry);
  }

  #collection(path: string): Map<string, KubeObject> {
    const known = this.#collections.get(path) ?? new Map();
    this.#collections.set(path, known);
    return known;
  }

  #key(resource: Resource<KubeObject>, { namespace, name }: { namespace?: string; name: string }): string {
    return `${resource.namespaced ? (namespace ?? 'default') : ''}/${name}`;
  }
}

interface Reply {
  status: number;
  body: unknown;
}

interface Refusal {
  reason?: string;
  message?: string;
  retryAfterSeconds?: number;
}

/** What kube-apiserver says when an operation of a JSON patch does not apply. */
const PATCH_FAILED: Refusal = {
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
};

interface Route {
  /** The path of the collection over all namespaces. */
  collection: string;
  namespace: string;
  /** `<namespace>/<name>`; undefined for a collection. */
  key: string | undefined;
}

function parsePath(path: string): Route | undefined {
  const match =
    /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/status)?$/.exec(
      path,
    );
  if (!match) return undefined;
  const [, group, namespace = '', plural, name] = match;
  return { collection: `${group}/${plural}`, namespace, key: name && `${namespace}/${name}` };
}

function mergePatch(target: unknown, patch: unknown): never {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch as never;
  const merged: Record<string, unknown> = { ...(target as object) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged as never;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, words: Refusal): void {
  const seconds = words.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
  answer(response, status, refusal(status, words).body);
}

function refusal(status: number, { reason, message = 'injected' }: Refusal): Reply {
  return { status, body: { kind: 'Status', status: 'Failure', code: status, reason, message } };
}

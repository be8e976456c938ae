import type { Readable } from 'node:stream';
import { messageOf } from '../lib/errors.ts';
import { KubernetesError, type KubeStatus, unavailable } from './kubernetes-error.ts';
import type { KubeObject } from './resources.ts';

export type WatchEvent<T extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** Carries nothing but the resourceVersion that the watch has reached. */
  | { type: 'BOOKMARK'; object: { metadata: { resourceVersion?: string } } };

/** Above what etcd takes for one object; a longer line is no Kubernetes API. */
const LINE_LIMIT = 16 * 1024 * 1024;

/**
 * A watch's body as events.
 * @throws KubernetesError for an ERROR event (410 when the resourceVersion is too old), `KUBERNETES_UNAVAILABLE` when the
 * stream breaks off. Ends without an error when the server, or `signal`, ends it.
 */
export async function* readWatch<T extends KubeObject>(
  body: Readable,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  let rest = '';
  try {
    body.setEncoding('utf8');
    for await (const chunk of body) {
      rest += chunk;
      let start = 0;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
        const line = rest.slice(start, end);
        start = end + 1;
        if (line.trim() !== '') yield parseEvent<T>(line, name);
      }
      rest = rest.slice(start);
      if (rest.length > LINE_LIMIT) throw new Error(`an event is longer than ${LINE_LIMIT} characters`);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof KubernetesError) throw error;
    throw unavailable(name, messageOf(error), error);
  }
  // A cut in the middle of an event: what came of it is not an event.
  if (rest.trim() !== '') throw unavailable(name, 'the stream broke off inside an event');
}

function parseEvent<T extends KubeObject>(line: string, name: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type?: unknown; object?: unknown };
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return event as WatchEvent<T>;
    case 'ERROR': {
      const status = (event.object ?? {}) as KubeStatus;
      throw new KubernetesError(name, status.code ?? 500, status);
    }
    default:
      throw new Error(
        `an event has the type ${JSON.stringify(event.type)}; expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR`,
      );
  }
}

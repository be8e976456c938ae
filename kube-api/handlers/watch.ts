import { every } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import type { KubeObject } from '../kube-object.ts';
import { flagOf, numberOf, type ResourceRequest } from '../request.ts';
import { apiVersionOf } from '../resources.ts';
import { type Matcher, parseFieldSelector, parseSelectors } from '../selectors.ts';
import { badRequest, groupResource, tooOldResourceVersion } from '../status.ts';
import type { ObjectEvent } from '../watch-log.ts';
import type { ApiContext } from './context.ts';
import { presented } from './presented.ts';

/** Where a watch writes to; `send` returns false when the client has fallen too far behind to go on. */
export interface WatchSink {
  send(type: WatchEventType, object: object): boolean;
  end(): void;
}

export type WatchEventType = ObjectEvent['type'] | 'BOOKMARK' | 'ERROR';

// Clients take a watch without a sign of life for dead, some of them after 30 s.
const BOOKMARK_EVERY_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30 * 60_000;
const MAX_TIMEOUT_MS = 24 * 3_600_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Streams changes into `sink` until the client goes, falls behind, or the request's time is over. State, history and
 * subscription are taken in one synchronous step: no change falls between them.
 * @throws ApiError before anything was sent.
 */
export function openWatch(
  { store, clock, registry }: ApiContext,
  request: ResourceRequest,
  sink: WatchSink,
): Close {
  const { resource, namespace, query } = request;
  const resourceName = groupResource(resource);
  const matches = watchedObjects(request);
  const from = numberOf(query, 'resourceVersion') ?? 0;
  const bookmarks = flagOf(query, 'allowWatchBookmarks');
  const sendInitialEvents = initialEventsOf(query, from);
  const seconds = numberOf(query, 'timeoutSeconds') ?? 0;
  const timeoutMs = seconds > 0 ? Math.min(seconds * 1000, MAX_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;

  const closers: Close[] = [];
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const closer of closers) closer();
    sink.end();
  };
  const send = (type: WatchEventType, object: object) => {
    if (open && !sink.send(type, object)) close();
  };
  const bookmark = (annotations?: Record<string, string>) =>
    send('BOOKMARK', {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: {
        resourceVersion: String(store.resourceVersion),
        creationTimestamp: null,
        ...(annotations ? { annotations } : {}),
      },
    });
  const deliver = (event: ObjectEvent) => {
    if (event.resource !== resourceName) return;
    if (namespace !== undefined && event.object.metadata.namespace !== namespace) return;
    const seen = seenThrough(matches, event);
    if (seen) send(seen.type, presented(resource, seen.object));
  };

  if (sendInitialEvents) {
    for (const object of store.list(resourceName, namespace))
      if (matches(object)) send('ADDED', presented(resource, object));
    if (query.get('sendInitialEvents') && bookmarks) bookmark({ [INITIAL_EVENTS_END]: 'true' });
  } else if (from > 0) {
    // A version from the future comes from a state that this server has lost: the client must list again too.
    const missed = from > store.resourceVersion ? undefined : store.eventsSince(from, resourceName);
    if (!missed) {
      send('ERROR', tooOldResourceVersion(from, store.oldestAnswerable()).status);
      close();
      return close;
    }
    for (const event of missed) deliver(event);
  }
  // Who watches a kind that is redefined or withdrawn must look at it anew.
  const redefined = registry.onChange((changed) => changed === resourceName && close());
  closers.push(store.onEvent(deliver), clock.setTimer(timeoutMs, close), redefined);
  if (bookmarks) closers.push(every(clock, BOOKMARK_EVERY_MS, () => bookmark()));
  // The client may have been refused while the closers were not there yet.
  if (!open) for (const closer of closers) closer();
  return close;
}

function watchedObjects({ query, resource, name }: ResourceRequest): Matcher {
  const selected = parseSelectors(query, resource) ?? (() => true);
  if (name === undefined) return selected;
  const named = parseFieldSelector(`metadata.name=${name}`, resource);
  return (object: KubeObject) => named(object) && selected(object);
}

/** Without a version to start from, a watch begins with everything there is. */
function initialEventsOf(query: URLSearchParams, from: number): boolean {
  if (!query.get('sendInitialEvents')) return from === 0;
  if (query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires resourceVersionMatch=NotOlderThan');
  }
  return flagOf(query, 'sendInitialEvents');
}

/** What a change is to a watch that sees only matching objects: entering is ADDED, leaving is DELETED. */
function seenThrough(
  matches: Matcher,
  { type, object, previous, resourceVersion }: ObjectEvent,
): Pick<ObjectEvent, 'type' | 'object'> | undefined {
  const before = previous !== undefined && matches(previous);
  const after = type !== 'DELETED' && matches(object);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  // The last state that the watcher could see, under the version of the change that took it away.
  const metadata = { ...previous.metadata, resourceVersion: String(resourceVersion) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}

import { isDeepStrictEqual } from 'node:util';
import type { LiveFeed, LiveRequest, NodeEventSource, PodEventSource } from '../resolvers/context.ts';
import type { KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { ObjectMeta } from '../twin/device-object.ts';
import type { LiveEvent } from './live/live-event.ts';
import { createLiveSet } from './live/live-set.ts';

/** The live set behind a subscription of Kubernetes objects, in the cloud and at the edge. */
export interface ObjectFeed<T, E> extends LiveFeed<LiveRequest<T>, E> {
  /** The object as it is now; the same again is no change. */
  put(object: T): void;
  remove(ref: { namespace?: string; name: string }): void;
}

export const createNodeFeed = (epoch: string): ObjectFeed<KubeNode, NodeEventSource> =>
  createObjectFeed(epoch, nodeEventOf);

export const createPodFeed = (epoch: string): ObjectFeed<KubePod, PodEventSource> =>
  createObjectFeed(epoch, podEventOf);

function createObjectFeed<T extends { metadata: ObjectMeta }, E extends object>(
  epoch: string,
  present: (event: LiveEvent<T>) => E,
): ObjectFeed<T, E> {
  const set = createLiveSet<T, E>({ epoch, present });
  return {
    put(object) {
      const key = keyOf(object.metadata);
      const known = set.get(key);
      if (isDeepStrictEqual(known, object)) return;
      // Created again under the same name: another object.
      if (known && known.metadata.uid !== object.metadata.uid) set.remove(key);
      set.put(key, object);
    },
    remove: (ref) => set.remove(keyOf(ref)),
    subscribe: (request) => set.subscribe(request),
  };
}

const keyOf = ({ namespace = '', name }: { namespace?: string; name: string }) => `${namespace}/${name}`;

function nodeEventOf(event: LiveEvent<KubeNode>): NodeEventSource {
  if (!('value' in event)) return event;
  const { kind, cursor, value } = event;
  return { kind, cursor, name: value.metadata.name, node: isGone(event) ? undefined : value };
}

function podEventOf(event: LiveEvent<KubePod>): PodEventSource {
  if (!('value' in event)) return event;
  const { kind, cursor, value } = event;
  const { namespace = 'default', name } = value.metadata;
  return { kind, cursor, namespace, name, pod: isGone(event) ? undefined : value };
}

const isGone = (event: LiveEvent<unknown>): boolean => event.kind === 'LEFT' && event.isGone;

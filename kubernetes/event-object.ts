import { createHash } from 'node:crypto';
import { type KubeEvent, type KubeInvolvedObject, lastSeenAt } from '../twin/cluster-object.ts';
import type { DeviceObject } from '../twin/device-object.ts';
import type { DeviceProblem } from '../twin/device-problem.ts';
import type { ObjectCache } from './object-cache.ts';
import type { KubeObject } from './resources.ts';

/** Who says so, in `kubectl describe`. */
const COMPONENT = 'octograph-gateway';

/** A name of 253 characters, less the dot and the hash behind it. */
const NAME_LIMIT = 236;

/** Where an Event stands in the index of a cache by involved object. */
export function involvedOf({ involvedObject }: KubeEvent): string | undefined {
  const { kind, namespace = '', name } = involvedObject ?? {};
  return kind && name ? `${kind}/${namespace}/${name}` : undefined;
}

/** The Events about this very object, the last one first; not those about another one that had its name before. */
export function eventsOf(events: ObjectCache<KubeEvent>, { kind = '', metadata }: KubeObject): KubeEvent[] {
  const { namespace = '', name, uid } = metadata;
  // Kubelets write their Node's name in place of its uid.
  const isAbout = ({ involvedObject }: KubeEvent) =>
    !involvedObject.uid || involvedObject.uid === uid || kind === 'Node';
  const about = [...events.byInvolved(kind, namespace, name)].filter(isAbout);
  return about.sort((a, b) => lastSeenAt(b) - lastSeenAt(a));
}

/** The same problem of the same device has the same name: it is told again by a count, and by no second Event. */
export function eventName({ metadata }: DeviceObject, { reason, message }: DeviceProblem): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([metadata.uid, reason, message]))
    .digest('hex');
  return `${metadata.name.slice(0, NAME_LIMIT)}.${hash.slice(0, 16)}`;
}

/** `now` is the wall clock in RFC 3339. */
export function newEvent(device: DeviceObject, problem: DeviceProblem, now: string): KubeEvent {
  const { namespace, name, uid, resourceVersion } = device.metadata;
  const { apiVersion, kind } = device;
  const involvedObject: KubeInvolvedObject = { apiVersion, kind, namespace, name, uid, resourceVersion };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName(device, problem), namespace },
    involvedObject,
    type: 'Warning',
    ...problem,
    count: 1,
    firstTimestamp: wholeSeconds(now),
    lastTimestamp: wholeSeconds(now),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: '',
  };
}

/** The merge patch that tells it once more. */
export const repeatEvent = ({ count = 1 }: KubeEvent, now: string) => ({
  count: count + 1,
  lastTimestamp: wholeSeconds(now),
});

/** As Kubernetes keeps them. */
const wholeSeconds = (iso: string) => iso.replace(/\.\d+Z$/, 'Z');

import { OctographError } from '../lib/errors.ts';
import type { KubeConfigMap, KubeEvent, KubeNamespace, KubeNode, KubePod } from '../twin/cluster-object.ts';
import type {
  DeviceModelObject,
  DeviceObject,
  DeviceStatusObject,
  ObjectMeta,
} from '../twin/device-object.ts';

/** What every Kubernetes object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** A kind, and where the API serves it. `T` is the shape of its objects. */
export interface Resource<T extends KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** What it means that a cluster is without it, though it serves the others of its group. */
  readonly without?: string;
  /** Carries the type only. */
  readonly object?: T;
}

/** Source: k8s.io/api/coordination/v1. */
export interface LeaseObject extends KubeObject {
  spec?: {
    /** Empty: nobody holds it. */
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds. */
    acquireTime?: string;
    /** RFC 3339 with microseconds. */
    renewTime?: string;
    /** How often it went from one holder to another. */
    leaseTransitions?: number;
  };
}

const DEVICES = 'devices.kubeedge.io/v1beta1';

export const NODES = core<KubeNode>('Node', 'nodes', false);
export const PODS = core<KubePod>('Pod', 'pods', true);
export const CONFIG_MAPS = core<KubeConfigMap>('ConfigMap', 'configmaps', true);
export const EVENTS = core<KubeEvent>('Event', 'events', true);
export const NAMESPACES = core<KubeNamespace>('Namespace', 'namespaces', false);
export const DEVICE_OBJECTS = device<DeviceObject>('Device', 'devices');
export const DEVICE_MODELS = device<DeviceModelObject>('DeviceModel', 'devicemodels');
export const DEVICE_STATUSES: Resource<DeviceStatusObject> = {
  ...device<DeviceStatusObject>('DeviceStatus', 'devicestatuses'),
  without: 'KubeEdge has it since 1.23: reported values are read from device.status, and none are written',
};
export const LEASES: Resource<LeaseObject> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/**
 * Where all objects of a kind are listed and watched, or those of one namespace.
 * @throws OctographError `KUBERNETES_INVALID` where the namespace can be none
 */
export function collectionPath(resource: Resource<KubeObject>, namespace?: string): string {
  const scope = namespace === undefined ? '' : `/namespaces/${segmentOf('Namespace', namespace)}`;
  return `${groupPath(resource)}${scope}/${resource.plural}`;
}

/**
 * Where one object is read and written; `namespace` is left out for kinds without one.
 * @throws OctographError `KUBERNETES_INVALID` where the namespace or the name can be none
 */
export function objectPath(
  resource: Resource<KubeObject>,
  { namespace, name }: { namespace?: string; name: string },
  subresource?: 'status',
): string {
  const collection = collectionPath(resource, resource.namespaced ? (namespace ?? 'default') : undefined);
  return `${collection}/${segmentOf(resource.kind, name)}${subresource ? `/${subresource}` : ''}`;
}

/**
 * Without a name the path would be the collection's, and a DELETE of it one of all that is in it; `..` leads further up.
 * Source: k8s.io/apimachinery/pkg/api/validation/path IsValidPathSegmentName.
 */
function segmentOf(kind: string, name: string): string {
  if (name !== '' && name !== '.' && name !== '..') return encodeURIComponent(name);
  throw new OctographError(
    'KUBERNETES_INVALID',
    `the name of a ${kind} is ${JSON.stringify(name)}: expected one`,
  );
}

function groupPath({ apiVersion }: Resource<KubeObject>): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function core<T extends KubeObject>(kind: string, plural: string, namespaced: boolean): Resource<T> {
  return { apiVersion: 'v1', kind, plural, namespaced };
}

function device<T extends KubeObject>(kind: string, plural: string): Resource<T> {
  return { apiVersion: DEVICES, kind, plural, namespaced: true };
}

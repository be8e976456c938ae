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

/** Where all objects of a kind are listed and watched, or those of one namespace. */
export function collectionPath(resource: Resource<KubeObject>, namespace?: string): string {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${groupPath(resource)}${scope}/${resource.plural}`;
}

/** Where one object is read and written; `namespace` is left out for kinds without one. */
export function objectPath(
  resource: Resource<KubeObject>,
  { namespace, name }: { namespace?: string; name: string },
  subresource?: 'status',
): string {
  const collection = collectionPath(resource, resource.namespaced ? (namespace ?? 'default') : undefined);
  return `${collection}/${encodeURIComponent(name)}${subresource ? `/${subresource}` : ''}`;
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

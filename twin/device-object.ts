/**
 * The KubeEdge objects as they stand in Kubernetes: `devices.kubeedge.io/v1beta1`, only the fields that we read or write.
 * Source: kubeedge staging/src/github.com/kubeedge/api/apis/devices/v1beta1.
 */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

/** KubeEdge carries every value as text; the DeviceModel gives its type. */
export interface TwinProperty {
  value: string;
  metadata?: Record<string, string>;
}

export interface VisitorConfig {
  protocolName: string;
  configData?: Record<string, unknown>;
}

export interface DevicePropertyObject {
  name: string;
  desired?: TwinProperty;
  visitors?: VisitorConfig;
  /** Milliseconds; 0 or absent means 1000. */
  reportCycle?: number;
  /** Milliseconds; 0 or absent means 1000. */
  collectCycle?: number;
  reportToCloud?: boolean;
}

export interface DeviceObject {
  apiVersion: 'devices.kubeedge.io/v1beta1';
  kind: 'Device';
  metadata: ObjectMeta;
  spec: {
    deviceModelRef?: { name: string };
    nodeName?: string;
    properties?: DevicePropertyObject[];
    protocol?: VisitorConfig;
    methods?: Array<{ name: string; description?: string; propertyNames?: string[] }>;
  };
  status?: { twins?: ReportedTwin[]; state?: string; lastOnlineTime?: string };
}

export interface ModelPropertyObject {
  name: string;
  description?: string;
  type?: string;
  accessMode?: string;
  minimum?: string;
  maximum?: string;
  unit?: string;
  visitors?: VisitorConfig;
}

export interface DeviceModelObject {
  apiVersion: 'devices.kubeedge.io/v1beta1';
  kind: 'DeviceModel';
  metadata: ObjectMeta;
  spec: {
    protocol?: string;
    protocolConfigData?: Record<string, unknown>;
    properties?: ModelPropertyObject[];
  };
}

export interface ReportedTwin {
  propertyName: string;
  reported?: TwinProperty;
  observedDesired?: TwinProperty;
}

export interface DeviceStatusObject {
  apiVersion: 'devices.kubeedge.io/v1beta1';
  kind: 'DeviceStatus';
  metadata: ObjectMeta;
  spec?: Record<string, never>;
  status?: {
    twins?: ReportedTwin[];
    state?: string;
    lastOnlineTime?: string;
    extensions?: Record<string, unknown>;
  };
}

/** `<namespace>/<name>`, KubeEdge's device id since 1.17. */
export type DeviceId = string;

export const deviceId = (namespace: string, name: string): DeviceId => `${namespace}/${name}`;

/** Only for ids of ours: what a peer says may have no slash. */
export const splitId = (id: DeviceId) => id.split('/') as [namespace: string, name: string];

export const idOf = (object: { metadata: ObjectMeta }): DeviceId =>
  deviceId(object.metadata.namespace ?? 'default', object.metadata.name);

import type { ObjectMeta } from './device-object.ts';

/** Kubernetes core objects as we show and write them: only the fields that we read or write. Source: k8s.io/api/core/v1. */
export interface KubeNode {
  apiVersion: 'v1';
  kind: 'Node';
  metadata: ObjectMeta;
  spec?: {
    unschedulable?: boolean;
    taints?: KubeTaint[];
    podCIDR?: string;
    providerID?: string;
  };
  status?: {
    conditions?: KubeNodeCondition[];
    addresses?: KubeNodeAddress[];
    /** Quantities as Kubernetes writes them: `4`, `500m`, `16Gi`. */
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    nodeInfo?: KubeNodeInfo;
  };
}

export interface KubeTaint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

/** What a node's and a pod's conditions have in common. */
export interface KubeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface KubeNodeCondition extends KubeCondition {
  lastHeartbeatTime?: string;
}

export interface KubeNodeAddress {
  /** `Hostname`, `InternalIP`, `ExternalIP`, `InternalDNS` or `ExternalDNS`. */
  type: string;
  address: string;
}

/** All of it is text, and required by the API where `nodeInfo` is given at all; unknown fields are empty. */
export interface KubeNodeInfo {
  architecture: string;
  bootID: string;
  containerRuntimeVersion: string;
  kernelVersion: string;
  kubeProxyVersion: string;
  kubeletVersion: string;
  machineID: string;
  operatingSystem: string;
  osImage: string;
  systemUUID: string;
}

export interface KubePod {
  apiVersion: 'v1';
  kind: 'Pod';
  metadata: ObjectMeta;
  spec: {
    /** Absent until the pod is bound. */
    nodeName?: string;
    containers: KubeContainer[];
    initContainers?: KubeContainer[];
    ephemeralContainers?: KubeContainer[];
    volumes?: KubePodVolume[];
  };
  status?: {
    /** Pending, Running, Succeeded, Failed or Unknown. */
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: KubeCondition[];
    containerStatuses?: KubeContainerStatus[];
    startTime?: string;
  };
}

export interface KubeContainer {
  name: string;
  image?: string;
  envFrom?: Array<{ configMapRef?: KubeConfigMapRef }>;
  env?: Array<{ name: string; valueFrom?: { configMapKeyRef?: KubeConfigMapRef } }>;
}

/** A volume, as far as config maps come in it; those of other kinds have neither field. */
export interface KubePodVolume {
  name: string;
  configMap?: KubeConfigMapRef;
  projected?: { sources?: Array<{ configMap?: KubeConfigMapRef }> };
}

/** A config map of the pod's own namespace. */
export interface KubeConfigMapRef {
  name?: string;
  optional?: boolean;
}

export interface KubeConfigMap {
  apiVersion: 'v1';
  kind: 'ConfigMap';
  metadata: ObjectMeta;
  /** Kubernetes keeps at most 1 MiB of both together. */
  data?: Record<string, string>;
  /** Base64. */
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

export interface KubeContainerStatus {
  name: string;
  image: string;
  ready: boolean;
  restartCount: number;
  /** At most one of the three is present; none means waiting. */
  state?: KubeContainerState;
}

export interface KubeContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: {
    exitCode: number;
    reason?: string;
    message?: string;
    startedAt?: string;
    finishedAt?: string;
  };
}

export interface KubeNamespace {
  apiVersion: 'v1';
  kind: 'Namespace';
  metadata: ObjectMeta;
  /** `phase` is Active or Terminating. */
  status?: { phase?: string };
}

/** `core/v1` Event: something that happened to `involvedObject`, told once per reason with a count. */
export interface KubeEvent {
  apiVersion: 'v1';
  kind: 'Event';
  metadata: ObjectMeta;
  /** A Node's `uid` is its name where a kubelet wrote it. */
  involvedObject: KubeInvolvedObject;
  /** `Normal` or `Warning`. */
  type?: string;
  /** For programs: `ModelNotFound`. */
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  /** Newer writers give this one in place of the two before. */
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  reportingInstance?: string;
}

export interface KubeInvolvedObject {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

/** When an Event last happened: wall clock, milliseconds; 0 where it does not say. */
export function lastSeenAt({ series, lastTimestamp, eventTime, metadata }: KubeEvent): number {
  const text = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return Date.parse(text ?? '') || 0;
}

import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeConfigMap, KubeEvent, KubeNamespace, KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../twin/device-object.ts';
import { createKubeClient, type KubeClient } from './client.ts';
import { ConfigMapKeeper } from './config-map-keeper.ts';
import { involvedOf } from './event-object.ts';
import { type Freshness, type Informer, type InformerStatus, startInformer } from './informer.ts';
import { type KubeConfigSource, loadKubeConfig } from './kube-config.ts';
import { ObjectCache } from './object-cache.ts';
import {
  CONFIG_MAPS,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  EVENTS,
  type KubeObject,
  NAMESPACES,
  NODES,
  PODS,
  type Resource,
} from './resources.ts';

export interface ClusterOptions {
  source: KubeConfigSource;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/** One Kubernetes cluster: a client for writes, and for reads a cache per kind that follows it. */
export interface Cluster extends Closable {
  readonly client: KubeClient;
  readonly nodes: ObjectCache<KubeNode>;
  readonly pods: ObjectCache<KubePod>;
  readonly namespaces: ObjectCache<KubeNamespace>;
  readonly devices: ObjectCache<DeviceObject>;
  readonly deviceModels: ObjectCache<DeviceModelObject>;
  readonly deviceStatuses: ObjectCache<DeviceStatusObject>;
  readonly events: ObjectCache<KubeEvent>;
  /** Those that bound pods name. */
  readonly configMaps: Pick<ObjectCache<KubeConfigMap>, 'get' | 'onChange' | 'synced'>;
  /** One line per kind, for `/readyz?verbose`. */
  ready(): InformerStatus[];
  /** Of the kind that is furthest behind. */
  freshness(): Freshness;
}

/**
 * Starts to follow the cluster; the API server need not answer yet. A cache is `synced` when it holds one whole list, and
 * never for a kind that the cluster lacks: an empty cache that is not synced says nothing about the cluster.
 * @throws OctographError `KUBERNETES_CONFIG`
 */
export function startCluster({ source, clock, random, logger }: ClusterOptions): Cluster {
  const client = createKubeClient({ config: loadKubeConfig(source), clock });
  const open = new Disposables();
  open.add(() => client.close());
  const informers: Informer[] = [];
  const announced = new Set<string>();

  function follow<T extends KubeObject>(
    resource: Resource<T>,
    cache: ObjectCache<T>,
    keep?: (object: T) => T,
  ): ObjectCache<T> {
    informers.push(
      open.use(startInformer({ client, resource, cache, keep, clock, random, logger, announced })),
    );
    return cache;
  }

  function followConfigMaps(): ConfigMapKeeper {
    const cache = new ObjectCache<KubeConfigMap>();
    const keeper = open.use(new ConfigMapKeeper({ client, pods, cache, clock, random, logger }));
    follow(CONFIG_MAPS, cache, (object) => keeper.keep(object));
    return keeper;
  }

  const nodes = follow(NODES, new ObjectCache());
  const pods = follow(PODS, new ObjectCache({ nodeOf: (pod) => pod.spec.nodeName }));
  return {
    client,
    nodes,
    pods,
    configMaps: followConfigMaps(),
    namespaces: follow(NAMESPACES, new ObjectCache()),
    devices: follow(DEVICE_OBJECTS, new ObjectCache({ nodeOf: (device) => device.spec.nodeName, modelOf })),
    deviceModels: follow(DEVICE_MODELS, new ObjectCache()),
    deviceStatuses: follow(DEVICE_STATUSES, new ObjectCache()),
    events: follow(EVENTS, new ObjectCache({ involvedOf })),
    ready: () => informers.map((informer) => informer.status()),
    freshness: () => stalest(informers.map((informer) => informer.freshness()))!,
    close: () => open.close(),
  };
}

/** One that never was current is behind all others. */
const stalest = (all: readonly Freshness[]) =>
  all.toSorted((a, b) => Number(a.current) - Number(b.current) || (a.asOf ?? 0) - (b.asOf ?? 0))[0];

/** A device's model is looked for in the device's own namespace. */
function modelOf({ metadata, spec }: DeviceObject): string | undefined {
  return spec.deviceModelRef && `${metadata.namespace ?? ''}/${spec.deviceModelRef.name}`;
}

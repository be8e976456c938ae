import { LiveDevices } from '../gateway/device-feed.ts';
import { type FreshnessWatch, startFreshnessWatch } from '../gateway/freshness-watch.ts';
import { createNodeFeed, createPodFeed, type ObjectFeed } from '../gateway/object-feed.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { ObjectCache } from '../kubernetes/object-cache.ts';
import type { KubeObject } from '../kubernetes/resources.ts';
import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import type { LiveFeeds } from '../resolvers/context.ts';
import { keyOf } from '../resolvers/device.ts';
import { type DeviceId, type DeviceObject, idOf, splitId } from '../twin/device-object.ts';
import type { DeviceStateInfo } from '../twin/twin.ts';
import type { TwinView } from '../twin/view.ts';
import type { CloudTwins } from './twin-reader.ts';

export interface CloudLiveSetsOptions {
  cluster: Pick<Cluster, 'nodes' | 'pods' | 'devices'>;
  twins: CloudTwins;
  createId(prefix: string): string;
  clock: Clock;
}

/** What the cloud's subscribers follow: nodes and pods of the cluster, devices and their twins, and that these go stale. */
export class CloudLiveSets implements Closable {
  readonly #twins: CloudTwins;
  readonly #devices: LiveDevices;
  readonly #nodes: ReturnType<typeof createNodeFeed>;
  readonly #pods: ReturnType<typeof createPodFeed>;
  readonly #freshness: FreshnessWatch;
  readonly #open = new Disposables();

  constructor({ cluster, twins, createId, clock }: CloudLiveSetsOptions) {
    this.#twins = twins;
    this.#devices = new LiveDevices({
      epoch: createId('log'),
      clock,
      sourceOf: twins.sourceOf.bind(twins),
    });
    this.#freshness = this.#open.use(
      startFreshnessWatch({
        known(id) {
          const [namespace, name] = splitId(id);
          const device = cluster.devices.get(namespace, name);
          return device && twins.known(keyOf(device));
        },
        publish: (id, fresh) => this.#devices.putFresh(id, fresh),
        clock,
      }),
    );
    this.#nodes = createNodeFeed(createId('log'));
    this.#pods = createPodFeed(createId('log'));
    this.#follow(cluster.nodes, this.#nodes);
    this.#follow(cluster.pods, this.#pods);
  }

  get feeds(): LiveFeeds {
    const { devices, twins } = this.#devices;
    return { nodes: this.#nodes, pods: this.#pods, devices, twins };
  }

  /** The device as it stands now, with all its twins. */
  put(device: DeviceObject): void {
    this.#devices.put(this.#twins.version(device));
    this.#freshness.look(idOf(device));
  }

  /** One property said something, or is wanted otherwise; `view` is absent where its model lacks it. */
  putTwin(id: DeviceId, property: string, view: TwinView | undefined): void {
    if (view) this.#devices.putTwin(id, view);
    this.#freshness.reported(id, property);
  }

  putState(state: DeviceStateInfo): void {
    this.#devices.putState(state.device, state);
    this.#freshness.look(state.device);
  }

  /** Its properties were collected at `aliveAt` (wall clock, milliseconds). */
  collected(id: DeviceId, aliveAt: number | undefined): void {
    this.#freshness.heard(id, aliveAt);
  }

  remove(id: DeviceId): void {
    this.#devices.remove(id);
    this.#freshness.forget(id);
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  #follow<T extends KubeObject>(cache: ObjectCache<T>, live: ObjectFeed<T, object>): void {
    this.#open.add(
      cache.onChange(({ kind, object }) => {
        if (kind === 'deleted') live.remove(object.metadata);
        else live.put(object);
      }),
    );
  }
}

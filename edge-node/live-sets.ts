import { LiveDevices } from '../gateway/device-feed.ts';
import { type FreshnessWatch, startFreshnessWatch } from '../gateway/freshness-watch.ts';
import { createNodeFeed, createPodFeed } from '../gateway/object-feed.ts';
import type { Clock } from '../lib/clock.ts';
import type { LiveFeeds } from '../resolvers/context.ts';
import { type DeviceObject, deviceId, idOf, splitId } from '../twin/device-object.ts';
import type { ObjectRef } from '../twin/node-object.ts';
import type { Twin } from '../twin/twin.ts';
import { viewFromEdge } from '../twin/view.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { EdgeTwinReader } from './twin-reader.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface EdgeLiveSetsOptions {
  nodeName: string;
  registry: TwinRegistry;
  metadata: MetadataCache;
  twins: EdgeTwinReader;
  createId(prefix: string): string;
  clock: Clock;
}

/** Changes kept for subscribers who resume. Who comes later than that gets a snapshot. */
const RESUMABLE_CHANGES = 2_000;

/** What this node's subscribers follow: its node, pods and devices, their twins, and that these go stale. */
export class EdgeLiveSets {
  readonly #registry: TwinRegistry;
  readonly #metadata: MetadataCache;
  readonly #twins: EdgeTwinReader;
  readonly #devices: LiveDevices;
  readonly #nodes: ReturnType<typeof createNodeFeed>;
  readonly #pods: ReturnType<typeof createPodFeed>;
  readonly #freshness: FreshnessWatch;

  constructor({ nodeName, registry, metadata, twins, createId, clock }: EdgeLiveSetsOptions) {
    this.#registry = registry;
    this.#metadata = metadata;
    this.#twins = twins;
    this.#devices = new LiveDevices({
      epoch: createId('log'),
      limit: RESUMABLE_CHANGES,
      clock,
      sourceOf: (device, view) => twins.sourceOf(device, view, 'EDGE'),
    });
    this.#nodes = createNodeFeed(createId('log'));
    this.#pods = createPodFeed(createId('log'));
    this.#freshness = startFreshnessWatch({
      known(id) {
        const [namespace, name] = splitId(id);
        return twins.known({ namespace, name, nodeName });
      },
      publish: (id, fresh) => this.#devices.putFresh(id, fresh),
      clock,
    });
  }

  get feeds(): LiveFeeds {
    const { devices, twins } = this.#devices;
    return { nodes: this.#nodes, pods: this.#pods, devices, twins };
  }

  /**
   * Devices that are new or other ones, and what is gone; nodes and pods, of which there are few, as they stand. What waited for its commit
   * was committed before: older values would follow it.
   */
  adopt(devices: readonly DeviceObject[], gone: readonly ObjectRef[]): void {
    for (const ref of gone) this.#forget(ref);
    for (const device of devices) {
      this.#devices.put(this.#twins.version(device));
      this.#freshness.look(idOf(device));
    }
    for (const node of this.#metadata.nodes()) this.#nodes.put(node);
    for (const pod of this.#metadata.pods()) this.#pods.put(pod);
  }

  committed(updates: readonly Twin[]): void {
    for (const twin of updates) {
      const property = this.#registry.device(twin.device)?.properties.get(twin.property);
      if (property) this.#devices.putTwin(twin.device, viewFromEdge(property, twin));
      this.#freshness.reported(twin.device, twin.property);
    }
  }

  /** @param isOther the state itself is another, and not only the time when the device was heard */
  stateChanged(device: string, isOther: boolean): void {
    const state = this.#registry.state(device);
    this.#devices.putState(device, state ?? { state: 'unknown' });
    if (isOther) this.#freshness.look(device);
    else this.#freshness.heard(device, state?.aliveAt);
  }

  close(): void | Promise<void> {
    return this.#freshness.close();
  }

  #forget(ref: ObjectRef): void {
    if (ref.kind === 'Node') this.#nodes.remove(ref);
    if (ref.kind === 'Pod') this.#pods.remove(ref);
    if (ref.kind !== 'Device') return;
    const id = deviceId(ref.namespace, ref.name);
    this.#devices.remove(id);
    this.#freshness.forget(id);
  }
}

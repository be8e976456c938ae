import type { Cluster } from '../../kubernetes/cluster.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import type { KubeNode, KubePod } from '../../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import type { ApiEvent, ApiObject, ApiServer } from './api-server.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface InformersOptions {
  api: ApiServer;
  process: Process;
  timeline: Timeline;
  random: Random;
}

/** The caches of one cloud process, behind the API server by some time; those of two kinds by different times. */
export class Informers {
  readonly nodes = new ObjectCache<KubeNode>();
  readonly pods = new ObjectCache<KubePod>({ nodeOf: ({ spec }) => spec.nodeName });
  readonly devices = new ObjectCache<DeviceObject>({
    nodeOf: ({ spec }) => spec.nodeName,
    modelOf: ({ metadata, spec }) => `${metadata.namespace}/${spec.deviceModelRef?.name}`,
  });
  readonly deviceModels = new ObjectCache<DeviceModelObject>();
  readonly events = new ObjectCache();
  readonly configMaps = new ObjectCache();
  readonly #watches: Array<Watch<DeviceObject> | Watch<DeviceModelObject>>;

  constructor(options: InformersOptions) {
    for (const cache of [this.nodes, this.pods, this.configMaps]) cache.beginList().end();
    this.#watches = [
      new Watch('DeviceModel', this.deviceModels, options),
      new Watch('Device', this.devices, options),
    ];
  }

  get asCluster(): Cluster {
    return this as unknown as Cluster;
  }

  /** The watches break, and are behind until they have listed anew. */
  stall(ms: number): void {
    for (const watch of this.#watches) watch.stall(ms);
  }
}

class Watch<T extends ApiObject> {
  readonly #kind: T['kind'];
  readonly #cache: ObjectCache<T>;
  readonly #options: InformersOptions;
  #unfollow: () => void = () => {};
  #arrivesAt = 0;
  /** Grows with each list: what an older watch brings late is not heard. */
  #generation = 0;

  constructor(kind: T['kind'], cache: ObjectCache<T>, options: InformersOptions) {
    this.#kind = kind;
    this.#cache = cache;
    this.#options = options;
    this.#list();
  }

  stall(ms: number): void {
    this.#unfollow();
    this.#generation++;
    this.#options.timeline.after(ms, () => this.#list());
  }

  #list(): void {
    const { api } = this.#options;
    this.#unfollow();
    this.#generation++;
    const objects = api.list(this.#kind) as unknown as T[];
    this.#later(() => {
      const list = this.#cache.beginList();
      list.page(objects);
      list.end();
    });
    this.#unfollow = api.onChange((event) => {
      if (event.object.kind === this.#kind) this.#later(() => this.#take(event));
    });
  }

  #take({ type, object }: ApiEvent): void {
    if (type === 'put') this.#cache.put(object as T);
    else this.#cache.remove(object.metadata.uid as string);
  }

  #later(run: () => void): void {
    const { timeline, random, process } = this.#options;
    const generation = this.#generation;
    this.#arrivesAt = Math.max(this.#arrivesAt, timeline.now + random.int(1, random.chance(0.9) ? 30 : 1500));
    timeline.after(this.#arrivesAt - timeline.now, () => {
      if (generation === this.#generation && process.passes()) run();
    });
  }
}

import type { Clock } from '../lib/clock.ts';
import { Deadline } from '../lib/deadline.ts';
import type { Close } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import type {
  DeviceKey,
  DeviceStateSource,
  DeviceVersion,
  ReadMode,
  TwinReader,
  TwinSource,
} from '../resolvers/context.ts';
import { keyOf, selectProperties } from '../resolvers/device.ts';
import { type DeviceObject, deviceId, idOf } from '../twin/device-object.ts';
import { type Freshness, type FreshnessSource, freshnessOf } from '../twin/freshness.ts';
import type { PropertyModel } from '../twin/model.ts';
import { TwinViews } from '../twin/twin-views.ts';
import { type TwinView, viewFromEdge, withheld } from '../twin/view.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TwinRegistry } from './twin-registry.ts';

/** What a DEVICE read needs of the mapper host. Its readings reach the registry before it resolves. */
export interface DeviceReader {
  read(device: string, properties: string[], deadlineMs: number): Promise<unknown>;
}

export interface LinkFacts {
  up: boolean;
  /** Wall clock, milliseconds. */
  since: number;
}

export interface EdgeTwinReaderOptions {
  registry: TwinRegistry;
  metadata: MetadataCache;
  devices: DeviceReader;
  link: () => LinkFacts;
  clock: Clock;
  /** Resolves when what was read is on disk: only that may leave the node. @default nothing to wait for */
  settled?: () => Promise<void>;
  /** Until when whoever asked waits. @default as long as a read may take */
  deadline?: Deadline;
  /** [T24] The reader is not on this node: what is local only is withheld. @default false */
  isOutside?: boolean;
}

/** Milliseconds that a DEVICE read may take. */
const DEVICE_READ_MS = 5000;

/** Twins from this node's own store; the link has no say in them. */
export class EdgeTwinReader implements TwinReader {
  readonly #options: EdgeTwinReaderOptions;

  constructor(options: EdgeTwinReaderOptions) {
    this.#options = options;
  }

  /** The same for one operation, which has so many milliseconds left; undefined: as many as a read may take. */
  within(ms: number | undefined): EdgeTwinReader {
    if (ms === undefined) return this;
    return new EdgeTwinReader({ ...this.#options, deadline: new Deadline(this.#options.clock, ms) });
  }

  known(device: DeviceKey): TwinSource[] | undefined {
    const known = this.#options.registry.device(deviceId(device.namespace, device.name));
    return (
      known && Array.from(known.properties.values(), (property) => this.#source(device, property, 'EDGE'))
    );
  }

  knownTwin(device: DeviceKey, name: string): TwinSource | undefined {
    const property = this.#options.registry
      .device(deviceId(device.namespace, device.name))
      ?.properties.get(name);
    return property && this.#source(device, property, 'EDGE');
  }

  /** The device as live sets keep it. */
  version(object: DeviceObject): DeviceVersion {
    const { registry, metadata } = this.#options;
    const id = idOf(object);
    const key = keyOf(object);
    const properties = registry.device(id)?.properties.values() ?? [];
    return {
      key,
      object,
      model: metadata.modelOf(object),
      state: this.state(key),
      views: TwinViews.from(
        Array.from(properties, (property) => viewFromEdge(property, registry.get(id, property.name))),
      ),
    };
  }

  async read(device: DeviceKey, properties: readonly string[] | undefined, mode: ReadMode) {
    const { registry, metadata, devices, deadline } = this.#options;
    const id = deviceId(device.namespace, device.name);
    const known = registry.device(id);
    if (!known) throw new OctographError('DEVICE_NOT_FOUND', `device ${id} is not on this node`);
    const model = metadata.modelOf(known.object);
    if (!model) {
      const name = known.object.spec.deviceModelRef?.name ?? '(none)';
      throw new OctographError(
        'MODEL_NOT_FOUND',
        `device ${id} has no model: DeviceModel ${name} does not exist`,
      );
    }
    const found = selectProperties(id, model, known.properties, properties);
    const asked = mode === 'DEVICE' ? found.filter(({ name }) => !this.#withholds(id, name)) : [];
    if (asked.length > 0)
      await devices.read(
        id,
        asked.map(({ name }) => name),
        Math.min(DEVICE_READ_MS, deadline?.leftMs ?? DEVICE_READ_MS),
      );
    const sources = found.map((property) =>
      this.#source(device, property, mode === 'DEVICE' ? 'DEVICE' : 'EDGE'),
    );
    await this.#options.settled?.();
    return sources;
  }

  state({ namespace, name }: DeviceKey): DeviceStateSource {
    const id = deviceId(namespace, name);
    const known = this.#withholds(id) ? undefined : this.#options.registry.state(id);
    return { state: known?.state ?? 'unknown', reason: known?.reason, lastOnlineAt: known?.lastOnlineAt };
  }

  onChange({ namespace, name }: DeviceKey, listener: () => void): Close {
    const id = deviceId(namespace, name);
    return this.#options.registry.onChange((twin) => {
      if (twin.device === id) listener();
    });
  }

  /** A view as it was when an event was made of it, with the freshness of now. */
  sourceOf(device: DeviceKey, view: TwinView, source: FreshnessSource): TwinSource {
    const isWithheld = this.#withholds(deviceId(device.namespace, device.name), view.model.name);
    const seen = isWithheld ? withheld(view.model) : view;
    return { ...seen, device, freshness: this.#freshness(device, seen, source, isWithheld) };
  }

  #withholds(device: string, property?: string): boolean {
    return (this.#options.isOutside ?? false) && this.#options.registry.isLocalOnly(device, property);
  }

  #source(device: DeviceKey, property: PropertyModel, source: FreshnessSource): TwinSource {
    const twin = this.#options.registry.get(deviceId(device.namespace, device.name), property.name);
    return this.sourceOf(device, viewFromEdge(property, twin), source);
  }

  #freshness(
    { namespace, name }: DeviceKey,
    { model, reported }: TwinView,
    source: FreshnessSource,
    isWithheld: boolean,
  ): Freshness {
    const { registry, link, clock } = this.#options;
    const state = isWithheld ? undefined : registry.state(deviceId(namespace, name));
    const { up, since } = link();
    return freshnessOf({
      source,
      model,
      byEvent: state?.byEvent ?? false,
      observedAt: reported?.observedAt,
      aliveAt: state?.aliveAt,
      deviceState: state?.state ?? 'unknown',
      link: up ? 'UP' : 'DOWN',
      linkSince: since,
      now: clock.now(),
    });
  }
}

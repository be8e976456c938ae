import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { codeOf, OctographError } from '../lib/errors.ts';
import type {
  DeviceKey,
  DeviceStateSource,
  DeviceVersion,
  ReadMode,
  TwinReader,
  TwinSource,
} from '../resolvers/context.ts';
import { keyOf, selectProperties } from '../resolvers/device.ts';
import { type ClusterReport, viewFromCluster } from '../twin/cluster-report.ts';
import { type DeviceObject, deviceId, idOf } from '../twin/device-object.ts';
import { freshnessOf } from '../twin/freshness.ts';
import type { PropertyModel } from '../twin/model.ts';
import type { DeviceStateInfo } from '../twin/twin.ts';
import { TwinViews } from '../twin/twin-views.ts';
import { type TwinView, viewFromCloud, withheld } from '../twin/view.ts';
import { EdgeReader, type EdgeTwin } from './edge-reader.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';
import type { NodeLinks } from './node-links.ts';
import type { CloudObjectReader } from './object-reader.ts';
import type { Replica } from './replica.ts';

export interface CloudTwinReaderOptions {
  objects: CloudObjectReader;
  replica: Replica;
  /** What the cluster says of a device on a node that is not ours; undefined for one of ours. */
  foreignReport(device: DeviceObject): ClusterReport | undefined;
  links: NodeLinks;
  clock: Clock;
  onDeviceChange(device: string, listener: () => void): Close;
}

/** What the cloud knows of twins, for all operations. `forOperation` gives one operation its own loader. */
export class CloudTwins {
  readonly #options: CloudTwinReaderOptions;

  constructor(options: CloudTwinReaderOptions) {
    this.#options = options;
  }

  forOperation(asker: NodeAsker): TwinReader {
    return new CloudTwinReader(this, this.#options, asker);
  }

  /** One property as it stands; undefined where the model lacks it. */
  viewOf(object: DeviceObject, name: string): TwinView | undefined {
    const property = this.#options.objects.propertiesOf(object).get(name);
    return property && this.view(object, property);
  }

  /** What is known of a device now; undefined where there is no such device. */
  known(device: DeviceKey): TwinSource[] | undefined {
    const object = this.#options.objects.device(device.namespace, device.name);
    return object && this.views(object).map((view) => this.sourceOf(device, view));
  }

  view(object: DeviceObject, property: PropertyModel): TwinView {
    const { replica, foreignReport } = this.#options;
    const report = foreignReport(object);
    if (report && !property.localOnly)
      return viewFromCluster(object, property, report.twins.get(property.name));
    const twin = replica.twin(
      object.spec.nodeName ?? '',
      idOf(object),
      object.metadata.uid ?? '',
      property.name,
    );
    return viewFromCloud(object, property, twin);
  }

  /** All properties of a device as they stand; none where its model is missing. */
  views(object: DeviceObject): TwinView[] {
    return Array.from(this.#options.objects.propertiesOf(object).values(), (property) =>
      this.view(object, property),
    );
  }

  /** The device as live sets keep it. */
  version(object: DeviceObject): DeviceVersion {
    const key = keyOf(object);
    return {
      key,
      object,
      model: this.#options.objects.modelOf(object),
      state: this.state(key),
      views: TwinViews.from(this.views(object)),
    };
  }

  sourceOf(device: DeviceKey, view: TwinView): TwinSource {
    const { objects, links, clock } = this.#options;
    const nodeName = device.nodeName ?? '';
    const isUp = links.session(nodeName) !== undefined;
    const object = objects.device(device.namespace, device.name);
    // An event may tell of the time before the property became local only.
    const isWithheld = objects.isLocalOnly(object, view.model.name);
    const seen = isWithheld ? withheld(view.model, view.desired) : view;
    const state = isWithheld ? undefined : this.#state(device);
    return {
      ...seen,
      device,
      freshness: freshnessOf({
        source: isUp ? 'REPLICA' : 'LAST_KNOWN',
        model: view.model,
        byEvent: state?.byEvent ?? false,
        observedAt: seen.reported?.observedAt,
        aliveAt: state?.aliveAt,
        deviceState: state?.state ?? 'unknown',
        link: isUp ? 'UP' : 'DOWN',
        linkSince: links.since(nodeName),
        now: clock.now(),
      }),
    };
  }

  state(device: DeviceKey): DeviceStateSource {
    if (this.#options.objects.isLocalOnly(this.#options.objects.device(device.namespace, device.name)))
      return { state: 'unknown', reason: 'the device is local only: its state stays on its node' };
    const { state = 'unknown', reason, lastOnlineAt } = this.#state(device) ?? {};
    return { state, reason, lastOnlineAt };
  }

  #state({ namespace, name, nodeName }: DeviceKey): Partial<DeviceStateInfo> | undefined {
    const { objects, replica, foreignReport } = this.#options;
    const object = objects.device(namespace, name);
    if (object?.metadata.uid === undefined) return undefined;
    return (
      foreignReport(object) ?? replica.state(nodeName ?? '', deviceId(namespace, name), object.metadata.uid)
    );
  }
}

class CloudTwinReader implements TwinReader {
  readonly #twins: CloudTwins;
  readonly #options: CloudTwinReaderOptions;
  readonly #edge: EdgeReader;
  /** Nodes whose absence this operation has already told: one error per node, not per field. */
  readonly #told = new Set<string>();

  constructor(twins: CloudTwins, options: CloudTwinReaderOptions, asker: NodeAsker) {
    this.#twins = twins;
    this.#options = options;
    this.#edge = new EdgeReader(asker);
  }

  known = (device: DeviceKey) => this.#twins.known(device);

  knownTwin(device: DeviceKey, property: string): TwinSource | undefined {
    const object = this.#options.objects.device(device.namespace, device.name);
    const view = object && this.#twins.viewOf(object, property);
    return view && this.#twins.sourceOf(device, view);
  }

  async read(device: DeviceKey, names: readonly string[] | undefined, mode: ReadMode) {
    const { object, properties } = this.#select(device, names);
    const nodeName = object.spec.nodeName;
    const fromReplica = () =>
      properties.map((property) => this.#twins.sourceOf(device, this.#twins.view(object, property)));
    if (!nodeName) return fromReplica();
    const asked = properties.filter(({ localOnly }) => !localOnly);
    if (asked.length === 0 || !this.#asksNode(object, nodeName, mode)) return fromReplica();
    try {
      const isAll = !names || asked.length === names.length;
      const wanted = isAll ? names : asked.map(({ name }) => name);
      const twins = await this.#edge.read({ device: { ...device, nodeName }, properties: wanted, mode });
      return this.#take(device, object, properties, twins);
    } catch (error) {
      // What it said last is an answer, and its freshness says so. Only where it never said anything, there is none.
      if (isAway(error, mode) && this.#options.replica.knows(nodeName)) return fromReplica();
      return this.#tellOnce(nodeName, error);
    }
  }

  /** AUTO asks the node only until the replica has everything of it, and no node that is not ours. */
  #asksNode(object: DeviceObject, nodeName: string, mode: ReadMode): boolean {
    const { replica, foreignReport } = this.#options;
    if (mode === 'AUTO') return !replica.isWhole(nodeName) && !foreignReport(object);
    return mode === 'EDGE' || mode === 'DEVICE';
  }

  state = (device: DeviceKey) => this.#twins.state(device);

  onChange = ({ namespace, name }: DeviceKey, listener: () => void) =>
    this.#options.onDeviceChange(deviceId(namespace, name), listener);

  #select({ namespace, name }: DeviceKey, names: readonly string[] | undefined) {
    const object = this.#options.objects.device(namespace, name);
    const id = deviceId(namespace, name);
    if (!object) throw new OctographError('DEVICE_NOT_FOUND', `device ${id} does not exist`);
    const model = this.#options.objects.modelOf(object);
    if (!model) {
      const modelName = object.spec.deviceModelRef?.name ?? '(none)';
      throw new OctographError(
        'MODEL_NOT_FOUND',
        `device ${id} has no model: DeviceModel ${modelName} does not exist`,
      );
    }
    return {
      object,
      properties: selectProperties(id, model, this.#options.objects.propertiesOf(object), names),
    };
  }

  /** What the node answered enters the replica by its order key first: time never runs backwards for a reader. */
  #take(
    device: DeviceKey,
    object: DeviceObject,
    properties: PropertyModel[],
    answers: EdgeTwin[],
  ): TwinSource[] {
    const { replica, clock } = this.#options;
    const id = idOf(object);
    const uid = object.metadata.uid ?? '';
    const now = clock.now();
    for (const { property, seq, observedDesired, reported, sync } of answers) {
      if (seq === 0) continue;
      const twin = {
        device: id,
        uid,
        property,
        seq,
        observedDesired,
        reported,
        sync: { ...sync, since: sync.since ?? now },
      };
      replica.apply(object.spec.nodeName ?? '', [twin]);
    }
    const byName = new Map(answers.map((answer) => [answer.property, answer]));
    return properties.map((property) => {
      const source = this.#twins.sourceOf(device, this.#twins.view(object, property));
      const answer = byName.get(property.name);
      if (!answer || property.localOnly) return source;
      const { ageMs } = answer;
      const asOf = ageMs === undefined ? undefined : now - ageMs;
      const freshness = { ...source.freshness, source: answer.source, stale: answer.stale, ageMs, asOf };
      return { ...source, ...mismatches(object.spec.nodeName ?? '', answer.missing), freshness };
    });
  }

  #tellOnce(nodeName: string, error: unknown): null {
    // What the node says of one of its devices is told for each.
    if (!isOfNode(error)) throw error;
    if (this.#told.has(nodeName)) return null;
    this.#told.add(nodeName);
    throw error;
  }
}

/** GraphQL takes an error in the place of a value: that field is null and told, and the rest of the twin stands. */
function mismatches(nodeName: string, missing: readonly string[]): Partial<TwinSource> {
  const fields = missing.filter((field) => field === 'reported' || field === 'observedDesired');
  return Object.fromEntries(fields.map((field) => [field, schemaMismatch(nodeName, field)]));
}

const isOfNode = (error: unknown): boolean => codeOf(error)?.startsWith('EDGE_NODE_') ?? false;

const AWAY = new Set(['EDGE_NODE_OFFLINE', 'EDGE_NODE_DISCONNECTED']);

/** AUTO takes what it can get; who asks for the node itself is told when it is there and fails. */
const isAway = (error: unknown, mode: ReadMode): boolean =>
  mode === 'AUTO' ? isOfNode(error) : AWAY.has(codeOf(error) ?? '');

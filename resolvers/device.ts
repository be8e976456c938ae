import { OctographError } from '../lib/errors.ts';
import { type Comparison, compares } from '../twin/comparison.ts';
import type { DeviceModelObject, DeviceObject, ObjectMeta } from '../twin/device-object.ts';
import { type DeviceProblem, problemsOf } from '../twin/device-problem.ts';
import type { Freshness } from '../twin/freshness.ts';
import { type PropertyModel, propertyMap, protocolOf } from '../twin/model.ts';
import type { SyncState } from '../twin/sync-state.ts';
import type { TwinView } from '../twin/view.ts';
import type { Context, DeviceKey, ReadMode, TwinSource } from './context.ts';
import {
  type Filter,
  type LabelFilter,
  matches,
  matchesLabels,
  type StringFilter,
  type ValueFilter,
} from './filter.ts';
import { type ListArgs, list } from './list.ts';
import type { Page } from './page.ts';

/** A device as it runs through the schema: always its key; the object where somebody already looked it up. */
export interface DeviceSource extends DeviceKey {
  object?: DeviceObject;
}

/** A condition on one property of the device, judged over what is known here. */
export interface TwinFilter {
  property: string;
  reported?: ValueFilter | null;
  sync?: Comparison<SyncState> | null;
  stale?: boolean | null;
}

export type DeviceFilter = Filter<{
  namespace: StringFilter;
  name: StringFilter;
  nodeName: StringFilter;
  model: StringFilter;
  protocol: StringFilter;
  state: StringFilter;
  labels: readonly LabelFilter[];
  twin: TwinFilter;
}>;

export const DEVICE_ORDER = ['NAME', 'NODE_NAME', 'MODEL', 'STATE', 'CREATED_AT'] as const;
export type DeviceOrderField = (typeof DEVICE_ORDER)[number];

/** Kubernetes has '' for a device without a node too. */
export function keyOf({ metadata: { namespace = 'default', name }, spec }: DeviceObject): DeviceKey {
  return { namespace, name, nodeName: spec.nodeName || null };
}

export const sourceOf = (object: DeviceObject): DeviceSource => ({ ...keyOf(object), object });

export function device(args: { namespace: string; name: string }, context: Context): DeviceSource | null {
  const object = context.objects.device(args.namespace, args.name);
  return object ? sourceOf(object) : null;
}

export function devices(
  args: ListArgs<DeviceOrderField> & { where?: DeviceFilter | null },
  context: Context,
  nodeName?: string,
): Page<DeviceSource> {
  const { where } = args;
  // The devices of one node are found without a look at all others.
  const all = Array.from(context.objects.devices(nodeName ?? where?.nodeName?.eq ?? undefined), sourceOf);
  return list(where ? all.filter((source) => matchesDevice(where, factsOf(source, context))) : all, args, {
    metadataOf: ({ object }) => object?.metadata,
    keyOf: ({ namespace, name }) => `${namespace}/${name}`,
    orderValueOf(source, field) {
      switch (field) {
        case 'NAME':
          return source.name;
        case 'NODE_NAME':
          return source.nodeName ?? '';
        case 'MODEL':
          return modelNameOf(source, context) ?? '';
        case 'STATE':
          return context.twins.state(source).state;
        case 'CREATED_AT':
          return source.object?.metadata.creationTimestamp ?? '';
      }
    },
  });
}

/** What a filter looks at of a device. */
export interface DeviceFacts extends DeviceKey {
  labels: ObjectMeta['labels'];
  model: string | undefined;
  protocol: string | null;
  state: string;
  /** Undefined where its model lacks the property. */
  twin(
    property: string,
  ): (Pick<TwinView, 'reported' | 'sync'> & { freshness: Pick<Freshness, 'stale'> }) | undefined;
}

export function matchesDevice(where: DeviceFilter | null | undefined, facts: DeviceFacts): boolean {
  return matches(where, (field, condition) => {
    switch (field) {
      case 'labels':
        return matchesLabels(condition as readonly LabelFilter[], facts.labels);
      case 'twin':
        return matchesTwin(condition as TwinFilter, facts);
      case 'namespace':
      case 'name':
      case 'nodeName':
      case 'model':
      case 'protocol':
      case 'state':
        return compares(condition as StringFilter, facts[field as 'name']);
    }
  });
}

/** A device without the property meets no condition on it. */
function matchesTwin({ property, reported, sync, stale }: TwinFilter, facts: DeviceFacts): boolean {
  const twin = facts.twin(property);
  if (!twin) return false;
  if (reported && !compares(reported, twin.reported?.value)) return false;
  if (sync && !compares(sync, twin.sync.state)) return false;
  return stale == null || twin.freshness.stale === stale;
}

/** As the device stands now; looked up when they are asked for. */
function factsOf(source: DeviceSource, context: Context): DeviceFacts {
  const { namespace, name, nodeName } = source;
  return {
    namespace,
    name,
    nodeName,
    get labels() {
      return (source.object ?? context.objects.device(namespace, name))?.metadata.labels;
    },
    get model() {
      return modelNameOf(source, context);
    },
    get protocol() {
      return protocol(source, context);
    },
    get state() {
      return context.twins.state(source).state;
    },
    twin: (property) => context.twins.knownTwin(source, property),
  };
}

/**
 * The Kubernetes object behind a device.
 * @throws OctographError `DEVICE_NOT_FOUND` when it was deleted since the key was made.
 */
export function objectOf(source: DeviceSource, context: Context): DeviceObject {
  const object = source.object ?? context.objects.device(source.namespace, source.name);
  if (!object)
    throw new OctographError('DEVICE_NOT_FOUND', `device ${source.namespace}/${source.name} does not exist`);
  return object;
}

const modelNameOf = (source: DeviceSource, context: Context) =>
  (source.object ?? context.objects.device(source.namespace, source.name))?.spec.deviceModelRef?.name;

export function model(source: DeviceSource, context: Context): DeviceModelObject | null {
  const name = modelNameOf(source, context);
  return (name && context.objects.deviceModel(source.namespace, name)) || null;
}

/** A method with the device that has it: the types of its arguments are the model's. */
export interface MethodSource {
  name: string;
  description?: string;
  propertyNames?: readonly string[];
  device: DeviceSource;
}

export const methods = (device: DeviceSource, context: Context): MethodSource[] =>
  (objectOf(device, context).spec.methods ?? []).map((method) => ({ ...method, device }));

/** In the order in which they are written. What the model does not have cannot be set, and is left out. */
export function methodArguments(
  { device, propertyNames = [] }: MethodSource,
  _args: unknown,
  context: Context,
): PropertyModel[] {
  const object = objectOf(device, context);
  const known = propertyMap(object, context.objects.modelOf(object));
  return propertyNames.flatMap((name) => known.get(name) ?? []);
}

export function protocol(source: DeviceSource, context: Context): string | null {
  const object = objectOf(source, context);
  return protocolOf(object, context.objects.modelOf(object)).protocolName || null;
}

/** At the edge its own node is there, whether Kubernetes has a Node for it or not. */
export function problems(source: DeviceSource, { objects, place }: Context): DeviceProblem[] {
  const object = source.object ?? objects.device(source.namespace, source.name);
  if (!object) return [];
  return problemsOf(object, {
    model: () => objects.modelOf(object),
    hasNode: (name) => name === place.nodeName || objects.hasNode(name),
  });
}

export function twins(
  source: DeviceSource,
  args: { properties?: readonly string[] | null; read?: ReadMode | null },
  context: Context,
): Promise<TwinSource[] | null> {
  return context.twins.read(source, args.properties ?? undefined, args.read ?? 'AUTO');
}

export async function twin(
  source: DeviceSource,
  args: { property: string; read?: ReadMode | null },
  context: Context,
): Promise<TwinSource | null> {
  const read = await context.twins.read(source, [args.property], args.read ?? 'AUTO');
  return read?.[0] ?? null;
}

/**
 * The named properties of a device, or all of them.
 * @throws OctographError `PROPERTY_NOT_FOUND` naming those that the model lacks, and what it has
 */
export function selectProperties(
  id: string,
  { metadata }: DeviceModelObject,
  properties: ReadonlyMap<string, PropertyModel>,
  names: readonly string[] | undefined,
): PropertyModel[] {
  if (!names) return [...properties.values()];
  const missing = names.filter((name) => !properties.has(name));
  if (missing.length > 0) {
    const known = [...properties.keys()].join(', ') || 'none';
    const message = `device ${id} has no property ${missing.join(', ')}; its model ${metadata.name} has: ${known}`;
    throw new OctographError('PROPERTY_NOT_FOUND', message);
  }
  return names.map((name) => properties.get(name) as PropertyModel);
}

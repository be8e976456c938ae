import { OctographError } from '../lib/errors.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import { type PropertyModel, protocolOf } from '../twin/model.ts';
import type { Context, DeviceKey, ReadMode, TwinSource } from './context.ts';
import { type Filter, matches } from './filter.ts';
import { type Page, type PageArgs, paginate } from './page.ts';

/** A device as it runs through the schema: always its key; the object where somebody already looked it up. */
export interface DeviceSource extends DeviceKey {
  object?: DeviceObject;
}

export type DeviceField = 'namespace' | 'name' | 'nodeName' | 'model' | 'protocol' | 'state';
export type DeviceFilter = Filter<DeviceField>;

export function sourceOf(object: DeviceObject): DeviceSource {
  const { namespace = 'default', name } = object.metadata;
  return { namespace, name, nodeName: object.spec.nodeName || null, object };
}

export function device(args: { namespace: string; name: string }, context: Context): DeviceSource | null {
  const object = context.objects.device(args.namespace, args.name);
  return object ? sourceOf(object) : null;
}

export function devices(
  args: PageArgs & { where?: DeviceFilter | null },
  context: Context,
  nodeName?: string,
): Page<DeviceSource> {
  const found = Array.from(context.objects.devices(nodeName), sourceOf).filter((source) =>
    matchesDevice(args.where, source, context),
  );
  return paginate(found, ({ namespace, name }) => `${namespace}/${name}`, args);
}

export function matchesDevice(
  where: DeviceFilter | null | undefined,
  source: DeviceSource,
  context: Context,
) {
  return matches(where, (field) => {
    switch (field) {
      case 'model':
        return modelNameOf(source, context);
      case 'protocol':
        return protocol(source, context);
      case 'state':
        return context.twins.state(source).state;
      default:
        return source[field];
    }
  });
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

export function protocol(source: DeviceSource, context: Context): string | null {
  return protocolOf(objectOf(source, context), model(source, context) ?? undefined).protocolName || null;
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

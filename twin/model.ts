import type {
  DeviceModelObject,
  DeviceObject,
  DevicePropertyObject,
  ModelPropertyObject,
} from './device-object.ts';
import { localOnlyOf } from './local-only.ts';
import { parseDecimal, VALUE_TYPES, type ValueType } from './value.ts';

export type AccessMode = 'READ_ONLY' | 'READ_WRITE';

/** One property of one device: what its model says, joined with what the device instance adds. */
export interface PropertyModel {
  name: string;
  description?: string;
  type: ValueType;
  accessMode: AccessMode;
  unit?: string;
  minimum?: number;
  maximum?: number;
  /** Milliseconds between two reads of the device. */
  collectCycleMs: number;
  /** Milliseconds between two reports. */
  reportCycleMs: number;
  /** [T23] It never leaves its node. */
  localOnly: boolean;
  /** How a mapper reaches it: the model's configData, the instance's keys winning one by one. */
  visitor: Record<string, unknown>;
}

const DEFAULT_CYCLE_MS = 1000;

/**
 * [T3] The properties that a device has, by name: those of its model, in the model's order. Of several of one name the first
 * counts, in the model and in the device, as it does for whoever writes a desired value.
 */
export function propertyMap(
  device: DeviceObject,
  model: DeviceModelObject | undefined,
): Map<string, PropertyModel> {
  const instances = firstByName(device.spec.properties);
  const { keeps } = localOnlyOf(device, model);
  const properties = new Map<string, PropertyModel>();
  for (const [name, property] of firstByName(model?.spec.properties)) {
    properties.set(name, joinProperty(property, instances.get(name), keeps(name)));
  }
  return properties;
}

export const propertiesOf = (device: DeviceObject, model: DeviceModelObject | undefined): PropertyModel[] => [
  ...propertyMap(device, model).values(),
];

/** The properties of a model itself, as a device without settings of its own would have them. */
export function modelProperties(model: DeviceModelObject): PropertyModel[] {
  const { keeps } = localOnlyOf(undefined, model);
  return Array.from(firstByName(model.spec.properties).values(), (property) =>
    joinProperty(property, undefined, keeps(property.name)),
  );
}

function firstByName<T extends { name: string }>(properties: readonly T[] = []): Map<string, T> {
  const first = new Map<string, T>();
  for (const property of properties) if (!first.has(property.name)) first.set(property.name, property);
  return first;
}

function joinProperty(
  model: ModelPropertyObject,
  instance: DevicePropertyObject | undefined,
  localOnly: boolean,
): PropertyModel {
  return {
    name: model.name,
    description: model.description,
    type: valueTypeOf(model.type),
    accessMode: model.accessMode === 'ReadWrite' ? 'READ_WRITE' : 'READ_ONLY',
    unit: model.unit || undefined,
    minimum: boundOf(model.minimum),
    maximum: boundOf(model.maximum),
    collectCycleMs: cycleOf(instance?.collectCycle),
    reportCycleMs: cycleOf(instance?.reportCycle),
    localOnly,
    visitor: { ...model.visitors?.configData, ...instance?.visitors?.configData },
  };
}

/** The device's protocol configuration: the model's defaults, the instance's keys winning one by one. */
export function protocolOf(device: DeviceObject, model: DeviceModelObject | undefined) {
  return {
    protocolName: (device.spec.protocol?.protocolName || model?.spec.protocol || '').toLowerCase(),
    config: { ...model?.spec.protocolConfigData, ...device.spec.protocol?.configData },
  };
}

function valueTypeOf(type: string | undefined): ValueType {
  const upper = (type ?? 'STRING').toUpperCase();
  return VALUE_TYPES.find((known) => known === upper) ?? 'STRING';
}

/** A bound that is no number binds nothing. */
const boundOf = (text: string | undefined): number | undefined => parseDecimal(text ?? '');

const cycleOf = (ms: number | undefined): number => (ms !== undefined && ms > 0 ? ms : DEFAULT_CYCLE_MS);

import type {
  DeviceModelObject,
  DeviceObject,
  DevicePropertyObject,
  ModelPropertyObject,
} from './device-object.ts';
import { VALUE_TYPES, type ValueType } from './value.ts';

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
  /** How a mapper reaches it: the model's configData, the instance's keys winning one by one. */
  visitor: Record<string, unknown>;
}

const DEFAULT_CYCLE_MS = 1000;

/** [T3] The properties that a device has: those of its model, in the model's order. */
export function propertiesOf(device: DeviceObject, model: DeviceModelObject | undefined): PropertyModel[] {
  const instances = new Map((device.spec.properties ?? []).map((property) => [property.name, property]));
  return (model?.spec.properties ?? []).map((property) =>
    joinProperty(property, instances.get(property.name)),
  );
}

function joinProperty(model: ModelPropertyObject, instance: DevicePropertyObject | undefined): PropertyModel {
  return {
    name: model.name,
    description: model.description,
    type: valueTypeOf(model.type),
    accessMode: model.accessMode === 'ReadWrite' ? 'READ_WRITE' : 'READ_ONLY',
    unit: model.unit || undefined,
    minimum: boundOf(model.minimum),
    maximum: boundOf(model.maximum),
    collectCycleMs: instance?.collectCycle || DEFAULT_CYCLE_MS,
    reportCycleMs: instance?.reportCycle || DEFAULT_CYCLE_MS,
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

function boundOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

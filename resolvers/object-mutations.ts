import { codeOf, messageOf } from '../lib/errors.ts';
import type { KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject, DevicePropertyObject } from '../twin/device-object.ts';
import type { AccessMode } from '../twin/model.ts';
import {
  type Finding,
  findingsOfChange,
  findingText,
  type ModelLookup,
  validateDevice,
  validateModel,
} from '../twin/validate.ts';
import type { ValueType } from '../twin/value.ts';
import type { Context, ObjectWriter } from './context.ts';

type Config = Record<string, unknown>;

export interface LabelInput {
  key: string;
  value: string;
}

export interface DevicePropertyInput {
  name: string;
  collectCycleMs?: number | null;
  reportCycleMs?: number | null;
  visitor?: Config | null;
}

export interface DeviceFields {
  labels?: readonly LabelInput[] | null;
  model?: string | null;
  nodeName?: string | null;
  protocol?: { name: string; config?: Config | null } | null;
  properties?: readonly DevicePropertyInput[] | null;
}

export interface ModelPropertyInput {
  name: string;
  description?: string | null;
  type: ValueType;
  accessMode: AccessMode;
  unit?: string | null;
  minimum?: number | null;
  maximum?: number | null;
  visitor?: Config | null;
}

export interface DeviceModelFields {
  labels?: readonly LabelInput[] | null;
  protocol?: string | null;
  properties?: readonly ModelPropertyInput[] | null;
}

export interface ObjectName {
  namespace: string;
  name: string;
}

export type Saved<T> = { kind: 'saved'; object: T } | Refused;
export type Deleted = ({ kind: 'Deleted' } & ObjectName) | Refused;
export interface Refused {
  kind: 'Rejected';
  code: string;
  property?: string;
  message: string;
}

const API_VERSION = 'devices.kubeedge.io/v1beta1';

export function createDevice(
  input: ObjectName & DeviceFields,
  context: Context,
): Promise<Saved<DeviceObject>> {
  const { namespace, name } = input;
  const device: DeviceObject = {
    apiVersion: API_VERSION,
    kind: 'Device',
    metadata: { namespace, name, labels: labelsFrom(input.labels) },
    spec: specFrom(input, undefined),
  };
  return save(context, validateDevice(device, lookUpModel(device, context)), (writer) =>
    writer.create(device),
  );
}

/** Fields that are left out stay; `properties` names those that change, and what stands beside them (a desired value) stays. */
export async function updateDevice(
  input: { device: ObjectName } & DeviceFields,
  context: Context,
): Promise<Saved<DeviceObject>> {
  const { namespace, name } = input.device;
  const device = context.objects.device(namespace, name);
  if (!device) return notFound('DEVICE_NOT_FOUND', `device ${namespace}/${name} does not exist`);
  const spec = specFrom(input, device);
  const labels = labelsFrom(input.labels);
  const changed: DeviceObject = { ...device, spec: { ...device.spec, ...spec } };
  const findings = findingsOfChange(
    validateDevice(device, lookUpModel(device, context)),
    validateDevice(changed, lookUpModel(changed, context)),
  );
  return save(context, findings, (writer) =>
    writer.patch<DeviceObject>(
      { kind: 'Device', namespace, name },
      // The list of properties is written as a whole: whoever changed it meanwhile must not be written over.
      { metadata: { resourceVersion: device.metadata.resourceVersion, ...(labels && { labels }) }, spec },
    ),
  );
}

export function createDeviceModel(
  input: ObjectName & DeviceModelFields,
  context: Context,
): Promise<Saved<DeviceModelObject>> {
  const { namespace, name } = input;
  const model: DeviceModelObject = {
    apiVersion: API_VERSION,
    kind: 'DeviceModel',
    metadata: { namespace, name, labels: labelsFrom(input.labels) },
    spec: modelSpecFrom(input),
  };
  return save(context, validateModel(model), (writer) => writer.create(model));
}

/** Fields that are left out stay; `properties` is the whole list. */
export async function updateDeviceModel(
  input: { model: ObjectName } & DeviceModelFields,
  context: Context,
): Promise<Saved<DeviceModelObject>> {
  const { namespace, name } = input.model;
  const model = context.objects.deviceModel(namespace, name);
  if (!model) return notFound('MODEL_NOT_FOUND', `device model ${namespace}/${name} does not exist`);
  const spec = modelSpecFrom(input);
  const labels = labelsFrom(input.labels);
  const changed: DeviceModelObject = { ...model, spec: { ...model.spec, ...spec } };
  return save(context, findingsOfChange(validateModel(model), validateModel(changed)), (writer) =>
    writer.patch<DeviceModelObject>(
      { kind: 'DeviceModel', namespace, name },
      { metadata: { resourceVersion: model.metadata.resourceVersion, ...(labels && { labels }) }, spec },
    ),
  );
}

export function setCordoned(name: string, cordoned: boolean, context: Context): Promise<Saved<KubeNode>> {
  return save(context, [], (writer) =>
    writer.patch<KubeNode>(
      { kind: 'Node', namespace: '', name },
      { spec: { unschedulable: cordoned || null } },
    ),
  );
}

export async function deleteObject(
  kind: 'Device' | 'DeviceModel' | 'Pod',
  { namespace, name }: ObjectName,
  context: Context,
): Promise<Deleted> {
  const outcome = await attempt<KubePod>(context, async (writer) => {
    await writer.remove({ kind, namespace, name });
    return {} as KubePod;
  });
  return outcome.kind === 'Rejected' ? outcome : { kind: 'Deleted', namespace, name };
}

async function save<T>(
  context: Context,
  findings: readonly Finding[],
  write: (writer: ObjectWriter) => Promise<T>,
): Promise<Saved<T>> {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (context.objectWriter && errors.length > 0) {
    return { kind: 'Rejected', code: 'INVALID', message: errors.map(findingText).join('; ') };
  }
  return attempt(context, write);
}

async function attempt<T>(context: Context, write: (writer: ObjectWriter) => Promise<T>): Promise<Saved<T>> {
  const { objectWriter, place } = context;
  if (!objectWriter) {
    const message = `Kubernetes objects are changed in the cloud; this is edge node ${place.nodeName}`;
    return { kind: 'Rejected', code: 'CLOUD_ONLY', message };
  }
  try {
    return { kind: 'saved', object: await write(objectWriter) };
  } catch (error) {
    const code = REFUSALS[codeOf(error) ?? ''];
    if (!code) throw error;
    return { kind: 'Rejected', code, message: messageOf(error) };
  }
}

/** What the API server answers to a request is a result; that it does not answer is an error. */
const REFUSALS: Record<string, string> = {
  KUBERNETES_CONFLICT: 'CONFLICT',
  KUBERNETES_INVALID: 'INVALID',
  KUBERNETES_NOT_FOUND: 'NOT_FOUND',
  KUBERNETES_FORBIDDEN: 'FORBIDDEN',
};

const notFound = (code: string, message: string): Refused => ({ kind: 'Rejected', code, message });

/** By name, and not `modelOf`: nobody has said yet that the caller may write there, and what is wrong tells of the model. */
function lookUpModel({ metadata, spec }: DeviceObject, context: Context): ModelLookup {
  const model = context.objects.deviceModel(metadata.namespace ?? 'default', spec.deviceModelRef?.name ?? '');
  return model ? { kind: 'found', model } : { kind: 'missing' };
}

function specFrom(fields: DeviceFields, current: DeviceObject | undefined): DeviceObject['spec'] {
  const { model, nodeName, protocol, properties } = fields;
  return {
    ...(model != null && { deviceModelRef: { name: model } }),
    ...(nodeName !== undefined && { nodeName: nodeName ?? undefined }),
    ...(protocol && {
      protocol: { protocolName: protocol.name, ...(protocol.config && { configData: protocol.config }) },
    }),
    ...(properties && {
      properties: mergeProperties(
        current?.spec.properties ?? [],
        properties,
        protocol?.name ?? current?.spec.protocol?.protocolName,
      ),
    }),
  };
}

function mergeProperties(
  current: readonly DevicePropertyObject[],
  inputs: readonly DevicePropertyInput[],
  protocolName: string | undefined,
): DevicePropertyObject[] {
  const changes = new Map(inputs.map((input) => [input.name, input]));
  const kept = current.map((property) => changeProperty(property, changes.get(property.name), protocolName));
  const known = new Set(current.map(({ name }) => name));
  const added = inputs
    .filter(({ name }) => !known.has(name))
    .map((input) => changeProperty({ name: input.name, reportToCloud: true }, input, protocolName));
  return [...kept, ...added];
}

function changeProperty(
  property: DevicePropertyObject,
  input: DevicePropertyInput | undefined,
  protocolName = '',
): DevicePropertyObject {
  if (!input) return property;
  return {
    ...property,
    ...(input.collectCycleMs != null && { collectCycle: input.collectCycleMs }),
    ...(input.reportCycleMs != null && { reportCycle: input.reportCycleMs }),
    ...(input.visitor && { visitors: { protocolName, configData: input.visitor } }),
  };
}

function modelSpecFrom({ protocol, properties }: DeviceModelFields): DeviceModelObject['spec'] {
  return {
    ...(protocol != null && { protocol }),
    ...(properties && {
      properties: properties.map(
        ({ name, description, type, accessMode, unit, minimum, maximum, visitor }) => ({
          name,
          type,
          accessMode: accessMode === 'READ_WRITE' ? 'ReadWrite' : 'ReadOnly',
          ...(description != null && { description }),
          ...(unit != null && { unit }),
          ...(minimum != null && { minimum: String(minimum) }),
          ...(maximum != null && { maximum: String(maximum) }),
          ...(visitor && { visitors: { protocolName: protocol ?? '', configData: visitor } }),
        }),
      ),
    }),
  };
}

const labelsFrom = (labels: readonly LabelInput[] | null | undefined) =>
  labels ? Object.fromEntries(labels.map(({ key, value }) => [key, value])) : undefined;

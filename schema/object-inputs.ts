import type { Types } from './builder.ts';
import type { Parts } from './parts.ts';

/** Inputs of the mutations of Kubernetes objects, in both subgraphs like all inputs. */
export function createObjectInputs({ builder, enums, inputs: { DeviceRef } }: Parts) {
  const LabelInput = builder.inputType('LabelInput', {
    fields: (t) => ({ key: t.string({ required: true }), value: t.string({ required: true }) }),
  });
  const ObjectRef = builder.inputType('ObjectRef', { fields: nameFields });
  const ProtocolInput = builder.inputType('ProtocolInput', {
    fields: (t) => ({
      name: t.string({ required: true, description: 'modbus, mqtt, …: which mapper.' }),
      config: t.field({ type: 'JSON', description: 'How the device is reached.' }),
    }),
  });
  const DevicePropertyInput = builder.inputType('DevicePropertyInput', {
    fields: (t) => ({
      name: t.string({ required: true }),
      collectCycleMs: t.int({ description: 'Milliseconds between two reads; 1000 where nothing is said.' }),
      reportCycleMs: t.int({ description: 'Milliseconds between two reports; 1000 where nothing is said.' }),
      visitor: t.field({ type: 'JSON', description: 'How the mapper reaches the property.' }),
    }),
  });
  const ModelPropertyInput = builder.inputType('ModelPropertyInput', {
    fields: (t) => ({
      name: t.string({ required: true }),
      description: t.string(),
      type: t.field({ type: enums.ValueType, required: true }),
      accessMode: t.field({ type: enums.AccessMode, required: true }),
      unit: t.string(),
      minimum: t.float(),
      maximum: t.float(),
      visitor: t.field({ type: 'JSON', description: 'Default of its devices.' }),
    }),
  });

  const deviceFields = (t: InputFields) => ({
    labels: t.field({ type: [LabelInput] }),
    nodeName: t.string({ description: 'The edge node that runs it; null: none.' }),
    protocol: t.field({ type: ProtocolInput }),
    properties: t.field({ type: [DevicePropertyInput] }),
  });
  const modelFields = (t: InputFields) => ({
    labels: t.field({ type: [LabelInput] }),
    protocol: t.string(),
    properties: t.field({ type: [ModelPropertyInput] }),
  });
  return {
    ObjectRef,
    CreateDeviceInput: builder.inputType('CreateDeviceInput', {
      fields: (t) => ({
        ...nameFields(t),
        model: t.string({ required: true, description: 'The name of its DeviceModel.' }),
        ...deviceFields(t),
      }),
    }),
    UpdateDeviceInput: builder.inputType('UpdateDeviceInput', {
      fields: (t) => ({
        device: t.field({ type: DeviceRef, required: true }),
        model: t.string(),
        ...deviceFields(t),
      }),
    }),
    CreateDeviceModelInput: builder.inputType('CreateDeviceModelInput', {
      fields: (t) => ({ ...nameFields(t), ...modelFields(t) }),
    }),
    UpdateDeviceModelInput: builder.inputType('UpdateDeviceModelInput', {
      fields: (t) => ({ model: t.field({ type: ObjectRef, required: true }), ...modelFields(t) }),
    }),
  };
}

type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;

const nameFields = (t: InputFields) => ({
  namespace: t.string({ required: true, defaultValue: 'default' }),
  name: t.string({ required: true }),
});

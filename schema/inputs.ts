import type { InputObjectRef } from '@pothos/core';
import { DEVICE_ORDER, type DeviceFilter, type TwinFilter } from '../resolvers/device.ts';
import { DEVICE_MODEL_ORDER, type DeviceModelFilter } from '../resolvers/device-model.ts';
import type { LabelFilter, StringFilter, ValueFilter } from '../resolvers/filter.ts';
import { NODE_ORDER, type NodeFilter } from '../resolvers/node.ts';
import { POD_ORDER, type PodFilter } from '../resolvers/pod.ts';
import type { Comparison } from '../twin/comparison.ts';
import { MAX_MESSAGE_BYTES } from '../twin/message.ts';
import type { SyncState } from '../twin/sync-state.ts';
import type { Builder, Types } from './builder.ts';
import type { Enums } from './enums.ts';

/**
 * All input types, once for both subgraphs: composition keeps only the input fields that every subgraph has, and says
 * nothing about those that it drops.
 */
export function createInputs(builder: Builder, enums: Enums) {
  const StringFilter = builder.inputRef<StringFilter>('StringFilter').implement({
    description: 'A condition on one text field; all that are given must hold.',
    fields: (t) => ({
      ...comparisonFields(t),
      in: t.stringList(),
      like: t.string({ description: '`%` stands for any text, `_` for one character.' }),
    }),
  });
  const LabelFilter = builder.inputRef<LabelFilter>('LabelFilter').implement({
    description: 'A condition on one label; all that are given must hold.',
    fields: (t) => ({
      key: t.string({ required: true }),
      exists: t.boolean(),
      ...comparisonFields(t),
      in: t.stringList(),
      like: t.string({ description: '`%` stands for any text, `_` for one character.' }),
    }),
  });
  const ValueFilter = builder.inputRef<ValueFilter>('ValueFilter').implement({
    description: 'A condition on a value of a device; values of another type meet `ne` alone.',
    fields: (t) => ({
      eq: t.field({ type: 'TwinValue' }),
      ne: t.field({ type: 'TwinValue' }),
      in: t.field({ type: ['TwinValue'] }),
      lt: t.field({ type: 'TwinValue' }),
      lte: t.field({ type: 'TwinValue' }),
      gt: t.field({ type: 'TwinValue' }),
      gte: t.field({ type: 'TwinValue' }),
      like: t.string({ description: 'Of texts: `%` stands for any text, `_` for one character.' }),
    }),
  });
  const SyncStateFilter = builder.inputRef<Comparison<SyncState>>('SyncStateFilter').implement({
    fields: (t) => ({
      eq: t.field({ type: enums.SyncState }),
      ne: t.field({ type: enums.SyncState }),
      in: t.field({ type: [enums.SyncState] }),
    }),
  });
  const TwinFilter = builder.inputRef<TwinFilter>('TwinFilter').implement({
    description:
      'A condition on one property, judged over what is known where the query runs, whatever `read` says.',
    fields: (t) => ({
      property: t.string({ required: true }),
      reported: t.field({ type: ValueFilter }),
      sync: t.field({ type: SyncStateFilter }),
      stale: t.boolean(),
    }),
  });

  const DeviceFilterRef = builder.inputRef<DeviceFilter>('DeviceFilter');
  DeviceFilterRef.implement({
    fields: (t) => ({
      ...joinFields(t, DeviceFilterRef),
      namespace: t.field({ type: StringFilter }),
      name: t.field({ type: StringFilter }),
      nodeName: t.field({ type: StringFilter }),
      model: t.field({ type: StringFilter, description: 'The name of its DeviceModel.' }),
      protocol: t.field({ type: StringFilter }),
      state: t.field({
        type: StringFilter,
        description: 'online, offline, unhealthy, disconnected or unknown.',
      }),
      labels: t.field({ type: [LabelFilter] }),
      twin: t.field({ type: TwinFilter }),
    }),
  });

  const NodeFilterRef = builder.inputRef<NodeFilter>('NodeFilter');
  NodeFilterRef.implement({
    fields: (t) => ({
      ...joinFields(t, NodeFilterRef),
      name: t.field({ type: StringFilter }),
      ready: t.boolean({ description: 'false: not ready, or nobody knows.' }),
      labels: t.field({ type: [LabelFilter] }),
    }),
  });

  const PodFilterRef = builder.inputRef<PodFilter>('PodFilter');
  PodFilterRef.implement({
    fields: (t) => ({
      ...joinFields(t, PodFilterRef),
      namespace: t.field({ type: StringFilter }),
      name: t.field({ type: StringFilter }),
      nodeName: t.field({ type: StringFilter }),
      phase: t.field({ type: StringFilter }),
      labels: t.field({ type: [LabelFilter] }),
    }),
  });

  const DeviceModelFilterRef = builder.inputRef<DeviceModelFilter>('DeviceModelFilter');
  DeviceModelFilterRef.implement({
    fields: (t) => ({
      ...joinFields(t, DeviceModelFilterRef),
      namespace: t.field({ type: StringFilter }),
      name: t.field({ type: StringFilter }),
      protocol: t.field({ type: StringFilter }),
      labels: t.field({ type: [LabelFilter] }),
    }),
  });

  const orderOf = <Field extends string>(kind: string, fields: readonly [Field, ...Field[]]) =>
    builder.inputRef<{ field: string; direction?: 'ASC' | 'DESC' | null }>(`${kind}Order`).implement({
      fields: (t) => ({
        field: t.field({ type: builder.enumType(`${kind}OrderField`, { values: fields }), required: true }),
        direction: t.field({ type: enums.OrderDirection, defaultValue: 'ASC' }),
      }),
    }) as InputObjectRef<Types, { field: Field; direction?: 'ASC' | 'DESC' | null }>;

  const DeadbandInput = builder.inputType('DeadbandInput', {
    description:
      'One of the two. A change of quality, sync state, type or wish is told however small the number changed.',
    fields: (t) => ({
      absolute: t.float({ description: "In the property's unit, 0 or more." }),
      percent: t.float({ description: 'Of the number that was told last, 0 to 100.' }),
    }),
  });
  const FlowInput = builder.inputType('FlowInput', {
    description: 'How much of the updates is told. Who enters or leaves is told at once, always.',
    fields: (t) => ({
      minIntervalMs: t.int({
        description:
          'Between two updates of one property, 0 to 3 600 000. What comes between is folded; the last value is told.',
      }),
      deadband: t.field({
        type: DeadbandInput,
        description: 'A number is told when it is further from the one that was told last.',
      }),
      conflate: t.field({ type: enums.Conflate, defaultValue: 'EVERY' }),
    }),
  });

  const DeviceRef = builder.inputType('DeviceRef', {
    fields: (t) => ({
      namespace: t.string({ required: true, defaultValue: 'default' }),
      name: t.string({ required: true }),
    }),
  });

  const DesiredValueInput = builder.inputType('DesiredValueInput', {
    fields: (t) => ({
      property: t.string({ required: true }),
      value: t.field({ type: 'TwinValue', description: 'null: nothing is desired any more.' }),
    }),
  });

  const ReportedCondition = builder.inputType('ReportedCondition', {
    fields: (t) => ({
      property: t.string({ required: true }),
      value: t.field({ type: ValueFilter, required: true }),
    }),
  });

  const SetDesiredInput = builder.inputType('SetDesiredInput', {
    fields: (t) => ({
      device: t.field({ type: DeviceRef, required: true }),
      values: t.field({
        type: [DesiredValueInput],
        required: true,
        description: 'One patch: all of them are accepted, or none; they settle together.',
      }),
      waitFor: t.field({ type: enums.WaitFor, defaultValue: 'ACCEPTED' }),
      timeoutMs: t.int({ defaultValue: 5000, description: '0 to 60000.' }),
      idempotencyKey: t.string({
        description:
          'The same key of the same principal is the same request, for 24 hours: it is not done twice.',
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description: "Not applied from here on, in the cloud's time.",
      }),
      ifDesired: t.field({
        type: [DesiredValueInput],
        description: 'What has to stand as desired when it is accepted; null: nothing.',
      }),
      ifReported: t.field({
        type: [ReportedCondition],
        description: 'What the device has to report when it is applied; judged at the edge.',
      }),
    }),
  });

  const ConflictFilter = builder.inputType('ConflictFilter', {
    fields: (t) => ({
      device: t.field({ type: DeviceRef }),
      open: t.boolean({ description: 'true: those that nobody has seen to; false: the others.' }),
    }),
  });
  const ResolveConflictInput = builder.inputType('ResolveConflictInput', {
    fields: (t) => ({
      id: t.id({ required: true }),
      keep: t.field({ type: enums.ConflictKeep, required: true }),
    }),
  });

  const MethodArgument = builder.inputType('MethodArgument', {
    fields: (t) => ({ name: t.string({ required: true }), value: t.field({ type: 'TwinValue' }) }),
  });
  const InvokeMethodInput = builder.inputType('InvokeMethodInput', {
    fields: (t) => ({
      device: t.field({ type: DeviceRef, required: true }),
      method: t.string({ required: true }),
      arguments: t.field({ type: [MethodArgument] }),
      timeoutMs: t.int({ defaultValue: 5000, description: '1 to 60000.' }),
      expiresAt: t.field({ type: 'DateTime', description: "Not called from here on, in the cloud's time." }),
      idempotencyKey: t.string({ description: 'Calls of a device with the same key are one call.' }),
    }),
  });

  const PublishInput = builder.inputType('PublishInput', {
    fields: (t) => ({
      nodeName: t.string({ required: true }),
      topic: t.string({
        required: true,
        description: "No wildcards; topics that begin with `$` are the node's own.",
      }),
      payload: t.string({
        required: true,
        description: `With the topic at most ${MAX_MESSAGE_BYTES} bytes.`,
      }),
      encoding: t.field({ type: enums.PayloadEncoding, defaultValue: 'TEXT' }),
      qos: t.int({ defaultValue: 1, description: "0, 1 or 2, at the node's bus." }),
      retain: t.boolean({ defaultValue: false }),
      expiresAt: t.field({
        type: 'DateTime',
        description: "Not published from here on, in the cloud's time; a day from now where it is left out.",
      }),
      timeoutMs: t.int({ defaultValue: 5000, description: '0 to 60000: how long to wait for the bus.' }),
      idempotencyKey: t.string({
        description:
          'The same key of the same principal is the same message, for 24 hours: it is not published twice.',
      }),
    }),
  });

  return {
    InvokeMethodInput,
    PublishInput,
    ConflictFilter,
    ResolveConflictInput,
    DeviceFilter: DeviceFilterRef,
    NodeFilter: NodeFilterRef,
    PodFilter: PodFilterRef,
    DeviceModelFilter: DeviceModelFilterRef,
    NodeOrder: orderOf('Node', NODE_ORDER),
    PodOrder: orderOf('Pod', POD_ORDER),
    DeviceOrder: orderOf('Device', DEVICE_ORDER),
    DeviceModelOrder: orderOf('DeviceModel', DEVICE_MODEL_ORDER),
    DeviceRef,
    FlowInput,
    SetDesiredInput,
  };
}

function comparisonFields(t: InputFields) {
  return { eq: t.string(), ne: t.string(), lt: t.string(), lte: t.string(), gt: t.string(), gte: t.string() };
}

/** `and`, `or` and `not` of a filter, over itself. */
function joinFields<Shape extends object>(t: InputFields, filter: InputObjectRef<Types, Shape>) {
  return {
    and: t.field({ type: [filter] }),
    or: t.field({ type: [filter] }),
    not: t.field({ type: filter }),
  };
}

type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;

export type Inputs = ReturnType<typeof createInputs>;

import type { DeviceFilter } from '../resolvers/device.ts';
import type { StringFilter } from '../resolvers/filter.ts';
import type { NodeFilter } from '../resolvers/node.ts';
import type { PodFilter } from '../resolvers/pod.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';

/**
 * All input types, once for both subgraphs: composition keeps only the input fields that every subgraph has, and says
 * nothing about those that it drops.
 */
export function createInputs(builder: Builder, enums: Enums) {
  const StringFilter = builder.inputRef<StringFilter>('StringFilter').implement({
    description: 'A condition on one text field; all that are given must hold.',
    fields: (t) => ({
      eq: t.string(),
      ne: t.string(),
      in: t.stringList(),
      like: t.string({ description: '`%` stands for any text, `_` for one character.' }),
    }),
  });

  const DeviceFilterRef = builder.inputRef<DeviceFilter>('DeviceFilter');
  DeviceFilterRef.implement({
    fields: (t) => ({
      and: t.field({ type: [DeviceFilterRef] }),
      or: t.field({ type: [DeviceFilterRef] }),
      not: t.field({ type: DeviceFilterRef }),
      namespace: t.field({ type: StringFilter }),
      name: t.field({ type: StringFilter }),
      nodeName: t.field({ type: StringFilter }),
      model: t.field({ type: StringFilter, description: 'The name of its DeviceModel.' }),
      protocol: t.field({ type: StringFilter }),
      state: t.field({
        type: StringFilter,
        description: 'online, offline, unhealthy, disconnected or unknown.',
      }),
    }),
  });

  const NodeFilterRef = builder.inputRef<NodeFilter>('NodeFilter');
  NodeFilterRef.implement({
    fields: (t) => ({
      and: t.field({ type: [NodeFilterRef] }),
      or: t.field({ type: [NodeFilterRef] }),
      not: t.field({ type: NodeFilterRef }),
      name: t.field({ type: StringFilter }),
    }),
  });

  const PodFilterRef = builder.inputRef<PodFilter>('PodFilter');
  PodFilterRef.implement({
    fields: (t) => ({
      and: t.field({ type: [PodFilterRef] }),
      or: t.field({ type: [PodFilterRef] }),
      not: t.field({ type: PodFilterRef }),
      namespace: t.field({ type: StringFilter }),
      name: t.field({ type: StringFilter }),
      nodeName: t.field({ type: StringFilter }),
      phase: t.field({ type: StringFilter }),
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
    }),
  });

  return {
    DeviceFilter: DeviceFilterRef,
    NodeFilter: NodeFilterRef,
    PodFilter: PodFilterRef,
    SetDesiredInput,
  };
}

export type Inputs = ReturnType<typeof createInputs>;

import { change, subscribeChange } from '../resolvers/change.ts';
import { device } from '../resolvers/device.ts';
import { type SetDesiredResult, setDesired } from '../resolvers/set-desired.ts';
import type { ChangeResult } from '../twin/change.ts';
import type { TwinValue } from '../twin/value.ts';
import type { Parts } from './parts.ts';

export function defineSetDesired({ builder, cloud, refs, enums, inputs }: Parts): void {
  if (!cloud) return;

  const Value = builder.objectRef<{ property: string; value: TwinValue }>('ChangeValue').implement({
    fields: (t) => ({
      property: t.exposeString('property'),
      value: t.field({ type: 'TwinValue', nullable: true, resolve: ({ value }) => value }),
    }),
  });
  const Result = builder.objectRef<ChangeResult>('ChangeResult').implement({
    fields: (t) => ({
      property: t.exposeString('property'),
      state: t.field({ type: enums.ChangeState, resolve: ({ state }) => state }),
      reason: t.exposeString('reason', { nullable: true }),
    }),
  });
  builder.objectType(refs.Change, {
    description: 'One request to set desired values of a device, and how far it got.',
    fields: (t) => ({
      id: t.exposeID('id'),
      device: t.field({
        type: refs.Device,
        nullable: true,
        resolve: (change, _args, context) =>
          device({ namespace: change.namespace, name: change.device }, context),
      }),
      deviceRef: t.field({
        type: refs.DeviceName,
        description: 'Stays when the device is gone.',
        resolve: ({ namespace, device: name }) => ({ namespace, name }),
      }),
      values: t.field({ type: [Value], resolve: ({ values }) => values }),
      state: t.field({ type: enums.ChangeState, resolve: ({ state }) => state }),
      createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
      createdBy: t.exposeString('createdBy'),
      settledAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ settledAt }) => settledAt }),
      results: t.field({ type: [Result], resolve: ({ results }) => results }),
    }),
  });

  const outcome = (name: 'Settled' | 'Pending' | 'TimedOut', description: string) =>
    builder.objectRef<Extract<SetDesiredResult, { kind: typeof name }>>(name).implement({
      description,
      fields: (t) => ({ change: t.field({ type: refs.Change, resolve: ({ change }) => change }) }),
    });
  const SetDesiredResultRef = builder.unionType('SetDesiredResult', {
    types: [
      outcome('Settled', 'What was waited for has happened.'),
      outcome('Pending', 'Accepted; it will be delivered when the link is up again.'),
      cloud.Rejected,
      outcome('TimedOut', 'Accepted, but what was waited for has not happened in time; it still may.'),
    ],
    resolveType: ({ kind }) => kind,
  });

  builder.queryField('change', (t) =>
    t.field({
      type: refs.Change,
      nullable: true,
      description: 'A change that was accepted here, and how far it got.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => change(id, context),
    }),
  );
  builder.subscriptionField('change', (t) =>
    t.field({
      type: refs.Change,
      description: 'How far the change got, and then every step until its end.',
      args: { id: t.arg.id({ required: true }) },
      subscribe: (_root, { id }, context) => subscribeChange(id, context),
      resolve: (source) => source,
    }),
  );
  builder.mutationField('setDesired', (t) =>
    t.field({
      type: SetDesiredResultRef,
      description: 'Sets desired values of a device, in the cloud or at the edge, link up or down.',
      args: { input: t.arg({ type: inputs.SetDesiredInput, required: true }) },
      resolve: (_root, { input }, context) => setDesired(input, context),
    }),
  );
}

import { type InvokeMethodResult, invokeMethod } from '../resolvers/invoke-method.ts';
import type { Parts } from './parts.ts';

export function defineInvokeMethod({ builder, owns, inputs }: Parts): void {
  if (!owns('edge')) return;
  const Done = builder
    .objectRef<Extract<InvokeMethodResult, { kind: 'MethodDone' }>>('MethodDone')
    .implement({
      description: 'The device did it.',
      fields: (t) => ({
        value: t.field({
          type: 'TwinValue',
          nullable: true,
          description: 'What it answered; null where it answers nothing.',
          resolve: ({ value }) => value,
        }),
      }),
    });
  const Failed = builder
    .objectRef<Extract<InvokeMethodResult, { kind: 'MethodFailed' }>>('MethodFailed')
    .implement({
      description: 'Refused or not answered. After DEVICE_TIMEOUT nobody knows whether the device did it.',
      fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
    });
  const Result = builder.unionType('InvokeMethodResult', {
    types: [Done, Failed],
    resolveType: ({ kind }) => kind,
  });
  builder.mutationField('invokeMethod', (t) =>
    t.field({
      type: Result,
      nullable: true,
      description: 'Calls a method of a device, once. null: its node is away; it is never tried again.',
      args: { input: t.arg({ type: inputs.InvokeMethodInput, required: true }) },
      resolve: (_root, { input }, context) => invokeMethod(input, context),
    }),
  );
}

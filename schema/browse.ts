import { browse } from '../resolvers/browse.ts';
import type { BrowsedNode } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

export function defineBrowse({ builder, owns, refs, enums }: Parts): void {
  if (!owns('edge')) return;
  const BrowsedNodeRef = builder.objectRef<BrowsedNode>('BrowsedNode').implement({
    description: "One entry of a device's own address space: for building its model.",
    fields: (t) => ({
      id: t.exposeID('id', { description: 'What a visitor names it by; `browse(node:)` goes on below it.' }),
      name: t.exposeString('name'),
      kind: t.field({ type: enums.BrowsedKind, resolve: ({ kind }) => kind }),
      dataType: t.exposeString('dataType', {
        nullable: true,
        description: "Of a variable: the protocol's own name of its data type, such as Double.",
      }),
      writable: t.exposeBoolean('writable', { nullable: true, description: 'Of a variable.' }),
    }),
  });
  builder.objectField(refs.Device, 'browse', (t) =>
    t.field({
      type: [BrowsedNodeRef],
      nullable: true,
      description:
        'What the device itself lists, one step below `node`: OPC UA has it. null: its node is away, or its protocol has nothing to browse.',
      args: { node: t.arg.id({ description: 'Its objects where nothing is said: `ns=2;s=Boiler`.' }) },
      resolve: browse,
    }),
  );
}

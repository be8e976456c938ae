import { type ConflictPage, conflicts, resolveConflict } from '../resolvers/conflict.ts';
import { device } from '../resolvers/device.ts';
import type { Conflict, ConflictSide } from '../twin/conflict.ts';
import { splitId } from '../twin/device-object.ts';
import type { Parts } from './parts.ts';

export function defineConflict({ builder, refs, enums, inputs, cloud }: Parts): void {
  if (!cloud) return;
  const Side = builder.objectRef<ConflictSide>('ConflictWish').implement({
    fields: (t) => ({
      from: t.field({ type: enums.ConflictSide, resolve: ({ from }) => from }),
      value: t.field({
        type: 'TwinValue',
        nullable: true,
        description: 'null: nothing was wanted.',
        resolve: ({ desired }) => desired?.value,
      }),
      change: t.id({ nullable: true, resolve: ({ desired }) => desired?.change }),
      setBy: t.string({ nullable: true, resolve: ({ desired }) => desired?.setBy }),
      setAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ desired }) => desired?.setAt }),
    }),
  });
  const ConflictRef = builder.objectRef<Conflict>('Conflict').implement({
    description: 'Two wishes for one property that could not both stand: nothing is overwritten in silence.',
    fields: (t) => ({
      id: t.exposeID('id'),
      device: t.field({
        type: refs.Device,
        nullable: true,
        resolve: (conflict, _args, context) => {
          const [namespace, name] = splitId(conflict.device);
          return device({ namespace, name }, context);
        },
      }),
      property: t.exposeString('property'),
      winner: t.field({ type: Side, resolve: ({ winner }) => winner }),
      loser: t.field({ type: Side, resolve: ({ loser }) => loser }),
      at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
      resolvedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ resolvedAt }) => resolvedAt }),
    }),
  });
  const Edge = builder.objectRef<ConflictPage['edges'][number]>('ConflictEdge').implement({
    fields: (t) => ({
      cursor: t.exposeString('cursor'),
      node: t.field({ type: ConflictRef, resolve: ({ node }) => node }),
    }),
  });
  const Connection = builder.objectRef<ConflictPage>('ConflictConnection').implement({
    fields: (t) => ({
      edges: t.field({ type: [Edge], resolve: ({ edges }) => edges }),
      pageInfo: t.field({ type: cloud.PageInfo, resolve: ({ pageInfo }) => pageInfo }),
    }),
  });
  const Resolved = builder.objectRef<{ kind: 'Resolved'; conflict: Conflict }>('ConflictResolved').implement({
    fields: (t) => ({ conflict: t.field({ type: ConflictRef, resolve: ({ conflict }) => conflict }) }),
  });
  const ResolveResult = builder.unionType('ResolveConflictResult', {
    types: [Resolved, cloud.Rejected],
    resolveType: ({ kind }) => (kind === 'Resolved' ? 'ConflictResolved' : 'Rejected'),
  });

  builder.queryField('conflicts', (t) =>
    t.field({
      type: Connection,
      description: 'The conflict ledger, the newest first.',
      args: {
        where: t.arg({ type: inputs.ConflictFilter }),
        first: t.arg.int({ defaultValue: 50, description: '0 to 1000.' }),
        after: t.arg.string({ description: 'A cursor of this connection.' }),
      },
      resolve: (_root, args, context) => conflicts(args, context),
    }),
  );
  builder.mutationField('resolveConflict', (t) =>
    t.field({
      type: ResolveResult,
      args: { input: t.arg({ type: inputs.ResolveConflictInput, required: true }) },
      resolve: (_root, { input }, context) => resolveConflict(input, context),
    }),
  );
}

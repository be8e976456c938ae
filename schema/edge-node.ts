import type { LinkSource } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

export function defineEdgeNode({ builder, owns, refs, enums }: Parts): void {
  if (!owns('edge')) return;
  const Link = builder.objectRef<LinkSource>('Link').implement({
    description: 'The tunnel between the node and the cloud, as the answering side sees it.',
    fields: (t) => ({
      state: t.field({ type: enums.LinkState, resolve: ({ state }) => state }),
      since: t.field({ type: 'DateTime', nullable: true, resolve: ({ since }) => since }),
      lastSyncAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the cloud last took something from the node.',
        resolve: ({ lastSyncAt }) => lastSyncAt,
      }),
    }),
  });
  builder.objectType(refs.EdgeNode, {
    fields: (t) => ({
      link: t.field({ type: Link, resolve: ({ link }) => link }),
      version: t.exposeString('version', { nullable: true, description: "Octograph's version there." }),
    }),
  });
}

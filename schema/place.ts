import type { PlaceSource } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

/** Where an answer comes from: the same document runs in the cloud and at the edge. */
export function definePlace({ builder, owns, enums }: Parts): void {
  if (!owns('cloud')) return;
  const Place = builder.objectRef<PlaceSource>('Place').implement({
    fields: (t) => ({
      kind: t.field({ type: enums.PlaceKind, resolve: (place) => place.kind }),
      nodeName: t.exposeString('nodeName', {
        nullable: true,
        description: 'At the edge: the name of the node.',
      }),
      version: t.exposeString('version'),
      time: t.field({ type: 'DateTime', resolve: (_place, _args, { clock }) => clock.now() }),
    }),
  });
  builder.queryField('place', (t) =>
    t.field({ type: Place, resolve: (_root, _args, context) => context.place }),
  );
}

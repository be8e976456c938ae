import type { KubernetesFreshness, PlaceSource } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

/** Where an answer comes from: the same document runs in the cloud and at the edge. */
export function definePlace({ builder, owns, enums }: Parts): void {
  if (!owns('cloud')) return;
  const Freshness = builder.objectRef<KubernetesFreshness>('KubernetesFreshness').implement({
    fields: (t) => ({
      current: t.exposeBoolean('current', {
        description: 'In the cloud: the API server is followed. At the edge: the link is up.',
      }),
      asOf: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When they were last known to be right; null where nobody knows.',
        resolve: ({ asOf }) => asOf ?? null,
      }),
      reason: t.exposeString('reason', { nullable: true, description: 'Why they are not current.' }),
    }),
  });
  const Place = builder.objectRef<PlaceSource>('Place').implement({
    fields: (t) => ({
      kind: t.field({ type: enums.PlaceKind, resolve: (place) => place.kind }),
      nodeName: t.exposeString('nodeName', {
        nullable: true,
        description: 'At the edge: the name of the node.',
      }),
      version: t.exposeString('version'),
      kubernetes: t.field({
        type: Freshness,
        description:
          'How far nodes, pods, devices and models are to be trusted: they are answered from what was last read.',
        resolve: (place) => place.kubernetes(),
      }),
      time: t.field({ type: 'DateTime', resolve: (_place, _args, { clock }) => clock.now() }),
    }),
  });
  builder.queryField('place', (t) =>
    t.field({ type: Place, resolve: (_root, _args, context) => context.place }),
  );
}

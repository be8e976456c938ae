import { HISTORY_POINTS_LIMIT, history } from '../resolvers/history.ts';
import type { History, HistoryGap, HistorySample } from '../twin/history.ts';
import type { Parts } from './parts.ts';

export function defineHistory({ builder, owns, refs, enums }: Parts): void {
  if (!owns('edge')) return;
  const Sample = builder.objectRef<HistorySample>('HistorySample').implement({
    fields: (t) => ({
      at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
      value: t.field({ type: 'TwinValue', nullable: true, resolve: ({ value }) => value }),
      quality: t.field({ type: enums.Quality, resolve: ({ quality }) => quality }),
      raw: t.exposeString('raw', { nullable: true }),
    }),
  });
  const Gap = builder.objectRef<HistoryGap>('HistoryGap').implement({
    description: 'Nothing is known of the property in between.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
      to: t.field({ type: 'DateTime', resolve: ({ to }) => to }),
    }),
  });
  const HistoryRef = builder.objectRef<History>('History').implement({
    description: 'What a property was, sized to what can be seen, with the gaps between.',
    fields: (t) => ({
      samples: t.field({ type: [Sample], resolve: ({ samples }) => samples }),
      gaps: t.field({ type: [Gap], resolve: ({ gaps }) => gaps }),
      next: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'RAW only: there was more than `points`; ask again from here.',
        resolve: ({ next }) => next,
      }),
    }),
  });
  builder.objectField(refs.Twin, 'history', (t) =>
    t.field({
      type: HistoryRef,
      nullable: true,
      description: "From the node's own store, which keeps it link up or down. null: the node is away.",
      args: {
        from: t.arg({ type: 'DateTime', description: 'An hour before `to` where nothing is said.' }),
        to: t.arg({ type: 'DateTime', description: 'Now where nothing is said.' }),
        points: t.arg.int({ defaultValue: 300, description: `1 to ${HISTORY_POINTS_LIMIT}.` }),
        method: t.arg({ type: enums.Downsample, defaultValue: 'MINMAX' }),
      },
      resolve: history,
    }),
  );
}

import type { Freshness } from '../twin/freshness.ts';
import type { Desired, Reported } from '../twin/twin.ts';
import type { TwinView } from '../twin/view.ts';
import { inaccessible } from './federation.ts';
import type { Parts } from './parts.ts';

export function defineTwin(parts: Parts): void {
  const { builder, owns, refs, enums, federated } = parts;
  if (!owns('edge')) return;

  const DesiredValue = builder.objectRef<Desired>('DesiredValue').implement({
    fields: (t) => ({
      value: t.field({ type: 'TwinValue', nullable: true, resolve: ({ value }) => value }),
      raw: t.string({
        description: 'The text that Kubernetes carries.',
        resolve: ({ value }) => (value === null ? '' : String(value)),
      }),
      change: t.exposeID('change', { nullable: true, description: 'Absent when a plain kubectl set it.' }),
      setAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ setAt }) => setAt }),
      setBy: t.exposeString('setBy', { nullable: true }),
      expiresAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ expiresAt }) => expiresAt }),
    }),
  });
  const ReportedValue = builder.objectRef<Reported>('ReportedValue').implement({
    fields: (t) => ({
      value: t.field({ type: 'TwinValue', nullable: true, resolve: ({ value }) => value }),
      raw: t.exposeString('raw', {
        nullable: true,
        description: "What the device said, where it does not fit the model's type.",
      }),
      quality: t.field({ type: enums.Quality, resolve: ({ quality }) => quality }),
      observedAt: t.field({ type: 'DateTime', resolve: ({ observedAt }) => observedAt }),
    }),
  });
  const Sync = builder.objectRef<TwinView['sync']>('Sync').implement({
    description: 'How a desired value and the device stand to each other.',
    fields: (t) => ({
      state: t.field({ type: enums.SyncState, resolve: ({ state }) => state }),
      change: t.exposeID('change', { nullable: true }),
      since: t.field({ type: 'DateTime', nullable: true, resolve: ({ since }) => since }),
      reason: t.exposeString('reason', { nullable: true }),
    }),
  });
  const FreshnessRef = builder.objectRef<Freshness>('Freshness').implement({
    description: 'How far the answer can be trusted.',
    fields: (t) => ({
      source: t.field({ type: enums.FreshnessSource, resolve: ({ source }) => source }),
      asOf: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'The last successful collection that the answer rests on.',
        resolve: ({ asOf }) => asOf,
      }),
      ageMs: t.float({ nullable: true, resolve: ({ ageMs }) => ageMs }),
      stale: t.exposeBoolean('stale', {
        description: 'Link down, device not online, or no collection for three cycles.',
      }),
      link: t.field({ type: enums.LinkState, resolve: ({ link }) => link }),
      linkSince: t.field({ type: 'DateTime', nullable: true, resolve: ({ linkSince }) => linkSince }),
    }),
  });

  builder.objectType(refs.Twin, {
    description: 'Both views of one property: what is wanted of it, and what the device last said.',
    fields: (t) => ({
      property: t.string({ resolve: ({ model }) => model.name }),
      type: t.field({ type: enums.ValueType, resolve: ({ model }) => model.type }),
      unit: t.string({ nullable: true, resolve: ({ model }) => model.unit }),
      accessMode: t.field({ type: enums.AccessMode, resolve: ({ model }) => model.accessMode }),
      localOnly: t.boolean({
        description: 'It never leaves its node: in the cloud `reported` and `observedDesired` are null.',
        resolve: ({ model }) => model.localOnly,
      }),
      minimum: t.float({ nullable: true, resolve: ({ model }) => model.minimum }),
      maximum: t.float({ nullable: true, resolve: ({ model }) => model.maximum }),
      desired: t.field({ type: DesiredValue, nullable: true, resolve: ({ desired }) => desired }),
      observedDesired: t.field({
        type: DesiredValue,
        nullable: true,
        description: 'What the edge acts on.',
        resolve: ({ observedDesired }) => observedDesired,
      }),
      reported: t.field({ type: ReportedValue, nullable: true, resolve: ({ reported }) => reported }),
      sync: t.field({ type: Sync, resolve: ({ sync }) => sync }),
      freshness: t.field({ type: FreshnessRef, resolve: ({ freshness }) => freshness }),
    }),
  });
  if (federated) {
    // The order key of a value that the gateway reads through the tunnel; no client sees it.
    builder.objectField(refs.Twin, 'seq', (t) =>
      t.float({ ...inaccessible(parts), resolve: ({ seq }) => seq }),
    );
  }
}

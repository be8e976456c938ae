import type { ArgBuilder } from '@pothos/core';
import type { LiveEventSource } from '../resolvers/context.ts';
import type { Types } from './builder.ts';
import { shareable } from './federation.ts';
import type { Parts } from './parts.ts';

export const LIVE_TEXT =
  'First the members as they are (SNAPSHOT, then one SNAPSHOT_END), then who enters (ENTERED), changes (UPDATED) and leaves (LEFT). A subscriber that is too slow gets a GAP with the count of what it missed, never silence.';

/** In both subgraphs: each of them owns live sets. */
export function defineGap(parts: Parts): void {
  parts.builder.objectType(parts.refs.Gap, {
    description:
      'Events that are missing: this subscriber was too slow for them, or, of messages, their node had no room.',
    ...shareable(parts),
    fields: (t) => ({ dropped: t.exposeInt('dropped') }),
  });
}

/** What every event says, whatever it is about. */
export function eventFields<Source extends LiveEventSource>(
  t: PothosSchemaTypes.ObjectFieldBuilder<Types, Source>,
  { enums, refs }: Parts,
) {
  return {
    kind: t.field({ type: enums.LiveEventKind, resolve: ({ kind }) => kind }),
    cursor: t.string({
      description: 'Opaque; subscribe with the same arguments and `after` to go on behind it.',
      resolve: ({ cursor }) => cursor,
    }),
    gap: t.field({ type: refs.Gap, nullable: true, resolve: ({ gap }) => gap }),
  };
}

export const afterArg = (arg: ArgBuilder<Types>) =>
  arg.string({
    description:
      'A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET and a new snapshot.',
  });

/** The arguments that every live set of Kubernetes objects has, beside its filter. */
export const liveArgs = (arg: ArgBuilder<Types>) => ({
  labelSelector: arg.string({ description: "kubectl's text: `app=a,tier in (b,c),!canary`." }),
  after: afterArg(arg),
});

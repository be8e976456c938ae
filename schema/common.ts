import type { ChangeSource } from '../resolvers/set-desired.ts';
import type { KubeCondition } from '../twin/cluster-object.ts';
import type { Builder } from './builder.ts';
import type { Refs } from './refs.ts';

/** What a mutation refused; of setDesired also the change, where it became one. */
export interface RejectedSource {
  kind: 'Rejected';
  change?: ChangeSource;
  code: string;
  property?: string;
  message: string;
}

/** Small types that several cloud types share. */
export function createCommon(builder: Builder, refs: Refs) {
  return {
    Rejected: builder.objectRef<RejectedSource>('Rejected').implement({
      description: 'Refused; `message` names the thing, the value and what was expected.',
      fields: (t) => ({
        change: t.field({
          type: refs.Change,
          nullable: true,
          description: 'null: refused before it became a change.',
          resolve: ({ change }) => change,
        }),
        code: t.exposeString('code'),
        property: t.exposeString('property', { nullable: true }),
        message: t.exposeString('message'),
      }),
    }),
    Label: builder.objectRef<{ key: string; value: string }>('Label').implement({
      fields: (t) => ({ key: t.exposeString('key'), value: t.exposeString('value') }),
    }),
    Condition: builder.objectRef<KubeCondition>('Condition').implement({
      fields: (t) => ({
        type: t.exposeString('type'),
        status: t.exposeString('status', { description: 'True, False or Unknown.' }),
        reason: t.exposeString('reason', { nullable: true }),
        message: t.exposeString('message', { nullable: true }),
        lastTransitionAt: t.field({
          type: 'DateTime',
          nullable: true,
          description: 'Since when it has this status.',
          resolve: ({ lastTransitionTime }) => instantOf(lastTransitionTime),
        }),
      }),
    }),
  };
}

export function labelsOf(labels: Record<string, string> | undefined): Array<{ key: string; value: string }> {
  return Object.entries(labels ?? {}).map(([key, value]) => ({ key, value }));
}

export function instantOf(timestamp: string | undefined): number | null {
  const instant = Date.parse(timestamp ?? '');
  return Number.isNaN(instant) ? null : instant;
}

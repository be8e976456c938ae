import type { Builder } from './builder.ts';

/** Small types that several cloud types share. */
export function createCommon(builder: Builder) {
  return {
    Label: builder.objectRef<{ key: string; value: string }>('Label').implement({
      fields: (t) => ({ key: t.exposeString('key'), value: t.exposeString('value') }),
    }),
    Condition: builder
      .objectRef<{ type: string; status: string; reason?: string; message?: string }>('Condition')
      .implement({
        fields: (t) => ({
          type: t.exposeString('type'),
          status: t.exposeString('status', { description: 'True, False or Unknown.' }),
          reason: t.exposeString('reason', { nullable: true }),
          message: t.exposeString('message', { nullable: true }),
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

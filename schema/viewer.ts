import type { Context } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

/** Who asks: a page that knows it offers nothing that would be refused. */
export function defineViewer({ builder, owns }: Parts): void {
  if (!owns('cloud')) return;
  const Viewer = builder.objectRef<Context['principal']>('Viewer').implement({
    description: 'Who asks, as the server knows them.',
    fields: (t) => ({
      name: t.exposeString('name'),
      mayWrite: t.boolean({
        description: 'false: every mutation is refused. true: what a mutation asks for may still be refused.',
        resolve: ({ rights }) => rights === 'write',
      }),
    }),
  });
  builder.queryField('viewer', (t) =>
    t.field({ type: Viewer, resolve: (_root, _args, { principal }) => principal }),
  );
}

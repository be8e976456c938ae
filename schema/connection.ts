import type { ArgBuilder, ObjectRef } from '@pothos/core';
import type { Page } from '../resolvers/page.ts';
import type { Builder, Types } from './builder.ts';

/** `XConnection` and `XEdge` of a type, in the shape of the GraphQL Cursor Connections specification. */
export function createConnections(builder: Builder) {
  const PageInfo = builder.objectRef<Page<unknown>['pageInfo']>('PageInfo').implement({
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      endCursor: t.exposeString('endCursor', { nullable: true }),
    }),
  });

  function connectionOf<Source>(name: string, node: ObjectRef<Types, Source>) {
    const Edge = builder.objectRef<{ cursor: string; node: Source }>(`${name}Edge`).implement({
      fields: (t) => ({
        cursor: t.exposeString('cursor'),
        node: t.field({ type: node, resolve: (edge) => edge.node as never }),
      }),
    });
    return builder.objectRef<Page<Source>>(`${name}Connection`).implement({
      fields: (t) => ({
        edges: t.field({ type: [Edge], resolve: (page) => page.edges }),
        pageInfo: t.field({ type: PageInfo, resolve: (page) => page.pageInfo }),
        totalCount: t.exposeInt('totalCount'),
      }),
    });
  }
  return { PageInfo, connectionOf };
}

/** The arguments that every connection has, beside its filter and its order. */
export function listArgs(arg: ArgBuilder<Types>) {
  return {
    first: arg.int({ defaultValue: 50, description: '0 to 1000.' }),
    after: arg.string({ description: 'A cursor of this connection, in this order.' }),
    labelSelector: arg.string({ description: "kubectl's text: `app=a,tier in (b,c),!canary`." }),
  };
}

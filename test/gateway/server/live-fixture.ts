import { buildSchema, type GraphQLFieldResolver, type GraphQLObjectType } from 'graphql';
import { encodeCursor } from '../../../gateway/live/cursor.ts';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createLiveSet } from '../../../gateway/live/live-set.ts';
import type { Principal } from '../../../gateway/server/authentication.ts';

export interface Reading {
  tenant: string;
  value: number;
}

export interface LiveContext {
  principal: Principal;
}

/** A live set, and how often its events were executed. */
export function createLiveFixture() {
  const set = createLiveSet<Reading>({ epoch: 'test', present: (event) => event });
  let published = 0;
  const counts = { executions: 0 };
  const schema = buildSchema(/* GraphQL */ `
    type Query {
      hello: String
    }
    type Subscription {
      readings(tenants: [String!], after: String): Event
    }
    type Event {
      kind: String!
      cursor: String!
      value: Int
      tenant: String
      "Reads who asks: it may reach nobody else."
      seenBy: String
      echo(text: String): String
      dropped: Int
    }
  `);
  type Resolver = GraphQLFieldResolver<LiveEvent<Reading>, LiveContext, never>;
  const resolvers: Record<string, Resolver> = {
    kind: ({ kind }) => {
      counts.executions++;
      return kind;
    },
    value: (event) => ('value' in event ? event.value.value : null),
    tenant: (event) => ('value' in event ? event.value.tenant : null),
    seenBy: (_event, _args, { principal }) => principal.name,
    echo: (_event, { text }: { text?: string }) => text,
    dropped: (event) => ('gap' in event ? event.gap.dropped : null),
  };
  const fields = (schema.getType('Event') as GraphQLObjectType).getFields();
  for (const [name, resolve] of Object.entries(resolvers)) fields[name]!.resolve = resolve as never;
  Object.assign(schema.getSubscriptionType()!.getFields().readings!, {
    subscribe: (_source: unknown, { tenants, after }: { tenants?: string[]; after?: string }) =>
      set.subscribe({
        after,
        scope: tenants ? tenants.join() : '',
        matches: ({ tenant }) => !tenants || tenants.includes(tenant),
      }),
    resolve: (event: unknown) => event,
  });
  return {
    schema,
    counts,
    /** @returns its cursor for those who want all tenants */
    publish(tenant: string, value: number) {
      set.put(tenant, { tenant, value });
      return encodeCursor('test', ++published);
    },
  };
}

import {
  type AccessOptions,
  authorizedContext,
  dashboardRoutes,
  type GraphqlListener,
  type GraphqlServer,
  type Guards,
  startGraphqlServer,
} from '../gateway/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Context } from '../resolvers/context.ts';
import { createLocalSchema } from '../schema/schemas.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { LinkState } from '../tunnel/contract.ts';

export interface LocalApiOptions {
  nodeName: string;
  listen: GraphqlListener;
  access: AccessOptions;
  guards?: Guards;
  graphiql: boolean;
  /** What every operation knows. */
  base: Omit<Context, 'principal' | 'signal'>;
  store: EdgeStore;
  link: () => LinkState;
  metrics: Metrics;
  clock: Clock;
  logger: Logger;
}

/** The node's own GraphQL API and dashboard, with health and metrics. It serves whether the link is up or down. */
export function startLocalApi(options: LocalApiOptions): Promise<GraphqlServer> {
  const { nodeName, guards, listen, access, graphiql, base, store, link, metrics, clock, logger } = options;
  return startGraphqlServer({
    ...guards,
    listen,
    what: `the GraphQL API of edge node ${nodeName}`,
    schema: createLocalSchema(),
    contextFor: (principal, { signal, authorize }) =>
      authorizedContext<Context>({ ...base, principal, signal }, authorize),
    access,
    graphiql,
    routes: dashboardRoutes(),
    health: {
      live: () => true,
      ready: () => ({ ok: true, checks: [storeCheck(store), linkCheck(link())] }),
      metrics: () => metrics.text(),
    },
    clock,
    logger,
  });
}

function storeCheck(store: EdgeStore) {
  const { isRefused, isHistoryStopped, recovery } = store.facts();
  const words = [
    store.identity.storeId,
    ...(isRefused ? ['the disk refuses writes'] : []),
    ...(isHistoryStopped ? ['no history is written'] : []),
    ...(recovery ? [`recovered: ${recovery.reason}`] : []),
  ];
  // It answers and its mappers run, whatever the disk does: that it refuses is told, and no reason to end the process.
  return { name: 'store', ok: true, detail: words.join(', ') };
}

const linkCheck = ({ up, lastError }: LinkState) => ({
  name: 'link',
  ok: true,
  detail: up ? 'up' : `down: ${lastError ?? 'not connected yet'}`,
});

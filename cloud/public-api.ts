import {
  type AccessOptions,
  authorizedContext,
  createPlanRuntime,
  dashboardRoutes,
  type GraphqlListener,
  type GraphqlServer,
  type Guards,
  type Health,
  type OperationRequest,
  type Principal,
  startGraphqlServer,
} from '../gateway/index.ts';
import { createLocalExecutor } from '../gateway/local-executor.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Context } from '../resolvers/context.ts';
import { printSubgraph } from '../schema/federation.ts';
import { supergraphSdl } from '../schema/generated/supergraph.ts';
import { scalarsOf } from '../schema/scalars.ts';
import { hashOfSdl } from '../schema/schema-hash.ts';
import { createCloudSubgraph, createEdgeSubgraph } from '../schema/schemas.ts';
import { EdgeDialects } from './edge-dialects.ts';
import { NodeGate } from './node-gate.ts';
import type { NodeLinks } from './node-links.ts';
import {
  type CloudContext,
  createContextFactory,
  type OperationContextOptions,
} from './operation-context.ts';
import type { CloudTwins } from './twin-reader.ts';

export interface PublicApiOptions {
  listen: GraphqlListener;
  access: AccessOptions;
  guards?: Guards;
  graphiql: boolean;
  base: OperationContextOptions['base'];
  twins: CloudTwins;
  links: NodeLinks;
  health: Health;
  clock: Clock;
  logger: Logger;
}

/** The gateway's GraphQL API and console: both subgraphs under one schema, and each by itself. */
export function startPublicApi(options: PublicApiOptions): Promise<GraphqlServer> {
  const { listen, access, guards, graphiql, base, twins, links, health, clock, logger } = options;
  const cloudSubgraph = createCloudSubgraph();
  const edgeSubgraph = createEdgeSubgraph();
  const createContext = createContextFactory({
    base,
    twins,
    links,
    gate: new NodeGate({ clock }),
    dialects: new EdgeDialects(hashOfSdl(printSubgraph(edgeSubgraph))),
    clock,
  });
  const contextFor = (principal: Principal, request: OperationRequest) =>
    authorizedContext(createContext(principal, request), request.authorize);
  const runtime = createPlanRuntime({
    supergraphSdl,
    executors: {
      cloud: createLocalExecutor(cloudSubgraph, logger),
      edge: createLocalExecutor(edgeSubgraph, logger),
    },
    scalars: scalarsOf(cloudSubgraph),
  });
  return startGraphqlServer({
    ...guards,
    listen,
    what: 'the GraphQL API of the cloud gateway',
    schema: runtime.schema,
    async execute(args) {
      const { signal, completeness } = args.contextValue as CloudContext;
      return completeness.addTo(await runtime.execute({ ...args, signal }));
    },
    subscribe: (args) => runtime.subscribe({ ...args, signal: (args.contextValue as Context).signal }),
    contextFor,
    subgraphs: {
      cloud: { schema: cloudSubgraph, contextFor },
      edge: { schema: edgeSubgraph, contextFor },
    },
    access,
    graphiql,
    routes: dashboardRoutes(),
    health,
    clock,
    logger,
  });
}

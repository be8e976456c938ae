/**
 * CPU per query of the cloud gateway's engine (parse, limits, validation, plan, execution, serialisation), as a ratio to the same
 * resolvers and services as one plain schema behind the same engine, and to Hive Gateway over the same subgraphs.
 *
 *     node bench/query.ts
 */
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { execute, type GraphQLSchema } from 'graphql';
import { createPlanRuntime } from '../gateway/index.ts';
import { createLocalExecutor } from '../gateway/local-executor.ts';
import { createEngine } from '../gateway/server/engine.ts';
import { defaultLimits } from '../gateway/server/limits.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { supergraphSdl } from '../schema/generated/supergraph.ts';
import { createCloudSubgraph, createEdgeSubgraph, createLocalSchema } from '../schema/schemas.ts';
import { createBenchCloud } from './bench-cloud.ts';

const QUERIES = {
  'one device': `{ device(name: "device-7") { name nodeName model { name } node { name ready } twins { property reported { value observedAt } sync { state } freshness { stale } } } }`,
  'list of 50': `{ devices(first: 50) { edges { node { name nodeName twins { property reported { value observedAt } } } } } }`,
  'list of 1000': `{ devices(first: 1000) { edges { node { name nodeName twins { property reported { value observedAt } } } } } }`,
};
const ROUNDS = 5;

type Ask = (query: string) => Promise<string>;

const { contextFor } = createBenchCloud({ devices: 1000, nodes: 3 });
const principal = { name: 'bench', rights: 'read' } as const;

const cloud = createCloudSubgraph();
const edge = createEdgeSubgraph();

function ours(): Ask {
  const executors = {
    cloud: createLocalExecutor(cloud, silentLogger),
    edge: createLocalExecutor(edge, silentLogger),
  };
  const { schema, execute } = createPlanRuntime({ supergraphSdl, executors });
  return behindEngine({ schema, execute, contextFor });
}

const plain = (): Ask => behindEngine({ schema: createLocalSchema(), contextFor });

function behindEngine(
  endpoint: Pick<Parameters<typeof createEngine>[0], 'schema' | 'contextFor' | 'execute'>,
): Ask {
  const limits = { ...defaultLimits, cost: Number.MAX_SAFE_INTEGER };
  const { http } = createEngine({
    ...endpoint,
    path: '/graphql',
    limits,
    clock: systemClock,
    logger: silentLogger,
    streams: new Set(),
  } as never);
  return async (query) => {
    const caller = { principal, abort: new AbortController(), opened: {} };
    const response = await http.fetch(request(query), caller as never);
    return response.text();
  };
}

/** Hive Gateway with its stitching engine, its subgraphs executed in process as ours are. */
function hive(): Ask {
  const schemas: Record<string, GraphQLSchema> = { cloud, edge };
  const gateway = createGatewayRuntime({
    // Its transports are chosen by the scheme of a URL, so there has to be one.
    supergraph: supergraphSdl.replace(/(@join__graph\(name: "\w+")[^)]*\)/g, '$1, url: "http://subgraph")'),
    logging: false,
    maskedErrors: false,
    transports: {
      http: {
        getSubgraphExecutor:
          ({ subgraphName }: { subgraphName: string }) =>
          ({ document, variables }: { document: never; variables: never }) =>
            execute({
              schema: schemas[subgraphName.toLowerCase()] as GraphQLSchema,
              document,
              variableValues: variables,
              contextValue: contextFor(principal, { signal: new AbortController().signal }),
            }),
      },
    },
  } as never);
  return async (query) => (await gateway.fetch(request(query))).text();
}

const request = (query: string) =>
  new Request('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

/** Microseconds of CPU per request; the median of the rounds. */
async function cpuPerRequest(ask: Ask, query: string, count: number): Promise<number> {
  for (let i = 0; i < count; i++) await ask(query);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) await ask(query);
    const { user, system } = process.cpuUsage(start);
    rounds.push((user + system) / count);
  }
  return rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
}

const variants = { plain: plain(), ours: ours(), hive: hive() };
for (const [name, query] of Object.entries(QUERIES)) {
  for (const [variant, ask] of Object.entries(variants)) {
    const answer = await ask(query);
    if (answer.length < 100 || answer.includes('"errors"'))
      throw new Error(`${variant}, ${name}: ${answer.slice(0, 300)}`);
  }
  const count = name.includes('1000') ? 20 : name.includes('50') ? 150 : 600;
  const us: Record<string, number> = {};
  for (const [variant, ask] of Object.entries(variants)) us[variant] = await cpuPerRequest(ask, query, count);
  const { plain: base = 0, ours: mine = 0, hive: other = 0 } = us;
  process.stdout.write(
    `${name.padEnd(14)} plain ${base.toFixed(0)} µs, ours ${mine.toFixed(0)} µs (${(mine / base).toFixed(2)}×), hive ${other.toFixed(0)} µs (${(other / mine).toFixed(2)}× ours)\n`,
  );
}
process.exit(0);

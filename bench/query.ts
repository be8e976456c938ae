/**
 * What a query costs the cloud gateway's engine (parse, limits, validation, plan, execution, serialisation): CPU, as a ratio to the
 * same resolvers and services as one plain schema behind the same engine; to Hive Gateway and to @graphql-tools/federation
 * over the same subgraphs. Each in a process of its own, with the time that a query takes from end to end and the process's memory.
 *
 *     node bench/query.ts
 */
import { execFileSync } from 'node:child_process';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { type DocumentNode, execute, type GraphQLSchema } from 'graphql';
import { createPlanRuntime } from '../gateway/index.ts';
import { createLocalExecutor } from '../gateway/local-executor.ts';
import { createEngine, type EngineOptions } from '../gateway/server/engine.ts';
import { defaultLimits } from '../gateway/server/limits.ts';
import { RateLimit } from '../gateway/server/rate-limit.ts';
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

function behindEngine(endpoint: Pick<EngineOptions, 'schema' | 'contextFor' | 'execute'>): Ask {
  const limits = { ...defaultLimits, cost: Number.MAX_SAFE_INTEGER };
  const { http } = createEngine({
    ...endpoint,
    path: '/graphql',
    limits,
    rateLimit: new RateLimit(Number.MAX_SAFE_INTEGER, systemClock),
    clock: systemClock,
    logger: silentLogger,
    streams: new Set(),
  });
  return async (query) => {
    const caller = { principal, abort: new AbortController(), opened: {} };
    const response = await http.fetch(request(query), caller as never);
    return response.text();
  };
}

const schemas: Record<string, GraphQLSchema> = { cloud, edge };

/** The subgraphs, executed in process as ours are. */
const executorOf =
  (subgraph: string) =>
  ({ document, variables }: { document: DocumentNode; variables?: Record<string, unknown> }) =>
    execute({
      schema: schemas[subgraph.toLowerCase()] as GraphQLSchema,
      document,
      variableValues: variables,
      contextValue: contextFor(principal, { signal: new AbortController().signal }),
    });

const tools = (): Ask =>
  behindEngine({
    schema: getStitchedSchemaFromSupergraphSdl({
      supergraphSdl,
      onSubschemaConfig(config) {
        config.executor = executorOf(config.name) as never;
      },
    }),
    contextFor,
  });

function hive(): Ask {
  const gateway = createGatewayRuntime({
    // Its transports are chosen by the scheme of a URL, so there has to be one.
    supergraph: supergraphSdl.replace(/(@join__graph\(name: "\w+")[^)]*\)/g, '$1, url: "http://subgraph")'),
    logging: false,
    maskedErrors: false,
    transports: {
      http: {
        getSubgraphExecutor: ({ subgraphName }: { subgraphName: string }) => executorOf(subgraphName),
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

interface Cost {
  /** Microseconds of CPU per query: the median of the rounds. */
  cpu: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** MB. */
  rss: number;
}

async function costOf(name: string, ask: Ask, query: string): Promise<Cost> {
  const answer = await ask(query);
  if (answer.length < 100 || answer.includes('"errors"')) throw new Error(`${name}: ${answer.slice(0, 300)}`);
  const count = name.includes('1000') ? 20 : name.includes('50') ? 150 : 600;
  // V8 optimizes on the way.
  for (let i = 0; i < count * ROUNDS; i++) await ask(query);
  const cpu: number[] = [];
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      const at = performance.now();
      await ask(query);
      took.push(performance.now() - at);
    }
    const { user, system } = process.cpuUsage(start);
    cpu.push((user + system) / count);
  }
  const rss = process.memoryUsage.rss() / 1e6;
  return { cpu: quantile(cpu, 0.5), p50: quantile(took, 0.5), p99: quantile(took, 0.99), rss };
}

const quantile = (values: number[], q: number): number =>
  values.sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] as number;

const VARIANTS = { plain, ours, hive, tools };
type Variant = keyof typeof VARIANTS;

const costIn = (name: string, variant: Variant): Cost =>
  JSON.parse(execFileSync(process.execPath, [import.meta.filename, name, variant], { encoding: 'utf8' }));

const [name, variant] = process.argv.slice(2) as [keyof typeof QUERIES | undefined, Variant];
if (name) {
  process.stdout.write(JSON.stringify(await costOf(name, VARIANTS[variant](), QUERIES[name])));
} else {
  for (const each of Object.keys(QUERIES)) {
    const mine = costIn(each, 'ours');
    const base = costIn(each, 'plain');
    const say = (who: string, { cpu, p50, p99, rss }: Cost, ratio: string) =>
      process.stdout.write(
        `${each.padEnd(13)} ${who.padEnd(6)} ${cpu.toFixed(0)} µs CPU${ratio}; p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; ${rss.toFixed(0)} MB\n`,
      );
    say('plain', base, '');
    say('ours', mine, ` (${(mine.cpu / base.cpu).toFixed(2)} × plain)`);
    for (const other of ['hive', 'tools'] as const) {
      const cost = costIn(each, other);
      say(other, cost, ` (${(cost.cpu / mine.cpu).toFixed(2)} × ours)`);
    }
  }
}
process.exit(0);

import { createRequire } from 'node:module';
import { GraphQLError } from 'graphql';
import { compilePlan } from './compile.ts';
import { LruCache } from './lru-cache.ts';
import type { CompiledPlan } from './steps.ts';

type PlannerModule = typeof import('@graphql-hive/router-query-planner');

// Loaded when a runtime is made: it is native, and the edge, which plans nothing, runs where it has no build.
const loadPlanner = () =>
  createRequire(import.meta.url)('@graphql-hive/router-query-planner') as PlannerModule;

const noLabels: Set<string> = new Set();

/** Plans by operation text. */
export class Planner {
  readonly #planner: InstanceType<PlannerModule['QueryPlanner']>;
  readonly #plans: LruCache<CompiledPlan>;

  constructor(supergraphSdl: string, cacheSize: number) {
    const { QueryPlanner } = loadPlanner();
    this.#planner = new QueryPlanner(supergraphSdl);
    this.#plans = new LruCache(cacheSize);
  }

  /**
   * `text` holds one operation. Fields under a progressive `@override` are taken from where they are going.
   * @throws {GraphQLError} QUERY_PLANNING_FAILED, where the operation does not fit the supergraph.
   */
  plan(text: string): CompiledPlan {
    let plan = this.#plans.get(text);
    if (plan) return plan;
    try {
      plan = compilePlan(this.#planner.plan(text, null, noLabels, 0));
    } catch (error) {
      const failure = new GraphQLError('This operation could not be planned.', {
        extensions: { code: 'QUERY_PLANNING_FAILED' },
      });
      throw Object.defineProperty(failure, 'cause', { value: error });
    }
    this.#plans.set(text, plan);
    return plan;
  }
}

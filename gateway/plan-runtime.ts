import type { BoundOperation } from './plan/bound-operation.ts';
import { bindOperation } from './plan/bound-operation.ts';
import type {
  PlanExecutionArgs,
  PlanRuntime,
  PlanRuntimeOptions,
  SubgraphExecutor,
} from './plan/contract.ts';
import type { Execution } from './plan/execute.ts';
import { runStep } from './plan/execute.ts';
import { Planner } from './plan/planner.ts';
import { Preparation } from './plan/prepare.ts';
import { publicSchemaOf } from './plan/public-schema.ts';
import { startSubscription } from './plan/subscribe.ts';
import type { SubgraphName } from './plan/supergraph.ts';
import { parseSupergraph } from './plan/supergraph.ts';

/**
 * Executes operations against any Federation 2 supergraph: plans them, asks the subgraphs' executors, and completes
 * the response as the specification of GraphQL has it.
 *
 * @throws where the SDL is no supergraph, a subgraph has no executor, or the native planner has no build for this
 *   platform.
 */
export function createPlanRuntime({
  supergraphSdl,
  executors,
  scalars,
  planCacheSize = 1000,
}: PlanRuntimeOptions): PlanRuntime {
  const supergraph = parseSupergraph(supergraphSdl);
  const executorsByService = executorsOf(supergraph.subgraphs, executors);
  const types = supergraph.typeConditions;
  const schema = publicSchemaOf(supergraph, scalars);
  const planner = new Planner(supergraphSdl, planCacheSize);
  const preparation = new Preparation(planner, { schema, types, reserved: supergraph });

  const start = (
    { rootTypeName, variables }: BoundOperation,
    { contextValue }: PlanExecutionArgs,
    signal: AbortSignal | undefined,
  ): Execution => ({
    executors: executorsByService,
    types,
    variables,
    context: contextValue,
    signal,
    data: { __typename: rootTypeName },
    errors: [],
  });

  return {
    schema,
    async execute(args) {
      args.signal?.throwIfAborted();
      const operation = bindOperation(preparation, args);
      if ('errors' in operation) return operation;
      const execution = start(operation, args, args.signal);
      const { step } = operation.plan;
      const pending = step && runStep(step, execution);
      if (pending) await (args.signal ? untilAborted(pending, args.signal) : pending);
      return operation.respond(execution);
    },
    async subscribe(args) {
      args.signal?.throwIfAborted();
      const operation = bindOperation(preparation, args);
      if ('errors' in operation) return operation;
      return startSubscription(
        operation,
        (signal, context = args.contextValue) => start(operation, { ...args, contextValue: context }, signal),
        args.signal,
      );
    },
  };
}

/** By both names that a plan may use for a subgraph. */
function executorsOf(
  subgraphs: readonly SubgraphName[],
  executors: Readonly<Record<string, SubgraphExecutor>>,
): Map<string, SubgraphExecutor> {
  const byService = new Map<string, SubgraphExecutor>();
  const missing: string[] = [];
  for (const { graph, name } of subgraphs) {
    const executor = Object.hasOwn(executors, name) ? executors[name] : undefined;
    if (!executor) missing.push(`"${name}"`);
    else byService.set(graph, executor).set(name, executor);
  }
  if (missing.length > 0) {
    const given = Object.keys(executors).map((name) => `"${name}"`);
    throw new Error(
      `no executor for the subgraph ${missing.join(', ')} of the supergraph: expected one by each subgraph's name, ` +
        `got ${given.join(', ') || 'none'}`,
    );
  }
  return byService;
}

/** `work`, or a rejection with the signal's reason, whichever comes first: an executor may not heed its signal. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

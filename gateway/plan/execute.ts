import type { MaybePromise } from './contract.ts';
import { entityErrors, placesOf, withoutAliases } from './entity-errors.ts';
import type { SourceError } from './errors.ts';
import { deepCopy, isObject, mergeObject } from './merge.ts';
import { walkObjects } from './paths.ts';
import { type Gathered, gather } from './representations.ts';
import { applyRewrites } from './rewrites.ts';
import type { EntityFetch, RootFetch, Source, Step } from './steps.ts';
import type { Answer, CallContext } from './subgraph-call.ts';
import { callSubgraph } from './subgraph-call.ts';
import type { TypeConditions } from './type-conditions.ts';

/** One run of a plan: what the subgraphs have given so far, and what they were asked with. */
export interface Execution extends CallContext {
  readonly types: TypeConditions;
  readonly data: Source;
  readonly errors: SourceError[];
}

/**
 * Runs a step and all below it, synchronously where the executors are. Failures of subgraphs become `errors`.
 * @throws the signal's reason, once it is aborted.
 */
export function runStep(step: Step, execution: Execution): MaybePromise<void> {
  switch (step.kind) {
    case 'sequence':
      return runSequence(step.steps, 0, execution);
    case 'parallel':
      return runParallel(step.steps, execution);
    case 'root-fetch':
      return fetchRoot(step, execution);
    case 'entity-fetch':
      return fetchEntities(step, execution);
  }
}

function runSequence(steps: readonly Step[], from: number, execution: Execution): MaybePromise<void> {
  for (let index = from; index < steps.length; index++) {
    const pending = runStep(steps[index]!, execution);
    if (pending) return pending.then(() => runSequence(steps, index + 1, execution));
  }
}

function runParallel(steps: readonly Step[], execution: Execution): MaybePromise<void> {
  const pending: Promise<void>[] = [];
  for (const step of steps) {
    const one = runStep(step, execution);
    if (one) pending.push(one);
  }
  if (pending.length > 0) return Promise.all(pending).then(() => undefined);
}

function fetchRoot(fetch: RootFetch, execution: Execution): MaybePromise<void> {
  const targets: Source[] = [];
  walkObjects(execution.data, fetch.path, execution.types, (object) => targets.push(object));
  if (targets.length === 0) return;
  return callSubgraph(fetch.template, undefined, execution, (answer) =>
    mergeRoot(fetch, targets, answer, execution),
  );
}

/** Merges an answer with fields of the root type into the objects that stand for it. */
export function mergeRoot(
  { template, path, names }: RootFetch,
  targets: readonly Source[],
  { data, errors, failure }: Answer,
  { types, data: root, errors: found }: Execution,
): void {
  if (data) {
    applyRewrites(data, template.rewrites, types);
    targets.forEach((target, index) => {
      const typeName = target.__typename;
      mergeObject(target, index === 0 ? data : deepCopy(data));
      // A subgraph may call its root type something else; type conditions in the plan do not.
      target.__typename = typeName;
    });
  }
  if (!failure && errors.length === 0) return;
  for (const at of [...placesOf([path], root, types).values()].flat()) {
    if (failure) found.push({ error: failure, at, names });
    for (const error of errors) {
      const own = error.path && withoutAliases(error.path, template.rewrites);
      found.push({ error, at: own && [...at, ...own] });
    }
  }
}

function fetchEntities(fetch: EntityFetch, execution: Execution): MaybePromise<void> {
  const { types, data, errors } = execution;
  const gathered = fetch.groups.map((group) => gather(group, data, types));
  if (gathered.every(({ targets }) => targets.length === 0)) return;
  const representations: Record<string, unknown> = {};
  fetch.groups.forEach(({ variable }, index) => {
    representations[variable] = gathered[index]!.representations;
  });
  return callSubgraph(fetch.template, representations, execution, (answer) => {
    if (answer.data) mergeGroups(fetch, gathered, answer.data, types);
    if (answer.failure || answer.errors.length > 0) {
      errors.push(...entityErrors(fetch, gathered, answer, data, types));
    }
  });
}

function mergeGroups(
  fetch: EntityFetch,
  gathered: readonly Gathered[],
  data: Source,
  types: TypeConditions,
): void {
  applyRewrites(data, fetch.template.rewrites, types);
  fetch.groups.forEach(({ alias, outputRewrites }, index) => {
    const entities = data[alias];
    applyRewrites(entities, outputRewrites, types);
    if (Array.isArray(entities)) mergeEntities(entities, gathered[index]!);
  });
}

function mergeEntities(entities: readonly unknown[], { targets, indexes }: Gathered): void {
  const given = new Uint8Array(entities.length);
  for (let position = 0; position < targets.length; position++) {
    const index = indexes[position]!;
    const entity = entities[index];
    if (!isObject(entity)) continue;
    // The places of one entity part here: later steps may select different fields under one name in each of them.
    mergeObject(targets[position]!, (given[index] ? deepCopy(entity) : entity) as Source);
    given[index] = 1;
  }
}

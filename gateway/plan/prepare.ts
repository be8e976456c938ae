import type { DocumentNode } from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import { clientOperation } from './client-operation.ts';
import type { Conditions } from './conditions.ts';
import { conditionNames } from './conditions.ts';
import type { Planner } from './planner.ts';
import { plannerDocument } from './planner-document.ts';
import type { ObjectShape, ProjectionContext } from './projection.ts';
import { projectionOf } from './projection.ts';
import type { ReservedNames } from './source-names.ts';
import { SourceNames } from './source-names.ts';
import type { CompiledPlan } from './steps.ts';

export interface PreparationContext extends ProjectionContext {
  reserved: ReservedNames;
}

/** An operation whose `@skip` and `@include` are decided. */
export interface OperationVariant {
  plan: CompiledPlan;
  /** Client variable → its name in the plan, for those that had to be renamed. */
  renamedVariables: ReadonlyMap<string, string>;
  projection: ObjectShape;
}

/** Variants kept per operation: one for each combination of what `@skip` and `@include` were given. */
const variantLimit = 64;

const nothingToFetch: CompiledPlan = { subscription: undefined, step: undefined };

/** Everything about a client's operation that does not depend on one request. Beyond 64 variants it starts over. */
export class PreparedOperation {
  readonly client: ClientOperation;
  readonly #planner: Planner;
  readonly #context: PreparationContext;
  readonly #sourceNames: SourceNames;
  readonly #conditionNames: readonly string[];
  readonly #variants = new Map<string, OperationVariant>();

  constructor(client: ClientOperation, planner: Planner, context: PreparationContext) {
    this.client = client;
    this.#planner = planner;
    this.#context = context;
    this.#sourceNames = new SourceNames(client, context.reserved);
    this.#conditionNames = conditionNames(client);
  }

  /** @throws {GraphQLError} where it cannot be planned. */
  variant(variables: Conditions): OperationVariant {
    let key = '';
    for (const name of this.#conditionNames) key += variables[name] ? '1' : '0';
    let variant = this.#variants.get(key);
    if (!variant) {
      variant = this.#build(variables);
      if (this.#variants.size >= variantLimit) this.#variants.clear();
      this.#variants.set(key, variant);
    }
    return variant;
  }

  #build(variables: Conditions): OperationVariant {
    // A snapshot: a projection is still being built while other requests use it.
    const conditions: Record<string, boolean> = Object.create(null);
    for (const name of this.#conditionNames) conditions[name] = Boolean(variables[name]);
    const { text, renamedVariables, needsPlan } = plannerDocument(this.client, this.#sourceNames, conditions);
    return {
      plan: needsPlan ? this.#planner.plan(text) : nothingToFetch,
      renamedVariables,
      projection: projectionOf(this.client, this.#sourceNames, conditions, this.#context),
    };
  }
}

/** Prepares each operation of a document once, for as long as its caller keeps the document. */
export class Preparation {
  readonly context: PreparationContext;
  readonly #planner: Planner;
  readonly #prepared = new WeakMap<DocumentNode, Map<string, PreparedOperation>>();

  constructor(planner: Planner, context: PreparationContext) {
    this.context = context;
    this.#planner = planner;
  }

  /** @throws {GraphQLError} where the document has no such operation. */
  prepare(document: DocumentNode, operationName: string | null | undefined): PreparedOperation {
    const name = operationName ?? '';
    const known = this.#prepared.get(document);
    const prepared = known?.get(name);
    if (prepared) return prepared;
    const fresh = new PreparedOperation(
      clientOperation(document, operationName),
      this.#planner,
      this.context,
    );
    if (known) known.set(name, fresh);
    else this.#prepared.set(document, new Map([[name, fresh]]));
    return fresh;
  }
}

import type { ExecutionResult } from 'graphql';
import { GraphQLError, getVariableValues } from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import { completeData } from './complete.ts';
import type { PlanExecutionArgs } from './contract.ts';
import { locateErrors, ResponseErrors } from './errors.ts';
import type { Execution } from './execute.ts';
import { introspection } from './introspect.ts';
import type { OperationVariant, Preparation } from './prepare.ts';
import type { CompiledPlan } from './steps.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A client's operation with the variables of one request. */
export interface BoundOperation {
  plan: CompiledPlan;
  /** As the plan knows them, with defaults. */
  variables: Variables;
  rootTypeName: string;
  /** The response to what the plan's steps have found. */
  respond(execution: Execution): ExecutionResult;
  /** The errors of `execution` alone. */
  locate(execution: Execution): GraphQLError[];
}

const noVariables: Variables = Object.freeze({});

/** The operation, or why it cannot run. */
export function bindOperation(
  preparation: Preparation,
  { document, operationName, variableValues }: PlanExecutionArgs,
): BoundOperation | { errors: readonly GraphQLError[] } {
  const { schema } = preparation.context;
  let variables = noVariables;
  let client: ClientOperation;
  let variant: OperationVariant;
  try {
    const prepared = preparation.prepare(document, operationName);
    client = prepared.client;
    const definitions = client.operation.variableDefinitions;
    if (definitions?.length) {
      const { coerced, errors } = getVariableValues(schema, definitions, variableValues ?? {}, {
        maxErrors: 50,
      });
      if (errors) return { errors };
      variables = coerced;
    }
    variant = prepared.variant(variables);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
  const { plan, projection, renamedVariables } = variant;
  const introspect = introspection(schema, client, variableValues);
  const locate = ({ data, errors }: Execution) =>
    errors.length > 0 ? locateErrors(errors, projection, data) : [];
  return {
    plan,
    variables: renamed(variables, renamedVariables),
    rootTypeName: projection.typeName,
    locate,
    respond(execution) {
      const errors = new ResponseErrors(locate(execution));
      const data = completeData(projection, execution.data, errors, introspect);
      return errors.all.length > 0 ? { errors: errors.all, data } : { data };
    },
  };
}

function renamed(variables: Variables, names: ReadonlyMap<string, string>): Variables {
  if (names.size === 0) return variables;
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [names.get(name) ?? name, value]),
  );
}

import type { DocumentNode, GraphQLSchema } from 'graphql';
import { executeSync, Kind, OperationTypeNode } from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import type { Introspect } from './complete.ts';

/** Answers `__schema` and `__type` from the public schema, wherever in an operation they stand. */
export function introspection(
  schema: GraphQLSchema,
  { operation, fragments }: ClientOperation,
  variableValues: Readonly<Record<string, unknown>> | null | undefined,
): Introspect {
  return ({ nodes }) => {
    const document: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          ...operation,
          operation: OperationTypeNode.QUERY,
          selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
        },
        ...fragments.values(),
      ],
    };
    return executeSync({ schema, document, variableValues });
  };
}

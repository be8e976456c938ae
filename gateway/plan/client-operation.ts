import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { GraphQLError, Kind } from 'graphql';

/** The one operation of a document that is to run, with the document's fragments. */
export interface ClientOperation {
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** @throws {GraphQLError} where the document has no such operation, or several and no name was given. */
export function clientOperation(document: DocumentNode, operationName?: string | null): ClientOperation {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  // The messages are those of graphql-js.
  if (operationName) {
    const operation = operations.find(({ name }) => name?.value === operationName);
    if (!operation) throw new GraphQLError(`Unknown operation named "${operationName}".`);
    return { operation, fragments };
  }
  const [operation, second] = operations;
  if (!operation) throw new GraphQLError('Must provide an operation.');
  if (second) throw new GraphQLError('Must provide operation name if query contains multiple operations.');
  return { operation, fragments };
}

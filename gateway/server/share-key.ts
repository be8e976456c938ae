import { createHash } from 'node:crypto';
import { type DocumentNode, getOperationAST, Kind, type OperationDefinitionNode, visit } from 'graphql';

export interface SharedOperation {
  document: DocumentNode;
  operationName?: string | null;
  variableValues?: Readonly<Record<string, unknown>> | null;
}

/**
 * Names what the execution of a live event depends on, besides the event: the document (by identity: the same text is
 * the same object), the operation, its variables and the authorization scope. Left out are variables that only say
 * where a subscriber begins: the ones given to `after` of the subscribed field, and to nothing else.
 */
export class ShareKeys {
  readonly #documents = new WeakMap<DocumentNode, number>();
  #documentCount = 0;

  /** @param scope all that a resolver may read of who asks */
  keyOf({ document, operationName, variableValues }: SharedOperation, scope: string): string {
    const operation = getOperationAST(document, operationName);
    const own = operation ? startVariables(document, operation) : new Set();
    const variables = (operation?.variableDefinitions ?? [])
      .map(({ variable }) => variable.name.value)
      .filter((name) => !own.has(name))
      .map((name) => [name, variableValues?.[name]]);
    const parts = [this.#idOf(document), operation?.name?.value ?? '', variables, scope];
    return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  }

  #idOf(document: DocumentNode): number {
    const known = this.#documents.get(document);
    if (known !== undefined) return known;
    this.#documents.set(document, ++this.#documentCount);
    return this.#documentCount;
  }
}

function startVariables(document: DocumentNode, operation: OperationDefinitionNode): Set<string> {
  const names = new Set<string>();
  for (const field of operation.selectionSet.selections) {
    if (field.kind !== Kind.FIELD) continue;
    for (const { name, value } of field.arguments ?? []) {
      if (name.value === 'after' && value.kind === Kind.VARIABLE) names.add(value.name.value);
    }
  }
  if (names.size === 0) return names;
  const uses = new Map<string, number>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
    },
  });
  for (const name of names) if (uses.get(name) !== 1) names.delete(name);
  return names;
}

import type { FieldNode } from 'graphql';
import { print, visit } from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import type { Supergraph } from './supergraph.ts';

/** What the planner may take a response name for. */
export type ReservedNames = Pick<Supergraph, 'fieldNames' | 'requiredWithArguments'>;

/**
 * The response names of one operation as the subgraphs get them, each for one field with one set of arguments.
 *
 * The planner adds key and required fields to what the client selects and reads them by their name, so
 * `{ device { name: nodeName } }` would feed it a node's name for a device's, and `price(currency: "USD")` a price for
 * one that was required in EUR. It also aborts the process where fields that a client may select under one name, of
 * types that never meet, do meet in one of its fetches. So wherever a response name could stand for two things, the
 * planner gets another one; the projection gives the client's name back.
 */
export class SourceNames {
  readonly #reserved: ReservedNames;
  readonly #sources = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor({ operation, fragments }: ClientOperation, reserved: ReservedNames) {
    this.#reserved = reserved;
    const fields = new Map<string, FieldNode>();
    for (const definition of [operation, ...fragments.values()]) {
      visit(definition, { Field: (field) => void fields.set(identityOf(field), field) });
    }
    const clientNames = new Set([...fields.values()].map(responseName));
    for (const [identity, field] of fields) {
      const name = this.#isFree(field) ? responseName(field) : this.#otherName(field, clientNames);
      this.#sources.set(identity, name);
      this.#taken.add(name);
    }
  }

  of(field: FieldNode): string {
    return this.#sources.get(identityOf(field)) ?? responseName(field);
  }

  #isFree(field: FieldNode): boolean {
    const name = responseName(field);
    if (this.#taken.has(name)) return false;
    if (name === field.name.value) return !this.#reserved.requiredWithArguments.has(name);
    const isReserved =
      this.#reserved.fieldNames.has(name) ||
      name.startsWith('__') || // __typename, __proto__
      name.startsWith('_internal_') || // the planner's own aliases
      name in Object.prototype;
    return !isReserved;
  }

  #otherName(field: FieldNode, clientNames: ReadonlySet<string>): string {
    for (let number = 1; ; number++) {
      const name = `_alias${number}_${responseName(field)}`;
      const { fieldNames } = this.#reserved;
      if (!this.#taken.has(name) && !clientNames.has(name) && !fieldNames.has(name)) return name;
    }
  }
}

const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

function identityOf(field: FieldNode): string {
  const written = (field.arguments ?? []).map((argument) => print(argument)).sort();
  return `${responseName(field)}: ${field.name.value}(${written.join(', ')})`;
}

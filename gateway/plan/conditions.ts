import type { DirectiveNode } from 'graphql';
import { Kind, visit } from 'graphql';
import type { ClientOperation } from './client-operation.ts';

/** Variables by name; only those that decide `@skip` and `@include` are read. */
export type Conditions = Readonly<Record<string, unknown>>;

/** The variables that decide `@skip` and `@include` in an operation. */
export function conditionNames({ operation, fragments }: ClientOperation): string[] {
  const names = new Set<string>();
  for (const definition of [operation, ...fragments.values()]) {
    visit(definition, {
      Directive(directive) {
        if (!decidesInclusion(directive)) return;
        for (const { value } of directive.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
        }
      },
    });
  }
  return [...names];
}

/** Whether `@skip` and `@include` let a selection in. */
export function isIncluded(directives: readonly DirectiveNode[] = [], conditions: Conditions): boolean {
  for (const directive of directives) {
    if (!decidesInclusion(directive)) continue;
    const argument = directive.arguments?.[0]?.value;
    const value =
      argument?.kind === Kind.VARIABLE
        ? conditions[argument.name.value]
        : argument?.kind === Kind.BOOLEAN && argument.value;
    if (directive.name.value === 'skip' ? value : !value) return false;
  }
  return true;
}

export const decidesInclusion = ({ name }: DirectiveNode): boolean =>
  name.value === 'skip' || name.value === 'include';

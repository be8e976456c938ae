import {
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  isScalarType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import type { TwinValue } from '../twin/value.ts';
import type { Builder } from './builder.ts';

export function defineScalars(builder: Builder): void {
  builder.scalarType('TwinValue', {
    description:
      'A value of a device, as its model types it: number, text, boolean or null. Integers beyond 2^53-1 and BYTES (base64) are text.',
    serialize: (value) => value,
    parseValue: (value) => asTwinValue(value),
    parseLiteral: (node) => {
      // An integer literal beyond 2^53-1 keeps its digits: as a number it would silently become another one.
      if (node.kind === Kind.INT && !Number.isSafeInteger(Number(node.value))) return node.value;
      return asTwinValue(valueFromASTUntyped(node), node);
    },
  });
  builder.scalarType('JSON', {
    description:
      'A map with any content: the configuration of a protocol or visitor, as its mapper documents it.',
    serialize: (value) => value,
    parseValue: (value) => asMap(value),
    parseLiteral: (node, variables) => asMap(valueFromASTUntyped(node, variables), node),
  });
  builder.scalarType('DateTime', {
    description: 'An instant, RFC 3339 in UTC: `2026-11-20T08:15:05.000Z`.',
    serialize: (value) => (typeof value === 'number' ? new Date(value).toISOString() : value) as never,
    parseValue: (value) => asInstant(value),
    parseLiteral: (node) => asInstant(valueFromASTUntyped(node), node),
  });
}

/** Our scalars as a schema of ours has them. */
export function scalarsOf(schema: GraphQLSchema): GraphQLScalarType[] {
  return ['TwinValue', 'JSON', 'DateTime'].map((name) => schema.getType(name)).filter(isScalarType);
}

function asMap(value: unknown, nodes?: ValueNode): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new GraphQLError(`JSON is ${JSON.stringify(value)}: expected a map`, { nodes });
}

function asTwinValue(value: unknown, nodes?: ValueNode): TwinValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // JSON would show a number that is none as null.
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  throw new GraphQLError(`TwinValue is ${shown}: expected a number, text, true, false or null`, { nodes });
}

/** Date.parse takes much more than this, and some of it in the server's own time zone. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

function asInstant(value: unknown, nodes?: ValueNode): number {
  const instant = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new GraphQLError(
      `DateTime is ${JSON.stringify(value)}: expected RFC 3339, like 2026-11-20T08:15:05Z`,
      { nodes },
    );
  }
  return instant;
}

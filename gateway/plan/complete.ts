import type { ExecutionResult } from 'graphql';
import type { ResponseErrors } from './errors.ts';
import { dataOf } from './paths.ts';
import type { FieldShape, ObjectShape, ValueShape } from './projection.ts';
import type { Source } from './steps.ts';

/** Answers one `__schema` or `__type` field. */
export type Introspect = (field: FieldShape) => ExecutionResult;

/**
 * The response's data: of the merged data what the client selected, under the client's names, in the client's order.
 * A null where the schema has none goes up to the next place that may be null; null if that is the root.
 */
export function completeData(
  root: ObjectShape,
  data: Source,
  errors: ResponseErrors,
  introspect: Introspect,
): Source | null {
  return completeObject(root, data, { errors, introspect, path: [] }) ?? null;
}

interface Completion {
  readonly errors: ResponseErrors;
  readonly introspect: Introspect;
  /** Of the value that is being completed. */
  readonly path: (string | number)[];
}

/** What stands for a null that may not be: an error tells of it, and the parent has to be null. */
type Invalid = undefined;

function completeObject(shape: ObjectShape, source: Source, completion: Completion): Source | Invalid {
  const object: Source = shape.bare ? Object.create(null) : {};
  for (const field of shape.fields) {
    const { key, value } = field;
    const from = dataOf(source, field.source);
    // Most fields end here, without a path and a call.
    if (from !== null && from !== undefined) {
      if (value.kind === 'leaf' || (value.kind === 'enum' && value.values.has(from))) {
        object[key] = from;
        continue;
      }
    }
    if (value.kind === 'typename') {
      object[key] = shape.typeName;
      continue;
    }
    completion.path.push(key);
    const completed = completeValue(value, field, from, completion);
    completion.path.pop();
    if (completed === undefined) return undefined;
    object[key] = completed;
  }
  return object;
}

function completeValue(shape: ValueShape, field: FieldShape, from: unknown, completion: Completion): unknown {
  if (shape.kind === 'introspection') return introspected(shape, field, completion);
  if (from === null || from === undefined) return completeNull(shape, field, completion);
  switch (shape.kind) {
    case 'composite': {
      if (typeof from !== 'object') return mismatch(shape, field, 'an object', completion);
      const object = shape.selection.shapeOf((from as Source).__typename);
      if (!object) return completeNull(shape, field, completion);
      return completeObject(object, from as Source, completion) ?? orNull(shape);
    }
    case 'list':
      return completeList(shape, field, from, completion);
    case 'enum':
      return shape.values.has(from) ? from : completeNull(shape, field, completion);
    default:
      return from;
  }
}

function completeList(
  shape: ValueShape & { kind: 'list' },
  field: FieldShape,
  from: unknown,
  completion: Completion,
): unknown {
  if (!Array.isArray(from)) return mismatch(shape, field, 'a list', completion);
  const { path } = completion;
  const list: unknown[] = new Array(from.length);
  for (let index = 0; index < from.length; index++) {
    path.push(index);
    const item = completeValue(shape.items, field, from[index], completion);
    path.pop();
    if (item === undefined) return orNull(shape);
    list[index] = item;
  }
  return list;
}

function introspected(
  shape: ValueShape,
  field: FieldShape,
  { introspect, errors, path }: Completion,
): unknown {
  const result = introspect(field);
  for (const { message } of result.errors ?? []) errors.add(path, field.nodes, message);
  return result.data?.[field.key] ?? orNull(shape);
}

function mismatch(
  shape: ValueShape,
  field: FieldShape,
  expected: string,
  { errors, path }: Completion,
): null | Invalid {
  errors.add(path, field.nodes, `Expected ${expected} for field ${field.coordinate}.`);
  return orNull(shape);
}

function completeNull(shape: ValueShape, field: FieldShape, { errors, path }: Completion): null | Invalid {
  if (shape.nonNull) {
    errors.addForNull(path, field.nodes, `Cannot return null for non-nullable field ${field.coordinate}.`);
  }
  return orNull(shape);
}

/** A null that an error explains: it stays here, or goes to the parent. */
const orNull = ({ nonNull }: ValueShape): null | Invalid => (nonNull ? undefined : null);

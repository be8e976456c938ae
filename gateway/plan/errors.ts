import type { FieldNode } from 'graphql';
import { GraphQLError } from 'graphql';
import type { ResponsePath } from './paths.ts';
import { dataOf } from './paths.ts';
import type { ObjectShape, ValueShape } from './projection.ts';
import type { Source } from './steps.ts';

/** An error in the terms of the subgraphs' data, before it is known where that stands in the response. */
export interface SourceError {
  error: SubgraphError;
  /** Undefined: the error is about no place. */
  at: ResponsePath | undefined;
  /** Set where the whole object at `at` failed: the names that were asked of it. */
  names?: readonly string[];
}

/** A GraphQLError, or its JSON form. */
export interface SubgraphError {
  message: string;
  extensions?: Record<string, unknown>;
  originalError?: Error | null;
  cause?: unknown;
}

/** What a request to `service` that brought no result tells the client. The thrown thing stays as the `cause`. */
export function serviceFailure(service: string, thrown: unknown): SubgraphError {
  const isPublic = isGraphQLError(thrown);
  return {
    message: isPublic ? thrown.message : `The subgraph "${service}" did not answer.`,
    extensions: {
      code: 'DOWNSTREAM_SERVICE_ERROR',
      ...(isPublic ? thrown.extensions : undefined),
      serviceName: service,
    },
    cause: thrown,
  };
}

// By name: an executor may have been loaded with another copy of graphql.
const isGraphQLError = (thrown: unknown): thrown is GraphQLError =>
  thrown instanceof Error && thrown.name === 'GraphQLError';

/** Gives the errors the response's paths and the client's locations. */
export function locateErrors(
  errors: readonly SourceError[],
  root: ObjectShape,
  data: Source,
): GraphQLError[] {
  return errors.flatMap(({ error, at, names }) => {
    if (!at) return [clientError(error, [], [])];
    if (!names) return [located(error, locate(at, root, data))];
    const fields = names.map((name) => locate([...at, name], root, data)).filter(({ selected }) => selected);
    // Nothing of it was the client's wish, so it was a step on the way: then the object is the place.
    if (fields.length === 0) return [located(error, locate(at, root, data))];
    return fields.map((field) => located(error, field));
  });
}

interface Place {
  path: ResponsePath;
  nodes: readonly FieldNode[];
  /** False where the path leads beyond what the client selected; `path` then ends before that. */
  selected: boolean;
}

const located = (error: SubgraphError, { path, nodes }: Place): GraphQLError =>
  clientError(error, path, nodes);

function clientError(
  { message, extensions, originalError, cause }: SubgraphError,
  path: ResponsePath,
  nodes: readonly FieldNode[],
): GraphQLError {
  const error = new GraphQLError(String(message), {
    path: path.length > 0 ? path : undefined,
    nodes: nodes.length > 0 ? nodes : undefined,
    extensions,
    originalError: originalError ?? undefined,
  });
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause });
  return error;
}

function locate(at: ResponsePath, root: ObjectShape, data: Source): Place {
  const path: (string | number)[] = [];
  let nodes: readonly FieldNode[] = [];
  let shape: ValueShape | undefined;
  let value: unknown = data;
  for (const segment of at) {
    if (typeof segment === 'number' || shape?.kind === 'leaf') {
      if (shape?.kind === 'list') shape = shape.items;
      path.push(segment);
    } else {
      const object = shape ? objectShape(shape, value, segment) : root;
      const field = object?.fields.find(({ source }) => source === segment);
      if (!field) return { path, nodes, selected: false };
      path.push(field.key);
      nodes = field.nodes;
      shape = field.value;
    }
    value =
      typeof value === 'object' && value !== null ? dataOf(value as Source, String(segment)) : undefined;
  }
  return { path, nodes, selected: true };
}

function objectShape(shape: ValueShape, value: unknown, source: string): ObjectShape | undefined {
  if (shape.kind !== 'composite') return undefined;
  if (typeof value !== 'object' || value === null) return shape.selection.shapeWith(source);
  return shape.selection.shapeOf((value as Source).__typename);
}

/** The errors of one response, and whether a null in it is explained by one of them. */
export class ResponseErrors {
  readonly all: GraphQLError[];
  #explained: Set<string> | undefined;

  constructor(errors: GraphQLError[]) {
    this.all = errors;
  }

  /** `message` for the null at `path`, unless an error at or below it says already why. */
  addForNull(path: ResponsePath, nodes: readonly FieldNode[], message: string): void {
    if (!this.#explained) {
      this.#explained = new Set();
      for (const error of this.all) this.#explain(error.path ?? []);
    }
    if (this.#explained.has(path.join('.'))) return;
    this.add(path, nodes, message);
  }

  add(path: ResponsePath, nodes: readonly FieldNode[], message: string): void {
    this.all.push(new GraphQLError(message, { nodes, path: [...path] }));
    if (this.#explained) this.#explain(path);
  }

  #explain(path: ResponsePath): void {
    for (let length = 1; length <= path.length; length++) {
      this.#explained?.add(path.slice(0, length).join('.'));
    }
  }
}

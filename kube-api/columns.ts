import { humanDuration } from './human-duration.ts';
import { compileJsonPath, type JsonPath } from './json-path.ts';
import { type KubeObject, valueAt } from './kube-object.ts';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date';

export type Cell = string | number | boolean | null;

/** One column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** 0 is always shown, what is greater only with `-o wide`. */
  readonly priority: number;
  readonly format?: string;
  /** Where a CRD's printer column finds its value; absent for columns that no CRD can have. */
  readonly jsonPath?: string;
  /** `nowMs`: wall clock, for ages. */
  cell(object: KubeObject, nowMs: number): Cell;
}

interface ColumnOptions {
  description?: string;
  wide?: boolean;
}

export interface JsonPathColumn {
  name: string;
  type: ColumnType;
  jsonPath: string;
  find: JsonPath;
  description?: string;
  priority?: number;
  format?: string;
}

/** A CRD's printer column: the first value that its path leads to; empty where there is none of its type. */
export function jsonPathColumn({ find, description, priority = 0, ...column }: JsonPathColumn): Column {
  return {
    ...column,
    description: description || `The value at ${column.jsonPath}.`,
    priority,
    cell: (object, nowMs) => cellOf(find(object)[0], column.type, nowMs),
  };
}

function cellOf(value: unknown, type: ColumnType, nowMs: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : '<invalid>';
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
  }
}

/** A column with the text at a dotted path. */
export function pathColumn(
  name: string,
  path: string,
  { description, wide = false }: ColumnOptions = {},
): Column {
  const jsonPath = `.${path}`;
  return jsonPathColumn({
    name,
    type: 'string',
    jsonPath,
    find: compileJsonPath(jsonPath)!,
    description,
    priority: wide ? 1 : 0,
  });
}

/** A column with computed text. */
export function column(
  name: string,
  cell: (object: KubeObject, nowMs: number) => string | number | null,
  { description = '', wide = false }: ColumnOptions = {},
): Column {
  return { name, type: 'string', description, priority: wide ? 1 : 0, cell };
}

/** How long ago the instant at a dotted path was; `<unknown>` where there is none. */
export function ageColumn(name: string, path: string): Column {
  return {
    name,
    type: 'date',
    description: `Time since .${path}.`,
    priority: 0,
    jsonPath: `.${path}`,
    cell: (object, nowMs) => ageOf(valueAt(object, path), nowMs),
  };
}

export function ageOf(instant: unknown, nowMs: number): string {
  const ms = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(nowMs - ms);
}

export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique within its namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

export const AGE_COLUMN: Column = ageColumn('Age', 'metadata.creationTimestamp');

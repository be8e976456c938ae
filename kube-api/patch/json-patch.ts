import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../schema/structural.ts';
import { badRequest, tooManyPatchOperations, unprocessablePatch } from '../status.ts';

/** Bound of the API server (`maxJSONPatchOperations`). */
const MAX_OPERATIONS = 10_000;

interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string[];
  from: string[];
  value: unknown;
}

/**
 * Applies an RFC 6902 patch to a copy of `document`: all of it or nothing.
 *
 * Written out here because the API server's corner cases matter to those who write with `test`: an index past the end,
 * a missing parent and a failed test are all 422, and nothing of the patch is kept.
 * @throws ApiError 400 for what is not a patch, 413 over 10 000 operations, 422 when it does not apply.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = parseOperations(patch);
  let result = structuredClone(document);
  for (const operation of operations) result = applyOperation(result, operation);
  return result;
}

function parseOperations(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is an array of operations');
  if (patch.length > MAX_OPERATIONS) throw tooManyPatchOperations(MAX_OPERATIONS, patch.length);
  return patch.map(parseOperation);
}

const OPS: readonly string[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

function parseOperation(entry: unknown, index: number): Operation {
  if (!isRecord(entry)) throw badRequest(`error decoding patch: operation ${index} is not an object`);
  const { op, path, from, value } = entry;
  if (typeof op !== 'string' || !OPS.includes(op)) throw unprocessablePatch();
  const needsValue = op === 'add' || op === 'replace';
  if (needsValue && !('value' in entry)) throw unprocessablePatch();
  return {
    op: op as Operation['op'],
    path: parsePointer(path),
    from: op === 'move' || op === 'copy' ? parsePointer(from) : [],
    value: value ?? null,
  };
}

function parsePointer(pointer: unknown): string[] {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) throw unprocessablePatch();
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function applyOperation(document: unknown, { op, path, from, value }: Operation): unknown {
  switch (op) {
    case 'add':
      return add(document, path, structuredClone(value));
    case 'remove':
      return remove(document, path);
    case 'replace':
      get(document, path);
      return path.length === 0 ? structuredClone(value) : assign(document, path, structuredClone(value));
    case 'move': {
      const moved = get(document, from);
      return add(remove(document, from), path, moved);
    }
    case 'copy':
      return add(document, path, structuredClone(get(document, from)));
    case 'test':
      if (!isDeepStrictEqual(find(document, path) ?? null, value)) throw unprocessablePatch();
      return document;
  }
}

/** The value at `path`, undefined when the last step is absent. */
function find(document: unknown, path: string[]): unknown {
  let value = document;
  path.forEach((token, depth) => {
    const last = depth === path.length - 1;
    if (Array.isArray(value)) value = value[indexIn(value, token, value.length - 1)];
    else if (isRecord(value) && (last || Object.hasOwn(value, token))) {
      value = Object.hasOwn(value, token) ? value[token] : undefined;
    } else throw unprocessablePatch();
  });
  return value;
}

function get(document: unknown, path: string[]): unknown {
  const value = find(document, path);
  if (value === undefined) throw unprocessablePatch();
  return value;
}

function add(document: unknown, path: string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const parent = get(document, path.slice(0, -1));
  const token = path.at(-1)!;
  if (Array.isArray(parent)) {
    parent.splice(token === '-' ? parent.length : indexIn(parent, token, parent.length), 0, value);
  } else setField(parent, token, value);
  return document;
}

function assign(document: unknown, path: string[], value: unknown): unknown {
  const parent = get(document, path.slice(0, -1));
  const token = path.at(-1)!;
  if (Array.isArray(parent)) parent[indexIn(parent, token, parent.length - 1)] = value;
  else setField(parent, token, value);
  return document;
}

function remove(document: unknown, path: string[]): unknown {
  get(document, path);
  if (path.length === 0) return null;
  const parent = get(document, path.slice(0, -1));
  const token = path.at(-1)!;
  if (Array.isArray(parent)) parent.splice(indexIn(parent, token, parent.length - 1), 1);
  else if (isRecord(parent)) delete parent[token];
  return document;
}

function setField(parent: unknown, token: string, value: unknown): void {
  if (!isRecord(parent)) throw unprocessablePatch();
  // Not an assignment: `__proto__` is a field like any other here.
  Object.defineProperty(parent, token, { value, enumerable: true, configurable: true, writable: true });
}

/** Negative indexes count from the end, as in the API server's library. */
function indexIn(array: unknown[], token: string, greatest: number): number {
  if (!/^-?(0|[1-9]\d*)$/.test(token)) throw unprocessablePatch();
  const index = Number(token) < 0 ? Number(token) + array.length : Number(token);
  if (index < 0 || index > greatest) throw unprocessablePatch();
  return index;
}

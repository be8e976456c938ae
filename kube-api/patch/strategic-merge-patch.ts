import { fieldSchemaOf, isRecord, type StructuralSchema } from '../schema/structural.ts';
import { badRequest } from '../status.ts';

type Fields = Record<string, unknown>;

const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList/';
const SET_ELEMENT_ORDER = '$setElementOrder/';

/**
 * Applies Kubernetes' strategic merge patch: as a merge patch, but lists whose schema has a merge key are merged element
 * by element. Knows the directives `$patch` (replace, delete, merge), `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…`.
 * Source: kubernetes community, contributors/devel/sig-api-machinery/strategic-merge-patch.md.
 * @throws ApiError 400 for a directive that makes no sense.
 */
export function applyStrategicMergePatch(
  target: unknown,
  patch: unknown,
  schema: StructuralSchema | undefined,
): unknown {
  if (!isRecord(patch)) return structuredClone(patch);
  const { $patch: directive, $retainKeys: retainKeys, ...changes } = patch;
  if (directive === 'replace') return structuredClone(changes);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type: ${JSON.stringify(directive)}`);
  }
  const result = new Map<string, unknown>(isRecord(target) ? Object.entries(target) : []);
  if (Array.isArray(retainKeys)) {
    for (const key of result.keys()) if (!retainKeys.includes(key)) result.delete(key);
  }
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(SET_ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM_PRIMITIVE_LIST)) {
      const field = key.slice(DELETE_FROM_PRIMITIVE_LIST.length);
      const removed = new Set(value as unknown[]);
      const kept = ((result.get(field) ?? []) as unknown[]).filter((item) => !removed.has(item));
      result.set(field, kept);
    } else if (value === null) {
      result.delete(key);
    } else {
      const fieldSchema = fieldSchemaOf(schema, key);
      const merged = Array.isArray(value)
        ? mergeList(result.get(key), value, fieldSchema)
        : applyStrategicMergePatch(result.get(key), value, fieldSchema);
      result.set(key, merged);
    }
  }
  orderElements(result, changes, schema);
  return Object.fromEntries(result);
}

function mergeList(target: unknown, patch: unknown[], schema: StructuralSchema | undefined): unknown[] {
  const current = Array.isArray(target) ? target : [];
  if (schema?.patchMerge) return [...current, ...patch.filter((item) => !current.includes(item))];
  const mergeKey = schema?.patchMergeKey;
  if (!mergeKey) return structuredClone(patch);
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return structuredClone(patch.filter((item) => !isRecord(item) || item.$patch !== 'replace'));
  }
  const result = [...current] as Fields[];
  for (const element of patch) {
    if (!isRecord(element))
      throw badRequest(`a list merged by ${mergeKey} has an element that is not an object`);
    const key = element[mergeKey];
    if (key === undefined) {
      throw badRequest(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
    }
    const at = result.findIndex((item) => item[mergeKey] === key);
    if (element.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else {
      const merged = applyStrategicMergePatch(at >= 0 ? result[at] : {}, element, schema.items) as Fields;
      if (at >= 0) result[at] = merged;
      else result.push(merged);
    }
  }
  return result;
}

/** Elements named by `$setElementOrder/<field>` take that order; the server's others stay behind what they followed. */
function orderElements(
  result: Map<string, unknown>,
  changes: Fields,
  schema: StructuralSchema | undefined,
): void {
  for (const [directive, order] of Object.entries(changes)) {
    if (!directive.startsWith(SET_ELEMENT_ORDER) || !Array.isArray(order)) continue;
    const field = directive.slice(SET_ELEMENT_ORDER.length);
    const list = result.get(field);
    if (!Array.isArray(list)) continue;
    const mergeKey = fieldSchemaOf(schema, field)?.patchMergeKey;
    const keyOf = (item: unknown) => (mergeKey && isRecord(item) ? item[mergeKey] : item);
    const ranks = new Map(order.map((item, index) => [keyOf(item), index]));
    let rank = -1;
    const ranked = list.map((item) => {
      rank = ranks.get(keyOf(item)) ?? rank;
      return { item, rank };
    });
    const sorted = ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
    result.set(field, sorted);
  }
}

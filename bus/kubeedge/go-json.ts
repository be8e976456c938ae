/**
 * JSON as Go's encoding/json writes it, so that even a program that compares text finds what it knows: the keys of a map in
 * the order of their bytes (JavaScript puts those that look like numbers first), and `<`, `>`, `&` escaped.
 */
export type GoValue = string | number | boolean | null | GoValue[] | GoStruct | ReadonlyMap<string, GoValue>;
/** Fields in the order that they are written; undefined is `omitempty`. */
export interface GoStruct {
  [field: string]: GoValue | undefined;
}

export function encodeGoJson(value: GoValue): string {
  if (value === null || typeof value !== 'object') return encodeScalar(value);
  if (Array.isArray(value)) return `[${value.map(encodeGoJson).join(',')}]`;
  const entries =
    value instanceof Map
      ? [...(value as ReadonlyMap<string, GoValue>)].sort(([a], [b]) => (a < b ? -1 : 1))
      : Object.entries(value as GoStruct);
  const members = entries.flatMap(([key, member]) =>
    member === undefined ? [] : `${encodeScalar(key)}:${encodeGoJson(member)}`,
  );
  return `{${members.join(',')}}`;
}

const ESCAPED: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

const encodeScalar = (value: string | number | boolean | null) =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character] as string);

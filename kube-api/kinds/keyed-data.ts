import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, valueAt } from '../kube-object.ts';
import { type FieldError, forbiddenValue, invalidValue } from '../schema/structural.ts';

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** What the keys of a ConfigMap or Secret may not be: they become names of files. */
export function keyErrors(object: KubeObject, fields: readonly string[]): FieldError[] {
  return fields.flatMap((field) =>
    Object.keys((valueAt(object, field) ?? {}) as object)
      .filter((key) => !KEY.test(key) || key === '.' || key.startsWith('..'))
      .map((key) => invalidValue(`${field}[${key}]`, key, KEY_RULE)),
  );
}

/** Once `immutable` is set, it stays, and so do the fields. */
export function immutableErrors(
  object: KubeObject,
  current: KubeObject,
  fields: readonly string[],
): FieldError[] {
  if (current.immutable !== true) return [];
  const changed = ['immutable', ...fields].filter(
    (field) => !isDeepStrictEqual(valueAt(object, field), valueAt(current, field)),
  );
  return changed.map((field) => forbiddenValue(field, 'field is immutable when `immutable` is set'));
}

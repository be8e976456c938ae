import { AGE_COLUMN, column, NAME_COLUMN, pathColumn } from '../columns.ts';
import type { KubeObject } from '../kube-object.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { invalidValue } from '../schema/structural.ts';
import { immutableErrors, keyErrors } from './keyed-data.ts';

const CONTENT = ['data'];

export const secrets = defineBuiltIn({
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  schema: coreSchema('V1Secret'),
  columns: [
    NAME_COLUMN,
    pathColumn('Type', 'type'),
    column('Data', ({ data }) => Object.keys((data ?? {}) as object).length),
    AGE_COLUMN,
  ],
  selectableFields: ['type'],
  setDefaults(secret) {
    secret.type ??= 'Opaque';
    foldStringData(secret);
  },
  validate: (secret) => keyErrors(secret, CONTENT),
  validateUpdate: (secret, current) => [
    ...(secret.type === current.type ? [] : [invalidValue('type', secret.type, 'field is immutable')]),
    ...immutableErrors(secret, current, CONTENT),
  ],
});

/** `stringData` is for writing only: it goes into `data`, base64, and is never kept or shown. */
function foldStringData(secret: KubeObject): void {
  const { stringData } = secret as { stringData?: Record<string, string> };
  if (!stringData) return;
  delete secret.stringData;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  secret.data = { ...(secret.data as object | undefined), ...Object.fromEntries(encoded) };
}

import { AGE_COLUMN, column, NAME_COLUMN } from '../columns.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { immutableErrors, keyErrors } from './keyed-data.ts';

const CONTENT = ['data', 'binaryData'];

const entries = (map: unknown): number => Object.keys((map ?? {}) as object).length;

export const configMaps = defineBuiltIn({
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  schema: coreSchema('V1ConfigMap'),
  columns: [
    NAME_COLUMN,
    column('Data', ({ data, binaryData }) => entries(data) + entries(binaryData)),
    AGE_COLUMN,
  ],
  validate: (configMap) => keyErrors(configMap, CONTENT),
  validateUpdate: (configMap, current) => immutableErrors(configMap, current, CONTENT),
});

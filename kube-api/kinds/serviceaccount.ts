import { AGE_COLUMN, column, NAME_COLUMN } from '../columns.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { tokenRequests } from './action.ts';

export const serviceAccounts = defineBuiltIn({
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  returnsDeleted: true,
  actions: { token: tokenRequests },
  schema: coreSchema('V1ServiceAccount'),
  columns: [
    NAME_COLUMN,
    column('Secrets', ({ secrets }) => (Array.isArray(secrets) ? secrets.length : 0)),
    AGE_COLUMN,
  ],
});

import { AGE_COLUMN, NAME_COLUMN, pathColumn } from '../columns.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

export const leases = defineBuiltIn({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  createOnUpdate: true,
  unconditionalUpdate: false,
  schema: coreSchema('V1Lease'),
  columns: [NAME_COLUMN, pathColumn('Holder', 'spec.holderIdentity'), AGE_COLUMN],
});

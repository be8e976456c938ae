import { AGE_COLUMN, NAME_COLUMN, pathColumn } from '../columns.ts';
import { defineCustom } from '../resources.ts';
import { freeForm, KUBEEDGE_GROUP, listOf, object, protocolConfig, text } from './kubeedge-schema.ts';

export const deviceModels = defineCustom({
  group: KUBEEDGE_GROUP,
  version: 'v1beta1',
  kind: 'DeviceModel',
  plural: 'devicemodels',
  shortNames: ['dm'],
  schema: object({
    spec: {
      ...object({
        protocol: text('The protocol of devices of this model.'),
        protocolConfigData: freeForm('Defaults of the devices’ protocol.configData, key by key.'),
        properties: listOf(
          object({
            name: text('Unique within the model.'),
            description: text(),
            type: { ...text(), enum: ['INT', 'FLOAT', 'DOUBLE', 'STRING', 'BOOLEAN', 'BYTES', 'STREAM'] },
            accessMode: { ...text(), enum: ['ReadWrite', 'ReadOnly'] },
            minimum: text('The least value, as text.'),
            maximum: text('The greatest value, as text.'),
            unit: text(),
            visitors: { ...protocolConfig, description: 'Defaults of the devices’ visitors, key by key.' },
          }),
        ),
      }),
      description: 'What devices of this model have in common.',
    },
  }),
  columns: [NAME_COLUMN, pathColumn('Protocol', 'spec.protocol'), AGE_COLUMN],
});

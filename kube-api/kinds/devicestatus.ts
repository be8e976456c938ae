import { AGE_COLUMN, NAME_COLUMN, pathColumn } from '../columns.ts';
import { defineCustom } from '../resources.ts';
import { freeForm, KUBEEDGE_GROUP, object, reportedTwins, text } from './kubeedge-schema.ts';

export const deviceStatuses = defineCustom({
  group: KUBEEDGE_GROUP,
  version: 'v1beta1',
  kind: 'DeviceStatus',
  plural: 'devicestatuses',
  shortNames: ['devst'],
  schema: object({
    spec: { type: 'object', description: 'Always empty.' },
    status: {
      ...object({
        twins: reportedTwins,
        state: text('online, offline, unhealthy, disconnected or unknown.'),
        lastOnlineTime: text('RFC 3339; when the device was last online.'),
        extensions: freeForm('What others add, such as results of anomaly detection.'),
      }),
      description: 'What the edge says of the device of the same name.',
    },
  }),
  columns: [
    NAME_COLUMN,
    pathColumn('State', 'status.state'),
    pathColumn('Last Online', 'status.lastOnlineTime', { description: 'When the device was last online.' }),
    AGE_COLUMN,
  ],
});

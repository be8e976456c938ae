import { AGE_COLUMN, NAME_COLUMN, pathColumn } from '../columns.ts';
import { defineCustom } from '../resources.ts';
import { pushMethod } from './device-push-method.ts';
import {
  flag,
  int64,
  KUBEEDGE_GROUP,
  listOf,
  object,
  protocolConfig,
  reportedTwins,
  text,
  twinProperty,
} from './kubeedge-schema.ts';

const property = object({
  name: text('The property, as the device model names it; unique within the device.'),
  desired: { ...twinProperty, description: 'The value that the device shall have.' },
  visitors: { ...protocolConfig, description: 'How the mapper reaches the property.' },
  collectCycle: {
    ...int64,
    description: 'How often the mapper reads the device, in milliseconds; 0 means 1000.',
  },
  reportCycle: { ...int64, description: 'How often the mapper reports, in milliseconds; 0 means 1000.' },
  reportToCloud: { ...flag, description: 'Whether the value goes to the cloud.' },
  pushMethod,
});

export const devices = defineCustom({
  group: KUBEEDGE_GROUP,
  version: 'v1beta1',
  kind: 'Device',
  plural: 'devices',
  shortNames: ['dev'],
  schema: object({
    spec: {
      ...object({
        deviceModelRef: {
          ...object({ name: { ...text(), default: '' } }),
          description: 'The DeviceModel of the same namespace that types the properties.',
        },
        nodeName: text('The edge node that owns the device.'),
        properties: { ...listOf(property), description: 'What can be read from and written to the device.' },
        protocol: { ...protocolConfig, description: 'How the mapper connects to the device.' },
        methods: listOf(
          object({
            name: text('Unique within the device.'),
            description: text(),
            propertyNames: listOf(text()),
          }),
        ),
        stateReport: object({ reportToCloud: flag, reportCycle: int64 }),
      }),
      description: 'The device as it shall be.',
    },
    status: {
      ...object({
        reportToCloud: flag,
        reportCycle: int64,
        state: text('KubeEdge 1.15 to 1.22; later in the DeviceStatus.'),
        lastOnlineTime: text('KubeEdge 1.15 to 1.22; later in the DeviceStatus.'),
        twins: { ...reportedTwins, description: 'KubeEdge 1.15 to 1.22; later in the DeviceStatus.' },
      }),
      preserveUnknownFields: true,
    },
  }),
  columns: [
    NAME_COLUMN,
    pathColumn('Node', 'spec.nodeName', { description: 'The edge node that owns the device.' }),
    pathColumn('Model', 'spec.deviceModelRef.name', { description: 'The device model.' }),
    pathColumn('Protocol', 'spec.protocol.protocolName', { description: 'What the mapper speaks.' }),
    AGE_COLUMN,
  ],
});

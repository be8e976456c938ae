import type { Change } from '../../twin/change.ts';
import type {
  DeviceModelObject,
  DeviceObject,
  DevicePropertyObject,
  ModelPropertyObject,
} from '../../twin/device-object.ts';
import type { PropertyModel } from '../../twin/model.ts';
import type { SyncInfo, Twin } from '../../twin/twin.ts';
import type { TwinView } from '../../twin/view.ts';

export const NOW = 1_700_000_000_000;

export function property(fields: Partial<PropertyModel> = {}): PropertyModel {
  return {
    name: 'setpoint',
    type: 'DOUBLE',
    accessMode: 'READ_WRITE',
    collectCycleMs: 1000,
    reportCycleMs: 1000,
    localOnly: false,
    visitor: {},
    ...fields,
  };
}

export function device(properties: DevicePropertyObject[] = [], uid = 'uid-1'): DeviceObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name: 'boiler', namespace: 'plant', uid },
    spec: { deviceModelRef: { name: 'boiler-model' }, nodeName: 'edge-a', properties },
  };
}

export function model(properties: ModelPropertyObject[]): DeviceModelObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name: 'boiler-model', namespace: 'plant' },
    spec: { properties },
  };
}

export function change(values: Change['values'], id = 'chg-1'): Change {
  return {
    id,
    namespace: 'plant',
    device: 'boiler',
    uid: 'uid-1',
    values,
    createdAt: NOW,
    createdBy: 'ada',
  };
}

export function twin(fields: Partial<Twin> = {}): Twin {
  return {
    device: 'plant/boiler',
    uid: 'uid-1',
    property: 'setpoint',
    seq: 0,
    sync: { state: 'NONE', since: NOW },
    ...fields,
  };
}

export function view(
  fields: Partial<TwinView> & { sync?: Partial<SyncInfo> } = {},
  name = 'setpoint',
): TwinView {
  return { model: property({ name }), seq: 1, ...fields, sync: { state: 'NONE', ...fields.sync } };
}

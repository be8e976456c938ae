import type { HostDevice } from '../../mappers/host.ts';
import type { PropertyModel } from '../../twin/model.ts';

/** A property with what a test does not care about filled in. */
export function property(name: string, fields: Partial<PropertyModel> = {}): PropertyModel {
  return {
    name,
    type: 'DOUBLE',
    accessMode: 'READ_WRITE',
    collectCycleMs: 100,
    reportCycleMs: 100,
    localOnly: false,
    visitor: {},
    ...fields,
  };
}

export function device(name: string, fields: Partial<HostDevice> = {}): HostDevice {
  return {
    namespace: 'default',
    name,
    uid: `uid-${name}`,
    protocolName: 'modbus',
    protocol: {},
    properties: [],
    methods: [],
    ...fields,
  };
}

import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import { POWER_METER_UNIT } from '../simulate/modbus-plant.ts';
import { type DemoNode, HOST, THERMOSTATS } from './layout.ts';

const API_VERSION = 'devices.kubeedge.io/v1beta1';
const NAMESPACE = 'default';
/** Milliseconds between two reads of a device. */
const COLLECT_CYCLE = 200;
const REPORT_CYCLE = 1000;

type Property = NonNullable<DeviceModelObject['spec']['properties']>[number];

/** How a register is reached: KubeEdge's Modbus visitor. */
const modbus = (configData: Record<string, unknown>) => ({ protocolName: 'modbus', configData });
const mqtt = (configData: Record<string, unknown>) => ({ protocolName: 'mqtt', configData });

const THERMOSTAT: Property[] = [
  {
    name: 'temperature',
    description: 'Room temperature',
    type: 'FLOAT',
    accessMode: 'ReadOnly',
    unit: '°C',
    visitors: modbus({ register: 'InputRegister', offset: 0, limit: 1, scale: 0.1, dataType: 'int16' }),
  },
  {
    name: 'setpoint',
    description: 'Temperature that the room is brought to',
    type: 'FLOAT',
    accessMode: 'ReadWrite',
    unit: '°C',
    minimum: '5',
    maximum: '35',
    visitors: modbus({ register: 'HoldingRegister', offset: 0, limit: 1, scale: 0.1, dataType: 'int16' }),
  },
  {
    name: 'mode',
    description: '0 auto, 1 comfort, 2 eco; the device refuses others',
    type: 'INT',
    accessMode: 'ReadWrite',
    minimum: '0',
    visitors: modbus({ register: 'HoldingRegister', offset: 1, limit: 1 }),
  },
  {
    name: 'enabled',
    description: 'Whether the heater may heat',
    type: 'BOOLEAN',
    accessMode: 'ReadWrite',
    visitors: modbus({ register: 'CoilRegister', offset: 0, limit: 1 }),
  },
  {
    name: 'heating',
    description: 'Whether the heater heats now',
    type: 'BOOLEAN',
    accessMode: 'ReadOnly',
    visitors: modbus({ register: 'DiscreteInputRegister', offset: 0, limit: 1 }),
  },
];

const POWER_METER: Property[] = [
  float32('voltage', 'V', 0),
  float32('current', 'A', 2),
  // This maker sends the low word of this one first.
  float32('power', 'W', 4, { isRegisterSwap: true }),
  {
    name: 'energy',
    type: 'INT',
    accessMode: 'ReadOnly',
    unit: 'Wh',
    visitors: modbus({ register: 'InputRegister', offset: 6, limit: 4, dataType: 'uint64' }),
  },
];

function float32(name: string, unit: string, offset: number, more: Record<string, unknown> = {}): Property {
  const visitors = modbus({ register: 'InputRegister', offset, limit: 2, dataType: 'float32', ...more });
  return { name, type: 'FLOAT', accessMode: 'ReadOnly', unit, visitors };
}

/** The topics name the room, so the model describes the kind of thing and each device says where. */
const ROOM: Property[] = [
  { name: 'humidity', type: 'FLOAT', accessMode: 'ReadOnly', unit: '%' },
  { name: 'co2', type: 'INT', accessMode: 'ReadOnly', unit: 'ppm' },
  { name: 'occupancy', type: 'INT', accessMode: 'ReadOnly', unit: 'people' },
];

const FAN: Property[] = [{ name: 'speed', type: 'INT', accessMode: 'ReadWrite', minimum: '0', maximum: '3' }];

export interface Manifest {
  /** Path of the collection in the Kubernetes API. */
  collection: string;
  object: { metadata: { name: string } };
}

/** Everything that the demo's cluster holds: four models, and per node four thermostats, a meter, a room, a fan, pods. */
export function demoManifests(nodes: readonly DemoNode[]): Manifest[] {
  const models = [
    model('thermostat', 'modbus', THERMOSTAT),
    model('power-meter', 'modbus', POWER_METER),
    model('room-sensor', 'mqtt', ROOM),
    model('fan', 'mqtt', FAN),
  ];
  return [
    ...models.map((object) => manifest('devicemodels', object)),
    ...nodes.flatMap((node) => devicesOf(node).map((object) => manifest('devices', object))),
    ...nodes.flatMap(podsOf),
  ];
}

const manifest = (plural: string, object: Manifest['object']): Manifest => ({
  collection: `/apis/${API_VERSION}/namespaces/${NAMESPACE}/${plural}`,
  object,
});

function model(name: string, protocol: string, properties: Property[]): DeviceModelObject {
  return {
    apiVersion: API_VERSION,
    kind: 'DeviceModel',
    metadata: { name, namespace: NAMESPACE },
    spec: { protocol, properties },
  };
}

function devicesOf({ name, room, modbusPort }: DemoNode): DeviceObject[] {
  const letter = name.replace('edge-', '');
  const tcp = (slaveID: number) => modbus({ communicateMode: 'TCP', ip: HOST, port: modbusPort, slaveID });
  const presence = mqtt({ stateTopic: `rooms/${room}/state` });
  const air = (jsonPath: string) => mqtt({ topic: `rooms/${room}/air`, jsonPath });
  const thermostats = Array.from({ length: THERMOSTATS }, (_, index) =>
    withMethods(device(name, `thermostat-${letter}${index + 1}`, 'thermostat', tcp(index + 1), THERMOSTAT), [
      {
        name: 'warmUp',
        description: 'Brings the room to a temperature',
        propertyNames: ['setpoint', 'mode'],
      },
    ]),
  );
  const meter = device(name, `meter-${letter}`, 'power-meter', tcp(POWER_METER_UNIT), POWER_METER);
  const sensor = device(name, `air-${letter}`, 'room-sensor', presence, ROOM, air);
  const fan = device(name, `fan-${letter}`, 'fan', presence, FAN, () =>
    mqtt({
      topic: `rooms/${room}/fan`,
      jsonPath: 'speed',
      setTopic: `rooms/${room}/fan/set`,
      setPayload: '{"speed":{{value}}}',
    }),
  );
  return [...thermostats, meter, sensor, fan];
}

function device(
  nodeName: string,
  name: string,
  modelName: string,
  protocol: DeviceObject['spec']['protocol'],
  properties: readonly Property[],
  visitorOf?: (property: string) => ReturnType<typeof mqtt>,
): DeviceObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Device',
    metadata: { name, namespace: NAMESPACE, labels: { site: nodeName, model: modelName } },
    spec: {
      deviceModelRef: { name: modelName },
      nodeName,
      protocol,
      properties: properties.map((property) => ({
        name: property.name,
        collectCycle: COLLECT_CYCLE,
        reportCycle: REPORT_CYCLE,
        reportToCloud: true,
        ...(visitorOf && { visitors: visitorOf(property.name) }),
      })),
    },
  };
}

const withMethods = (device: DeviceObject, methods: DeviceObject['spec']['methods']): DeviceObject => ({
  ...device,
  spec: { ...device.spec, methods },
});

/** Bound to the node by hand, as a scheduler would: they stay Pending, because no runtime is there yet. */
function podsOf({ name }: DemoNode): Manifest[] {
  return ['dashboard', 'historian'].map((app) => ({
    collection: `/api/v1/namespaces/${NAMESPACE}/pods`,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${app}-${name}`, namespace: NAMESPACE, labels: { app } },
      spec: { nodeName: name, containers: [{ name: app, image: `example/${app}:1` }] },
    } as Manifest['object'],
  }));
}

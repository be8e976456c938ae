import type { Cluster } from '../kubernetes/cluster.ts';
import { eventsOf } from '../kubernetes/event-object.ts';
import type { ObjectReader } from '../resolvers/context.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import { localOnlyOf } from '../twin/local-only.ts';
import { type PropertyModel, propertyMap } from '../twin/model.ts';

/** The informers' caches as resolvers read them. */
export interface CloudObjectReader extends ObjectReader {
  /** The device's properties by name, joined with its model; kept until one of the two objects is another. */
  propertiesOf(device: DeviceObject): ReadonlyMap<string, PropertyModel>;
  /** [T23] What is said of the device, or of the property of it, is not for the cloud. Of what does not exist nothing is said. */
  isLocalOnly(device: DeviceObject | undefined, property?: string): boolean;
}

interface Joined {
  model: DeviceModelObject | undefined;
  properties: Map<string, PropertyModel>;
  isLocalOnly: boolean;
}

export function createObjectReader(cluster: Cluster): CloudObjectReader {
  const { nodes, pods, devices, deviceModels } = cluster;
  const joined = new WeakMap<DeviceObject, Joined>();
  const modelOf = ({ metadata, spec }: DeviceObject) => {
    const name = spec.deviceModelRef?.name;
    return name ? deviceModels.get(metadata.namespace ?? 'default', name) : undefined;
  };
  const join = (device: DeviceObject): Joined => {
    const model = modelOf(device);
    const known = joined.get(device);
    if (known && known.model === model) return known;
    const properties = propertyMap(device, model);
    const fresh = { model, properties, isLocalOnly: localOnlyOf(device, model).device };
    joined.set(device, fresh);
    return fresh;
  };
  return {
    node: (name) => nodes.get('', name),
    nodes: () => nodes.list(),
    pod: (namespace, name) => pods.get(namespace, name),
    pods: (nodeName) => (nodeName === undefined ? pods.list() : pods.byNode(nodeName)),
    device: (namespace, name) => devices.get(namespace, name),
    devices: (nodeName) => (nodeName === undefined ? devices.list() : devices.byNode(nodeName)),
    deviceModel: (namespace, name) => deviceModels.get(namespace, name),
    deviceModels: () => deviceModels.list(),
    events: (object) => eventsOf(cluster.events, object),
    modelOf,
    namespaces: (kind) => ({ Pod: pods, Device: devices, DeviceModel: deviceModels })[kind].namespaces(),
    hasNode: (name) => nodes.get('', name) !== undefined,
    propertiesOf: (device) => join(device).properties,
    isLocalOnly(device, property) {
      if (!device) return false;
      const { properties, isLocalOnly } = join(device);
      return (property === undefined ? undefined : properties.get(property)?.localOnly) ?? isLocalOnly;
    },
  };
}

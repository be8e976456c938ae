import type {
  DeviceEventSource,
  EdgeNodeSource,
  NodeEventSource,
  PodEventSource,
  TwinEventSource,
  TwinSource,
} from '../resolvers/context.ts';
import type { DeviceSource } from '../resolvers/device.ts';
import type { NodeSource } from '../resolvers/node.ts';
import type { ContainerSource } from '../resolvers/pod.ts';
import type { ChangeSource } from '../resolvers/set-desired.ts';
import type { KubePod } from '../twin/cluster-object.ts';
import type { DeviceModelObject } from '../twin/device-object.ts';
import type { PropertyModel } from '../twin/model.ts';
import type { Builder } from './builder.ts';

/** Object types that several files speak of; each file defines its own. */
export function createRefs(builder: Builder) {
  return {
    Node: builder.objectRef<NodeSource>('Node'),
    EdgeNode: builder.objectRef<EdgeNodeSource>('EdgeNode'),
    Pod: builder.objectRef<KubePod>('Pod'),
    Container: builder.objectRef<ContainerSource>('Container'),
    Device: builder.objectRef<DeviceSource>('Device'),
    DeviceName: builder.objectRef<{ namespace: string; name: string }>('DeviceName'),
    DeviceModel: builder.objectRef<DeviceModelObject>('DeviceModel'),
    ModelProperty: builder.objectRef<PropertyModel>('ModelProperty'),
    Twin: builder.objectRef<TwinSource>('Twin'),
    NodeEvent: builder.objectRef<NodeEventSource>('NodeEvent'),
    PodEvent: builder.objectRef<PodEventSource>('PodEvent'),
    DeviceEvent: builder.objectRef<DeviceEventSource>('DeviceEvent'),
    TwinEvent: builder.objectRef<TwinEventSource>('TwinEvent'),
    Gap: builder.objectRef<{ dropped: number }>('Gap'),
    Change: builder.objectRef<ChangeSource>('Change'),
  };
}

export type Refs = ReturnType<typeof createRefs>;

import type { Cluster } from '../kubernetes/cluster.ts';
import { isManaged } from '../kubernetes/node-object.ts';
import type { CacheChange } from '../kubernetes/object-cache.ts';
import type { Close } from '../lib/disposables.ts';
import { CLOSE } from '../tunnel/close-codes.ts';
import type { KubeNode } from '../twin/cluster-object.ts';
import { type DeviceObject, type DeviceStatusObject, idOf } from '../twin/device-object.ts';
import type { NodeLinks } from './node-links.ts';
import type { CloudObjectReader } from './object-reader.ts';
import type { Replica } from './replica.ts';
import type { ReplicaArchive } from './replica-archive.ts';
import type { ReplicaIds } from './replica-ids.ts';

export interface DeviceNewsOptions {
  cluster: Pick<Cluster, 'nodes' | 'devices' | 'deviceModels' | 'deviceStatuses'>;
  objects: Pick<CloudObjectReader, 'isLocalOnly'>;
  replica: Pick<Replica, 'removeDevice' | 'forgetLocalOnly'>;
  archive: Pick<ReplicaArchive, 'removeDevice' | 'removeTwin'>;
  replicaIds: ReplicaIds;
  links: Pick<NodeLinks, 'session'>;
  /** Something that is told of the device may be another now. */
  changed(device: DeviceObject): void;
  deleted(device: DeviceObject): void;
}

/**
 * What Kubernetes changed of a device is news to subscribers and waiters: what is desired, where it is, what its model says, and
 * what a CloudCore wrote of it.
 */
export function watchDevices(options: DeviceNewsOptions): Close {
  const { cluster, replica, changed } = options;
  const { nodes, devices, deviceModels, deviceStatuses } = cluster;
  const onDevice = ({ kind, object, previous }: CacheChange<DeviceObject>) => {
    if (kind === 'deleted') {
      replica.removeDevice(object.spec.nodeName ?? '', idOf(object));
      options.replicaIds.deleted(object.metadata.uid ?? '');
      return options.deleted(object);
    }
    if (previous && previous.spec.nodeName !== object.spec.nodeName)
      move(object, previous.spec.nodeName, options);
    forgetLocalOnly(object, options);
    changed(object);
  };
  const onStatus = ({ object }: CacheChange<DeviceStatusObject>) => {
    const { namespace = '', name } = object.metadata;
    const device = devices.get(namespace, name);
    if (device) changed(device);
  };
  const onNode = ({ kind, object, previous }: CacheChange<KubeNode>) => {
    // Whose the node is decides who tells of its devices; the rest of a Node says nothing of them.
    if (kind === 'updated' && isManaged(previous) === isManaged(object)) return;
    for (const device of devices.byNode(object.metadata.name)) changed(device);
  };
  const closers = [
    devices.onChange(onDevice),
    // It may come after its devices; and what fits it, and so what is desired, changes with it.
    deviceModels.onChange(({ object: { metadata } }) => {
      for (const device of devices.byModel(metadata.namespace ?? '', metadata.name)) {
        forgetLocalOnly(device, options);
        changed(device);
      }
    }),
    deviceStatuses.onChange(onStatus),
    nodes.onChange(onNode),
  ];
  return () => {
    for (const close of closers) close();
  };
}

function move(device: DeviceObject, from: string | undefined, options: DeviceNewsOptions): void {
  const { replica, replicaIds, links } = options;
  const { uid = '' } = device.metadata;
  const to = device.spec.nodeName;
  if (from) {
    replica.removeDevice(from, idOf(device));
    replicaIds.left(uid, from);
  }
  // A node that was away meanwhile does not know that it lost the device; what it said since was refused. It has to say all again.
  if (to && replicaIds.came(uid, to))
    links
      .session(to)
      ?.close(CLOSE.goingAway, `device ${idOf(device)} came back to the node: say all of it again`);
}

/** [T26] What the cloud knew of what is local only by now. */
function forgetLocalOnly(device: DeviceObject, { replica, archive, objects }: DeviceNewsOptions): void {
  const id = idOf(device);
  for (const property of replica.forgetLocalOnly(device.spec.nodeName ?? '', id))
    archive.removeTwin(id, property);
  if (objects.isLocalOnly(device)) archive.removeDevice(id);
}

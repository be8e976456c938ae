import type { Cluster } from '../kubernetes/cluster.ts';
import type { CacheChange } from '../kubernetes/object-cache.ts';
import type { Close } from '../lib/disposables.ts';
import { CLOSE } from '../tunnel/close-codes.ts';
import { type DeviceObject, idOf } from '../twin/device-object.ts';
import type { TwinView } from '../twin/view.ts';
import type { ForeignDevices } from './foreign-devices.ts';
import type { NodeLinks } from './node-links.ts';
import type { Replica } from './replica.ts';
import type { ReplicaIds } from './replica-ids.ts';
import type { CloudTwins } from './twin-reader.ts';

export interface DeviceNewsOptions {
  cluster: Pick<Cluster, 'devices' | 'deviceModels'>;
  replica: Pick<Replica, 'removeDevice'>;
  foreign: Pick<ForeignDevices, 'toldByDevice'>;
  twins: CloudTwins;
  replicaIds: ReplicaIds;
  links: Pick<NodeLinks, 'session'>;
  publish(device: DeviceObject, views: readonly TwinView[]): void;
}

/** What Kubernetes changed of a device is news to subscribers and waiters: what is desired, where it is, what its model says. */
export function watchDevices(options: DeviceNewsOptions): Close {
  const { cluster, replica, foreign, twins, publish } = options;
  const onDevice = (change: CacheChange<DeviceObject>) => {
    const { object, previous } = change;
    if (change.kind === 'deleted') {
      replica.removeDevice(object.spec.nodeName ?? '', idOf(object));
      options.replicaIds.deleted(object.metadata.uid ?? '');
      // Who waits for it need not wait for their time to run out.
      return publish(object, []);
    }
    if (previous && previous.spec.nodeName !== object.spec.nodeName)
      move(object, previous.spec.nodeName, options);
    if (!previous || !isSamePlace(previous, object)) return publish(object, twins.views(object));
    const differing = foreign.toldByDevice(object, previous);
    for (const name of changedDesired(previous, object)) differing.add(name);
    publish(
      object,
      [...differing].flatMap((name) => twins.viewOf(object, name) ?? []),
    );
  };
  const closers = [
    cluster.devices.onChange(onDevice),
    // It may come after its devices; and what fits it, and so what is desired, changes with it.
    cluster.deviceModels.onChange(({ object: { metadata } }) => {
      for (const device of cluster.devices.byModel(metadata.namespace ?? '', metadata.name))
        publish(device, twins.views(device));
    }),
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

/** On the same node, with the same model: what is not named by a change of it stands as it did. */
const isSamePlace = ({ spec: a }: DeviceObject, { spec: b }: DeviceObject) =>
  a.nodeName === b.nodeName && a.deviceModelRef?.name === b.deviceModelRef?.name;

function* changedDesired(previous: DeviceObject, object: DeviceObject): Iterable<string> {
  const before = new Map(previous.spec.properties?.map((property) => [property.name, property.desired]));
  const after = new Map(object.spec.properties?.map((property) => [property.name, property.desired]));
  for (const name of new Set([...before.keys(), ...after.keys()]))
    if (JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name))) yield name;
}

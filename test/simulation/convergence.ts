import { desiredOf } from '../../twin/desired.ts';
import { type DeviceObject, idOf } from '../../twin/device-object.ts';
import { type PropertyModel, propertiesOf } from '../../twin/model.ts';
import { sameDesired, sameValue } from '../../twin/twin.ts';
import type { ApiServer } from './api-server.ts';
import type { CloudProcess } from './cloud.ts';
import type { EdgeProcess } from './edge.ts';
import { COUNTER, type Hardware } from './hardware.ts';
import type { Known, Reader } from './reader.ts';

export interface Whole {
  api: ApiServer;
  cloud: CloudProcess;
  edges: readonly EdgeProcess[];
  hardware: Hardware;
  readers: readonly Reader[];
  /** Every device that there ever was: its id, uid, and all nodes. */
  everSeen: ReadonlyArray<{ device: string; uid: string }>;
}

/** The first place where two parts of a quiet world do not agree; undefined where all of them do. */
export function findDivergence(whole: Whole): string | undefined {
  const { api, edges } = whole;
  for (const device of api.list('Device')) {
    const found = ofDevice(whole, device);
    if (found) return `${idOf(device)}: ${found}`;
  }
  for (const edge of edges) {
    const found = ghostAt(edge, api);
    if (found) return `${edge.nodeName}: ${found}`;
  }
  return ghostInCloud(whole);
}

function ofDevice(whole: Whole, device: DeviceObject): string | undefined {
  const { api, cloud, edges } = whole;
  const id = idOf(device);
  const nodeName = device.spec.nodeName;
  const edge = edges.find((each) => each.nodeName === nodeName);
  const cached = cloud.informers.devices.get('default', device.metadata.name);
  if (cached?.metadata.resourceVersion !== device.metadata.resourceVersion) return 'the informer is behind';
  const modelName = device.spec.deviceModelRef?.name ?? '';
  const model = api.list('DeviceModel').find(({ metadata }) => metadata.name === modelName);
  if (edge) {
    const held = edge.metadata.device('default', device.metadata.name);
    if (held?.metadata.resourceVersion !== device.metadata.resourceVersion)
      return `${nodeName} has another object`;
    const state = edge.registry.state(id)?.state;
    const told = cloud.replica.state(edge.nodeName, id, device.metadata.uid ?? '')?.state;
    if (state !== told) return `it is ${state} at ${nodeName} and ${told} in the cloud`;
    if (model && state !== 'online') return `it is ${state}`;
  }
  for (const property of propertiesOf(device, model)) {
    const found = ofProperty(whole, device, property, edge) ?? ofReaders(whole, device, property);
    if (found) return `${property.name}: ${found}`;
  }
  return undefined;
}

function ofProperty(
  { cloud, hardware }: Whole,
  device: DeviceObject,
  property: PropertyModel,
  edge: EdgeProcess | undefined,
): string | undefined {
  const id = idOf(device);
  const uid = device.metadata.uid ?? '';
  if (!edge) return undefined;
  const twin = edge.registry.get(id, property.name);
  const copy = cloud.replica.twin(edge.nodeName, id, uid, property.name);
  if (twin?.seq !== copy?.seq) return `${edge.nodeName} is at ${twin?.seq}, the replica at ${copy?.seq}`;
  const desired = desiredOf(device, property);
  if (!sameDesired(desired, twin?.observedDesired))
    return `desired is ${show(desired)}, observed is ${show(twin?.observedDesired)}`;
  const view = cloud.twins.viewOf(device, property.name);
  if (view?.sync.state !== (twin?.sync.state ?? 'NONE'))
    return `its state is ${twin?.sync.state} at the node and ${view?.sync.state} in the cloud`;
  if (twin?.sync.state === 'DELIVERED') return 'it is DELIVERED, and never got any further';
  if (!sameValue(twin?.reported?.value ?? null, copy?.reported?.value ?? null))
    return `reported is ${show(twin?.reported)} at the node and ${show(copy?.reported)} in the cloud`;
  const actual = hardware.device(id).values.get(property.name) ?? null;
  if (twin?.reported?.quality !== 'BAD' && !sameValue(twin?.reported?.value ?? null, actual))
    return `the device has ${actual}, reported is ${show(twin?.reported)}`;
  if (twin?.sync.state === 'IN_SYNC' && !sameValue(twin.confirmed ?? null, actual))
    return `it is IN_SYNC with ${twin.confirmed}, and the device has ${actual}`;
  return undefined;
}

/** A subscriber that adds up what it was told believes what a query would answer now. */
function ofReaders(
  { cloud, readers }: Whole,
  device: DeviceObject,
  property: PropertyModel,
): string | undefined {
  const view = cloud.twins.viewOf(device, property.name);
  if (!view) return undefined;
  const now: Known = {
    nodeName: device.spec.nodeName ?? null,
    seq: view.seq,
    reported: view.reported?.value,
    desired: view.desired?.value,
    change: view.desired?.change,
    state: view.sync.state,
  };
  for (const reader of readers) {
    const known = reader.known.get(`${idOf(device)}/${property.name}`);
    if (JSON.stringify(known) !== JSON.stringify(now))
      return `a reader believes ${JSON.stringify(known)}, a query answers ${JSON.stringify(now)}`;
  }
  return undefined;
}

function ghostAt(
  { nodeName, registry, metadata, disk, store }: EdgeProcess,
  api: ApiServer,
): string | undefined {
  store.flush();
  const held = new Map(
    api
      .list('Device')
      .filter(({ spec }) => spec.nodeName === nodeName)
      .map((device) => [idOf(device), device.metadata.uid]),
  );
  for (const device of metadata.devices())
    if (!held.has(idOf(device))) return `it holds ${idOf(device)}, which is not its own`;
  for (const { device, uid } of [...registry.all(), ...registry.states()])
    if (held.get(device) !== uid) return `it knows ${device} (${uid}), which is not its own`;
  for (const row of disk.twins.values())
    if (!held.has(row.device)) return `a twin of ${row.device} is on its disk`;
  for (const device of disk.states.keys())
    if (!held.has(device)) return `a state of ${device} is on its disk`;
  const { items } = store.outboxStats(0);
  if (items > 0) return `${items} reports wait in its outbox`;
  for (const { change, device, accepted, desired } of registry.proposals()) {
    if (!accepted) return `proposal ${change} for ${device} is open`;
    if (desired.value !== null) return `proposal ${change} for ${device} was accepted and never ended`;
  }
  if (disk.proposals.size !== [...registry.proposals()].length) return 'its disk has other proposals than it';
  return undefined;
}

function ghostInCloud({ cloud, edges, everSeen, api }: Whole): string | undefined {
  for (const { device, uid } of everSeen) {
    const holder = api.list('Device').find((each) => idOf(each) === device && each.metadata.uid === uid)
      ?.spec.nodeName;
    for (const { nodeName } of edges) {
      if (nodeName === holder) continue;
      const hasTwin = [COUNTER, 'setpoint', 'mode'].some((name) =>
        cloud.replica.twin(nodeName, device, uid, name),
      );
      if (hasTwin || cloud.replica.state(nodeName, device, uid))
        return `the replica still knows ${device} (${uid}) of ${nodeName}`;
    }
  }
  return undefined;
}

const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';

/** The names of KubeEdge's EventBus, all of them, and nowhere else. Source: kubeedge edge/pkg/devicetwin/dtcommon. */
const DEVICE = '$hw/events/device/';
const NODE = '$hw/events/node/';

/** What a device program, or an app beside it, publishes to us. */
export type DeviceEvent = 'twin/update' | 'twin/get' | 'state/update';
/** What we publish about a device. */
export type DeviceReply =
  | 'twin/update/result'
  | 'twin/update/delta'
  | 'twin/update/document'
  | 'twin/get/result'
  | 'state/update/result';
export type NodeReply = 'membership/get/result' | 'membership/updated';

const DEVICE_EVENTS: readonly DeviceEvent[] = ['twin/update', 'twin/get', 'state/update'];

/** Where devices were addressed by name alone, as before KubeEdge 1.17, that is what it was. */
const DEFAULT_NAMESPACE = 'default';

/** A topic of ours, taken apart. `message` is anything that is meant for somebody else: data, and users' own. */
export type BusTopic =
  | { kind: 'device'; event: DeviceEvent; device: string; address: string }
  | { kind: 'membership' }
  | { kind: 'message' };

/** What KubeEdge's EventBus hands on to the cloud: data of devices, and users' own messages. */
export const KUBEEDGE_MESSAGES: readonly string[] = [
  '$ke/events/device/+/data/update',
  '$ke/events/device/+/+/data/update',
  '+/user/#',
  'SYS/dis/upload_records',
  '$hw/events/upload/#',
];

/** What the bus answers, on the node called so. */
export const subscriptions = (nodeName: string): string[] => [
  `${DEVICE}+/twin/+`,
  `${DEVICE}+/+/twin/+`,
  `${DEVICE}+/state/update`,
  `${DEVICE}+/+/state/update`,
  `${NODE}${nodeName}/membership/get`,
];

/** Undefined for topics under `$hw/events/` that mean nothing to us, like `twin/cloud_updated`. */
export function parseTopic(topic: string): BusTopic | undefined {
  // Who asks for messages on `$hw/#` gets our own answers, too.
  if (topic.startsWith(NODE)) return topic.endsWith('/membership/get') ? { kind: 'membership' } : undefined;
  if (!topic.startsWith(DEVICE)) return { kind: 'message' };
  const path = topic.slice(DEVICE.length);
  const event = DEVICE_EVENTS.find((known) => path.endsWith(`/${known}`));
  if (!event) return undefined;
  const address = path.slice(0, -event.length - 1);
  const levels = address.split('/');
  if (levels.length > 2 || levels.includes('')) return undefined;
  const device = levels.length === 2 ? address : `${DEFAULT_NAMESPACE}/${address}`;
  return { kind: 'device', event, device, address };
}

/** The device whose data is on the topic; undefined for any other topic. */
export function dataDeviceOf(topic: string): string | undefined {
  const address = /^\$ke\/events\/device\/([^/]+(?:\/[^/]+)?)\/data\/update$/.exec(topic)?.[1];
  return address?.includes('/') === false ? `${DEFAULT_NAMESPACE}/${address}` : address;
}

/** @param address as the other side wrote it: `default/boiler`, or `boiler` */
export const deviceTopic = (address: string, reply: DeviceReply) => `${DEVICE}${address}/${reply}`;

export const nodeTopic = (nodeName: string, reply: NodeReply) => `${NODE}${nodeName}/${reply}`;

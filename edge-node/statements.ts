import type { DevicesUp, DigestUp } from '../tunnel/messages.ts';
import { bucketDigests, bucketOf, digestOf } from '../twin/digest.ts';
import type { Twin } from '../twin/twin.ts';

/** What the node says of the whole of what it holds, when its turn comes [W35]. */
export type Statement =
  | { of: 'digest' }
  | { of: 'devices'; buckets: readonly number[] }
  /** Absent devices: all of them. */
  | { of: 'twins'; devices?: string[] };

/** Devices of one message: some tens of kilobytes. */
const PART = 500;

export const digestMessage = (storeId: string, twins: Iterable<Twin>): DigestUp => ({
  type: 'digest',
  buckets: bucketDigests(deviceDigests(storeId, twins)),
});

/** The devices of the buckets in as many messages as it takes: each tells all of some buckets. */
export function deviceMessages(
  storeId: string,
  twins: Iterable<Twin>,
  buckets: readonly number[],
): DevicesUp[] {
  const wanted = new Set(buckets);
  const ofBucket = Map.groupBy(
    deviceDigests(
      storeId,
      [...twins].filter(({ device }) => wanted.has(bucketOf(device))),
    ),
    ({ device }) => bucketOf(device),
  );
  const messages: DevicesUp[] = [];
  let message: DevicesUp = { type: 'devices', buckets: [], devices: [], last: true };
  for (const bucket of wanted) {
    if (message.devices.length >= PART) {
      messages.push({ ...message, last: false });
      message = { ...message, buckets: [], devices: [] };
    }
    message.buckets.push(bucket);
    message.devices.push(...(ofBucket.get(bucket) ?? []));
  }
  return [...messages, message];
}

function deviceDigests(storeId: string, twins: Iterable<Twin>): DevicesUp['devices'] {
  const byDevice = Map.groupBy(twins, ({ device }) => device);
  return Array.from(byDevice, ([device, own]) => ({
    device,
    uid: own[0]?.uid ?? '',
    digest: digestOf(own.map((twin) => ({ storeId, twin }))),
  }));
}

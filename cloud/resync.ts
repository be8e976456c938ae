import type { DevicesUp, DigestUp, DownMessage } from '../tunnel/messages.ts';
import { bucketDigests, bucketOf, type Digest, digestOf } from '../twin/digest.ts';
import type { Replica } from './replica.ts';

export interface ResyncOptions {
  nodeName: string;
  replica: Replica;
  send(message: DownMessage): void;
}

/** Devices of one snapshot: at ten properties each, some hundred kilobytes. */
const PART = 200;

/**
 * [W35] Finds out what the replica lacks of one node that connected, or has too much, and asks for that alone. Each message of the
 * node comes in order behind what it reported before, so that what is compared is of one moment, whatever changes meanwhile.
 */
export class Resync {
  readonly #options: ResyncOptions;
  /** Of the devices that the node holds in Kubernetes. */
  #lacking = new Set<string>();
  /** Snapshots that were asked for and have not come to their end. */
  #awaited = 0;

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  takeDigest({ buckets }: DigestUp): void {
    const { replica, nodeName, send } = this.#options;
    const known = [...replica.held(nodeName)].map(([device, twins]) => ({ device, digest: digestOf(twins) }));
    if (known.length === 0 && buckets.some((digest) => digest !== 0)) {
      this.#ask();
      return;
    }
    const own = bucketDigests(known);
    const differing = buckets.flatMap((digest, bucket) => (digest === own[bucket] ? [] : [bucket]));
    if (differing.length === 0) this.#finish();
    else send({ type: 'differ', buckets: differing });
  }

  /** Of devices that the node holds in Kubernetes: of others nothing would be taken. */
  takeDevices({ buckets, devices, last }: DevicesUp): void {
    const { replica, nodeName } = this.#options;
    const asked = new Set(buckets);
    const own = new Map<string, Digest>();
    for (const [device, twins] of replica.held(nodeName))
      if (asked.has(bucketOf(device))) own.set(device, digestOf(twins));
    for (const { device, digest } of devices) {
      if (own.get(device) !== digest) this.#lacking.add(device);
      own.delete(device);
    }
    for (const device of own.keys()) replica.forgetDevice(nodeName, device);
    if (!last) return;
    const lacking = [...this.#lacking];
    this.#lacking.clear();
    for (let start = 0; start < lacking.length; start += PART) this.#ask(lacking.slice(start, start + PART));
    if (this.#awaited === 0) this.#finish();
  }

  /** A snapshot came to its end: one that was asked for, or that of a node that knows no digests. */
  snapshotEnded(): void {
    this.#awaited = Math.max(0, this.#awaited - 1);
    if (this.#awaited === 0) this.#finish();
  }

  #ask(devices?: string[]): void {
    this.#awaited++;
    this.#options.send({ type: 'wanted', devices });
  }

  #finish(): void {
    const { replica, nodeName, send } = this.#options;
    replica.becameWhole(nodeName);
    send({ type: 'acked', seq: 0, snapshot: true });
  }
}

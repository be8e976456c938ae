import type { Clock } from '../lib/clock.ts';
import { DrainWindow } from '../tunnel/drain-window.ts';
import type { DevicesUp, DigestUp, DownMessage } from '../tunnel/messages.ts';
import { bucketDigests, bucketOf, type Digest, digestOf } from '../twin/digest.ts';
import type { Replica } from './replica.ts';

export interface ResyncOptions {
  nodeName: string;
  replica: Replica;
  send(message: DownMessage): void;
  clock: Clock;
}

/** Buckets of 256 whose devices a node names at a time: of a thousand devices some sixty, in two kilobytes. */
const BUCKETS = 16;
/** Devices of one snapshot, at most. */
const PART = 200;

/**
 * [W35] Finds out what the replica lacks of one node that connected, or has too much, and asks for that alone, as much at a time as the
 * line takes [W38]. Each message of the node comes in order behind what it reported before, so that what is compared is of one moment,
 * whatever changes meanwhile.
 */
export class Resync {
  readonly #options: ResyncOptions;
  /** Buckets that differ and whose devices the node has not been asked to name. */
  #differing: number[] = [];
  /** Of the devices that the node holds in Kubernetes, those that are to be asked for. */
  readonly #lacking = new Set<string>();
  readonly #window = new DrainWindow();
  /** Devices on this connection: those that were asked for, and those whose snapshots have come to their end. */
  #asked = 0;
  #ended = 0;
  /** By snapshot that has not come to its end: how many were asked for with it. */
  readonly #awaited: number[] = [];

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  takeDigest({ buckets }: DigestUp): void {
    const { replica, nodeName } = this.#options;
    const known = [...replica.held(nodeName)].map(([device, twins]) => ({ device, digest: digestOf(twins) }));
    const own = bucketDigests(known);
    this.#differing = buckets.flatMap((digest, bucket) => (digest === own[bucket] ? [] : [bucket]));
    this.#goOn();
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
    if (last) this.#goOn();
  }

  /** A snapshot came to its end: one that was asked for, or that of a node that knows no digests. */
  snapshotEnded(): void {
    this.#ended = this.#awaited.shift() ?? this.#ended;
    this.#window.acknowledged(this.#ended, this.#options.clock.monotonic());
    this.#goOn();
  }

  /** Snapshots of what is lacking first, then the next buckets: neither end makes a queue on the line. */
  #goOn(): void {
    const { send, clock } = this.#options;
    for (;;) {
      const { size } = this.#window;
      // Two snapshots on their way keep the line busy.
      const devices = this.#take(Math.min(PART, Math.ceil(size / 2), size - (this.#asked - this.#ended)));
      if (devices.length === 0) break;
      this.#asked += devices.length;
      this.#awaited.push(this.#asked);
      this.#window.sent(this.#asked, this.#asked - this.#ended, clock.monotonic());
      send({ type: 'wanted', devices });
    }
    if (this.#awaited.length > 0) return;
    const buckets = this.#differing.splice(0, BUCKETS);
    if (buckets.length > 0) send({ type: 'differ', buckets });
    else this.#finish();
  }

  #take(count: number): string[] {
    const devices: string[] = [];
    for (const device of this.#lacking) {
      if (devices.length >= count) break;
      devices.push(device);
      this.#lacking.delete(device);
    }
    return devices;
  }

  #finish(): void {
    const { replica, nodeName, send } = this.#options;
    replica.becameWhole(nodeName);
    send({ type: 'acked', seq: 0, snapshot: true });
  }
}

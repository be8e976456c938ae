import type { Client } from 'graphql-ws';
import {
  FreshnessDocument,
  type FreshnessQuery,
  type LinkFieldsFragment,
} from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import { REFRESH_MS } from '../state/freshness.ts';
import { filterOf, followTwins } from './follow-twins.ts';
import { type DeviceRef, deviceKey } from './keys.ts';
import { Listeners } from './listeners.ts';
import type { TwinBoard } from './twin-board.ts';

type FreshDevice = FreshnessQuery['devices']['edges'][number]['node'];

/** What no twin tells: the device itself, and the link that its node is behind. */
export interface DeviceFacts extends Pick<FreshDevice, 'state' | 'stateReason' | 'lastOnlineAt'> {
  link?: LinkFieldsFragment;
}

/** Neighbours in a list share one subscription, so that scrolling opens and closes few. */
export const CHUNK = 20;

/** A chunk that scrolled away is kept this long: readers scroll back. */
const LINGER_MS = 2000;

interface Chunk {
  devices: readonly DeviceRef[];
  stop: () => void;
  leaving?: ReturnType<typeof setTimeout>;
}

export interface LiveDevicesOptions {
  client: Client;
  ask: Ask;
  board: TwinBoard;
}

/** Follows the devices that are in view, and no others. */
export class LiveDevices {
  readonly #options: LiveDevicesOptions;
  readonly #chunks = new Map<string, Chunk>();
  /** How many chunks a device is in: two, while a list is arranged anew. */
  readonly #uses = new Map<string, number>();
  /** Of devices that are followed, and of no others. */
  readonly #facts = new Map<string, DeviceFacts>();
  readonly #listeners = new Listeners();
  #refreshing: ReturnType<typeof setInterval> | undefined;

  constructor(options: LiveDevicesOptions) {
    this.#options = options;
  }

  /** @param chunks runs of neighbours, the same run being the same devices in the same order */
  show(chunks: ReadonlyArray<readonly DeviceRef[]>): void {
    const wanted = new Map(
      chunks.filter(({ length }) => length > 0).map((refs) => [refs.map(deviceKey).join(), refs]),
    );
    for (const [key, chunk] of this.#chunks) {
      if (wanted.has(key)) continue;
      chunk.leaving ??= setTimeout(() => this.#drop(key), LINGER_MS);
    }
    const entered = [...wanted].filter(([key]) => !this.#chunks.has(key)).flatMap(([, devices]) => devices);
    for (const [key, devices] of wanted) {
      const known = this.#chunks.get(key);
      clearTimeout(known?.leaving);
      if (known) known.leaving = undefined;
      else this.#follow(key, devices);
    }
    // A list tells how its devices were when it was read, and nothing of links.
    void this.#ask(entered);
    this.#refreshing ??= setInterval(() => this.refresh(), REFRESH_MS);
  }

  /** Undefined until it is followed and the server has told. */
  facts(device: DeviceRef): DeviceFacts | undefined {
    return this.#facts.get(deviceKey(device));
  }

  /** Called when there are other facts of the device of this key. */
  watch(key: string, listener: () => void): () => void {
    return this.#listeners.watch(key, listener);
  }

  /** Asks once for the freshness of all that is followed. */
  refresh(): Promise<void> {
    return this.#ask([...this.#chunks.values()].flatMap((chunk) => chunk.devices));
  }

  close(): void {
    clearInterval(this.#refreshing);
    this.#refreshing = undefined;
    for (const key of [...this.#chunks.keys()]) this.#drop(key);
  }

  /** No answer is an answer too: values go stale by themselves. */
  async #ask(devices: readonly DeviceRef[]): Promise<void> {
    if (devices.length === 0) return;
    const { ask, board } = this.#options;
    const answer = await ask(FreshnessDocument, { where: filterOf(devices) }).catch(() => undefined);
    for (const { node } of answer?.devices.edges ?? []) {
      const key = deviceKey(node);
      // It went out of view meanwhile.
      if (!this.#uses.has(key)) continue;
      const { state, stateReason, lastOnlineAt, twins } = node;
      // All twins of a device are behind the same link.
      const freshness = twins?.[0]?.freshness;
      const link = freshness && { state: freshness.link, since: freshness.linkSince };
      this.#facts.set(key, { state, stateReason, lastOnlineAt, link });
      this.#listeners.tell(key);
      for (const { property, freshness } of twins ?? []) board.refresh(node, property, freshness);
    }
  }

  #follow(key: string, devices: readonly DeviceRef[]): void {
    for (const name of devices.map(deviceKey)) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    const { client, board } = this.#options;
    this.#chunks.set(key, { devices, stop: followTwins(client, board, devices) });
  }

  #drop(key: string): void {
    const chunk = this.#chunks.get(key);
    if (!chunk) return;
    clearTimeout(chunk.leaving);
    chunk.stop();
    this.#chunks.delete(key);
    for (const device of chunk.devices) {
      const name = deviceKey(device);
      const uses = (this.#uses.get(name) ?? 1) - 1;
      if (uses > 0) {
        this.#uses.set(name, uses);
        continue;
      }
      this.#uses.delete(name);
      this.#facts.delete(name);
      this.#options.board.forget(device);
    }
  }
}

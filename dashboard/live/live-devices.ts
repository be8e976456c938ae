import type { Client } from 'graphql-ws';
import {
  FreshnessDocument,
  type FreshnessQuery,
  type LinkFieldsFragment,
} from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import { type Cell, createCell } from '../state/cell.ts';
import { REFRESH_MS } from '../state/freshness.ts';
import { filterOf, followTwins } from './follow-twins.ts';
import { type DeviceRef, deviceKey } from './keys.ts';
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
  readonly #facts = new Map<string, Cell<DeviceFacts | undefined>>();
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
    for (const [key, devices] of wanted) {
      const known = this.#chunks.get(key);
      clearTimeout(known?.leaving);
      if (known) known.leaving = undefined;
      else this.#follow(key, devices);
    }
    this.#refreshing ??= setInterval(() => this.refresh(), REFRESH_MS);
  }

  facts(device: DeviceRef): Cell<DeviceFacts | undefined> {
    const key = deviceKey(device);
    const cell = this.#facts.get(key) ?? createCell<DeviceFacts | undefined>(undefined);
    this.#facts.set(key, cell);
    return cell;
  }

  /** Asks once for the freshness of all that is followed. No answer is an answer too: values go stale by themselves. */
  async refresh(): Promise<void> {
    const devices = [...this.#chunks.values()].flatMap((chunk) => chunk.devices);
    if (devices.length === 0) return;
    const { ask, board } = this.#options;
    const answer = await ask(FreshnessDocument, { where: filterOf(devices) }).catch(() => undefined);
    for (const { node } of answer?.devices.edges ?? []) {
      const { state, stateReason, lastOnlineAt, twins } = node;
      // All twins of a device are behind the same link.
      const freshness = twins?.[0]?.freshness;
      const link = freshness && { state: freshness.link, since: freshness.linkSince };
      this.facts(node).set({ state, stateReason, lastOnlineAt, link });
      for (const { property, freshness } of twins ?? []) board.refresh(node, property, freshness);
    }
  }

  close(): void {
    clearInterval(this.#refreshing);
    this.#refreshing = undefined;
    for (const key of [...this.#chunks.keys()]) this.#drop(key);
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

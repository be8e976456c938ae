import {
  AttributeIds,
  ClientMonitoredItemGroup,
  type ClientSession,
  type ClientSubscription,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  type NodeId,
  TimestampsToReturn,
} from 'node-opcua-client';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { MonitoredNode, NodeValue } from '../messages.ts';
import type { Deadband } from '../visitor.ts';
import type { Nodes } from './nodes.ts';
import { toNodeValue } from './values.ts';

export interface MonitorOptions {
  session: ClientSession;
  nodes: Nodes;
  clock: Clock;
  onValues(values: NodeValue[], taken: () => void): void;
}

/** Values that wait for the edge process; beyond it the oldest are left out. */
const MAX_WAITING = 20_000;
/** Samples that the server keeps of one node between two publishings; beyond it the oldest are left out. */
const MAX_QUEUE = 100;
/** Items in one request: servers have limits, and few have a lower one. */
const BATCH = 500;
/** Publishings without news before the server says that it is there, and without us before it forgets the subscription. */
const KEEP_ALIVE_COUNT = 10;
const LIFETIME_COUNT = 100;

interface Indexed {
  index: number;
  item: MonitoredNode;
  nodeId: NodeId;
}

/** One subscription with its monitored items, as long as its session lives. */
export class Monitor {
  readonly #options: MonitorOptions;
  #subscription: ClientSubscription | undefined;
  #waiting: NodeValue[] = [];
  #flushing = false;
  #closed = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** @throws where the server takes no subscription; an item that it does not take is reported as BAD, with the reason */
  async start(publishingMs: number, items: MonitoredNode[]): Promise<void> {
    const subscription = await this.#options.session.createSubscription2({
      requestedPublishingInterval: publishingMs,
      requestedMaxKeepAliveCount: KEEP_ALIVE_COUNT,
      requestedLifetimeCount: LIFETIME_COUNT,
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
      priority: 0,
    });
    this.#subscription = subscription;
    if (this.#closed) return this.close();
    const alike = Map.groupBy(await this.#resolve(items), ({ item }) =>
      JSON.stringify([item.samplingMs, item.deadband]),
    );
    for (const group of alike.values()) {
      for (let at = 0; at < group.length && !this.#closed; at += BATCH) {
        await this.#monitor(subscription, publishingMs, group.slice(at, at + BATCH));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#subscription?.terminate().catch(() => {}); // Its session may be gone already, and it with it.
  }

  async #resolve(items: readonly MonitoredNode[]): Promise<Indexed[]> {
    const resolved: Indexed[] = [];
    for (const [index, item] of items.entries()) {
      try {
        resolved.push({ index, item, nodeId: await this.#options.nodes.resolve(item.nodeId) });
      } catch (error) {
        this.#push([index, null, 'BAD', this.#options.clock.now(), messageOf(error)]);
      }
    }
    return resolved;
  }

  async #monitor(subscription: ClientSubscription, publishingMs: number, batch: Indexed[]): Promise<void> {
    const { samplingMs, deadband } = (batch[0] as Indexed).item;
    const group = ClientMonitoredItemGroup.create(
      subscription,
      batch.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
      {
        samplingInterval: samplingMs,
        filter: deadband && filterOf(deadband),
        queueSize: Math.min(MAX_QUEUE, Math.max(1, Math.ceil(publishingMs / samplingMs))),
        discardOldest: true,
      },
      TimestampsToReturn.Both,
    );
    group.on('changed', (_item, dataValue, at) => {
      const { index, item } = batch[at] as Indexed;
      this.#push(toNodeValue(index, item.type, dataValue, this.#options.clock.now()));
    });
    await new Promise<void>((resolve, reject) => {
      group.on('initialized', resolve);
      group.on('terminated', reject);
    });
    for (const [at, { statusCode }] of group.monitoredItems.entries()) {
      if (statusCode.value === 0) continue;
      const { index } = batch[at] as Indexed;
      this.#push([index, null, 'BAD', this.#options.clock.now(), `not monitored: ${statusCode.name}`]);
    }
  }

  #push(value: NodeValue): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.splice(0, MAX_WAITING / 2);
    this.#waiting.push(value);
    this.#flush();
  }

  /** All values of one notification go together, and the next when those have left. */
  #flush(): void {
    if (this.#flushing || this.#waiting.length === 0) return;
    this.#flushing = true;
    setImmediate(() => {
      const values = this.#waiting;
      this.#waiting = [];
      this.#options.onValues(values, () => {
        this.#flushing = false;
        this.#flush();
      });
    });
  }
}

const filterOf = ({ kind, value }: Deadband) =>
  new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: kind === 'absolute' ? DeadbandType.Absolute : DeadbandType.Percent,
    deadbandValue: value,
  });

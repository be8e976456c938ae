import type { Close } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import { PendingCalls } from '../pending-calls.ts';
import type { ChildUser, SharedChild } from '../shared-child.ts';
import type { Endpoint } from './endpoint.ts';
import type { FromChild, MonitoredNode, NodeValue, OpcuaRequest, Replies, ToChild } from './messages.ts';
import { unpackValues } from './packed-values.ts';

export type OpcuaChild = SharedChild<ToChild, FromChild>;

export interface OpcuaListener {
  /** In the order of the server; `index` counts the monitored nodes. */
  values(values: NodeValue[]): void;
  /** The session with the server came up, or went down with the reason. */
  link(up: boolean, reason?: string): void;
}

interface Subscription {
  publishingMs: number;
  items: MonitoredNode[];
  listener: OpcuaListener;
}

/**
 * One server, as this process sees it: what is wanted of it is kept here, and said again to each process that starts. The
 * other half, with the session, is `child/server.ts`.
 */
export class OpcuaConnection implements ChildUser<FromChild> {
  readonly #endpoint: Endpoint;
  readonly #process: OpcuaChild;
  readonly #user: number;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #calls = new PendingCalls();
  #nextSubscription = 1;
  #up = false;
  #reason = 'not connected yet';

  constructor(endpoint: Endpoint, process: OpcuaChild) {
    this.#endpoint = endpoint;
    this.#process = process;
    this.#user = process.attach(this);
  }

  /** Monitors nodes until the returned function is called; across every loss of server or process. */
  subscribe(publishingMs: number, items: MonitoredNode[], listener: OpcuaListener): Close {
    const id = this.#nextSubscription++;
    const subscription = { publishingMs, items, listener };
    this.#subscriptions.set(id, subscription);
    this.#sendSubscription(id, subscription);
    listener.link(this.#up, this.#up ? undefined : this.#reason);
    return () => {
      this.#subscriptions.delete(id);
      this.#process.send({ type: 'unsubscribe', user: this.#user, subscription: id });
    };
  }

  /**
   * @throws OctographError `DEVICE_UNREACHABLE` where there is no session, before anything was sent; `DEVICE_TIMEOUT` where it
   * ended meanwhile; `DEVICE_REFUSED` where the server said no; or the signal's reason
   */
  request<K extends OpcuaRequest['kind']>(
    request: Extract<OpcuaRequest, { kind: K }>,
    signal: AbortSignal,
  ): Promise<Replies[K]> {
    if (!this.#up) {
      return Promise.reject(
        new OctographError('DEVICE_UNREACHABLE', `${this.#endpoint.url}: ${this.#reason}`),
      );
    }
    return this.#calls.start(signal, (id) =>
      this.#process.send({ type: 'request', user: this.#user, id, request }),
    );
  }

  started(): void {
    this.#process.send({ type: 'open', user: this.#user, endpoint: this.#endpoint });
    for (const [id, subscription] of this.#subscriptions) this.#sendSubscription(id, subscription);
  }

  stopped(reason: string): void {
    this.#down(reason);
  }

  receive(message: FromChild): void {
    switch (message.type) {
      case 'up':
        this.#up = true;
        for (const { listener } of this.#subscriptions.values()) listener.link(true);
        return;
      case 'down':
        this.#down(message.reason);
        return;
      case 'values':
        this.#subscriptions.get(message.subscription)?.listener.values(unpackValues(message.values));
        return;
      case 'result':
        this.#calls.resolve(message.id, message.result);
        return;
      case 'failure':
        this.#calls.reject(message.id, new OctographError(message.code, message.message));
    }
  }

  close(): void {
    this.#subscriptions.clear();
    this.#down('the connection was closed');
    this.#process.send({ type: 'close', user: this.#user });
    this.#process.detach(this.#user);
  }

  #down(reason: string): void {
    this.#up = false;
    this.#reason = reason;
    for (const { listener } of this.#subscriptions.values()) listener.link(false, reason);
    const lost = new OctographError(
      'DEVICE_TIMEOUT',
      `${this.#endpoint.url}: ${reason}; no answer will come`,
    );
    this.#calls.rejectAll(lost);
  }

  #sendSubscription(subscription: number, { publishingMs, items }: Subscription): void {
    this.#process.send({ type: 'subscribe', user: this.#user, subscription, publishingMs, items });
  }
}

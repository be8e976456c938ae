import type { BrokerLimits } from './limits.ts';

/** Bounds the subscriptions of each client, from one packet or from many. */
export class GrantedTopics<Client extends object> {
  readonly #max: number;
  readonly #byClient = new WeakMap<Client, Set<string>>();

  constructor({ maxSubscriptions }: Pick<BrokerLimits, 'maxSubscriptions'>) {
    this.#max = maxSubscriptions;
  }

  /** False where the client has as many as it may. One that it has already is no further one. */
  grant(client: Client, filter: string): boolean {
    const filters = this.#byClient.get(client) ?? new Set();
    if (!filters.has(filter) && filters.size >= this.#max) return false;
    this.#byClient.set(client, filters.add(filter));
    return true;
  }

  has(client: Client, filter: string): boolean {
    return this.#byClient.get(client)?.has(filter) ?? false;
  }

  release(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#byClient.get(client)?.delete(filter);
  }
}

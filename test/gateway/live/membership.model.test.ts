import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createLiveSet, type LiveSet } from '../../../gateway/live/live-set.ts';
import type { Pollable } from '../../../gateway/live/pollable.ts';

/** A value that comes, goes, and changes what it is judged by. */
interface Item {
  key: string;
  label: number;
  version: number;
}

const keys = ['a', 'b', 'c', 'd'];
const labels = [0, 1, 2];

/** A client that believes what it is told, and can go away and come back. */
class Client {
  readonly #set: LiveSet<Item, LiveEvent<Item>>;
  readonly #wanted: readonly number[];
  readonly #queueLimit: number;
  #events!: AsyncIterableIterator<LiveEvent<Item>> & Pollable<LiveEvent<Item>>;
  #view = new Map<string, Item>();
  #place: { cursor: string; view: Map<string, Item> } | undefined;
  #isStale = false;

  constructor(set: LiveSet<Item, LiveEvent<Item>>, wanted: readonly number[], queueLimit: number) {
    this.#set = set;
    this.#wanted = wanted;
    this.#queueLimit = queueLimit;
    this.#subscribe();
  }

  #subscribe(after?: string): void {
    this.#events = this.#set.subscribe({
      after,
      queueLimit: this.#queueLimit,
      scope: this.#wanted.join(),
      matches: ({ label }) => this.#wanted.includes(label),
    });
  }

  read(count: number): void {
    for (let left = count; left > 0; left--) {
      const event = this.#events.poll();
      if (!event) return;
      this.#take(event);
    }
  }

  #take(event: LiveEvent<Item>): void {
    switch (event.kind) {
      case 'RESET':
        this.#view.clear();
        this.#isStale = false;
        break;
      case 'SNAPSHOT':
      case 'ENTERED':
        expect(this.#view.has(event.value.key), `${event.kind} of a member`).toBe(false);
        expect(this.#wanted).toContain(event.value.label);
        this.#view.set(event.value.key, event.value);
        break;
      case 'UPDATED':
        expect(this.#view.has(event.value.key), 'UPDATED of no member').toBe(true);
        expect(this.#wanted).toContain(event.value.label);
        this.#view.set(event.value.key, event.value);
        break;
      case 'LEFT':
        expect(this.#view.delete(event.value.key), 'LEFT of no member').toBe(true);
        break;
      case 'GAP':
        // What was dropped were updates, or a RESET follows: the values may be old, the members are not.
        this.#isStale = true;
        break;
    }
    if (!this.#isStale) this.#place = { cursor: event.cursor, view: new Map(this.#view) };
  }

  /** Loses the connection, and what was on its way. */
  resume(): void {
    void this.#events.return?.();
    this.#view = new Map(this.#place?.view);
    this.#isStale = false;
    if (!this.#place) this.#view.clear();
    this.#subscribe(this.#place?.cursor);
  }

  expectEqual(items: ReadonlyMap<string, Item>): void {
    this.read(Number.POSITIVE_INFINITY);
    const members = [...items].filter(([, { label }]) => this.#wanted.includes(label));
    expect([...this.#view.keys()].sort()).toEqual(members.map(([key]) => key).sort());
    if (!this.#isStale) expect(new Map([...this.#view].sort())).toEqual(new Map(members.sort()));
  }
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      key: fc.constantFrom(...keys),
      label: fc.constantFrom(...labels),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), key: fc.constantFrom(...keys) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      wanted: fc.subarray(labels),
      queueLimit: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), who: fc.nat(9), count: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resume' as const), who: fc.nat(9) }) },
);

test('whatever comes, goes and changes: the set rebuilt from events is the filtered set, slow or resumed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.array(action, { maxLength: 100, size: 'max' }),
      (limit, actions) => {
        const set = createLiveSet<Item>({ epoch: 'model', limit, present: (event) => event });
        const items = new Map<string, Item>();
        const clients: Client[] = [];
        let version = 0;
        for (const act of actions) {
          const client = 'who' in act ? clients[act.who % Math.max(1, clients.length)] : undefined;
          switch (act.do) {
            case 'put': {
              const item = { key: act.key, label: act.label, version: ++version };
              items.set(act.key, item);
              set.put(act.key, item);
              break;
            }
            case 'remove':
              items.delete(act.key);
              set.remove(act.key);
              break;
            case 'subscribe':
              clients.push(new Client(set, act.wanted, act.queueLimit));
              break;
            case 'read':
              client?.read(act.count);
              break;
            case 'resume':
              client?.resume();
              break;
          }
        }
        for (const client of clients) client.expectEqual(items);
      },
    ),
    { numRuns: 2000 },
  );
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createValueLog, type ValueLog } from './value-log.ts';

interface Versioned {
  key: number;
  /** Grows by 1 with each publication of its key: a loss or a repetition shows at once. */
  version: number;
}

type View = Map<number, number>;
const keys = [0, 1, 2, 3, 4];

/** The source: a map and the log of its changes, moved in one turn. */
class Source {
  readonly log: ValueLog<Versioned>;
  readonly state: View = new Map();

  constructor(limit: number) {
    this.log = createValueLog({ epoch: 'model', limit });
  }

  publish(key: number): void {
    const version = (this.state.get(key) ?? 0) + 1;
    this.state.set(key, version);
    this.log.publish({ key, version });
  }

  *snapshot(): Iterable<Versioned> {
    for (const [key, version] of this.state) yield { key, version };
  }
}

/** Where a consumer has been, so that it can be set back there. */
interface Place {
  cursor: string;
  view: View;
  complete: boolean;
}

/** Folds what it receives and checks every step. */
class Consumer {
  readonly #source: Source;
  readonly #wanted: Set<number>;
  readonly #queueLimit: number;
  #subscription: AsyncIterableIterator<LiveEvent<Versioned>>;
  readonly #filter = ({ key }: Versioned) => this.#wanted.has(key);
  #view: View = new Map();
  #complete = false;
  /** Updates a GAP has announced and that have not shown as jumps of versions yet. */
  #announced = 0;
  #gapped = false;
  #places: Place[] = [];
  received = 0;

  constructor(source: Source, wanted: number[], queueLimit: number) {
    this.#source = source;
    this.#wanted = new Set(wanted);
    this.#queueLimit = queueLimit;
    this.#subscription = this.#subscribe();
  }

  #subscribe(after?: string): AsyncIterableIterator<LiveEvent<Versioned>> {
    return this.#source.log.subscribe({
      after,
      snapshot: () => this.#source.snapshot(),
      filter: this.#filter,
      queueLimit: this.#queueLimit,
    });
  }

  async step(): Promise<void> {
    const { value: event, done } = await this.#subscription.next();
    expect(done).toBe(false);
    this.received++;
    switch (event.kind) {
      case 'RESET':
        this.#view = new Map();
        this.#complete = false;
        this.#gapped = false;
        this.#announced = 0;
        break;
      case 'SNAPSHOT':
        expect(this.#complete).toBe(false);
        expect(this.#view.has(event.value.key)).toBe(false);
        expect(this.#wanted.has(event.value.key)).toBe(true);
        this.#view.set(event.value.key, event.value.version);
        break;
      case 'SNAPSHOT_END':
        expect(this.#complete).toBe(false);
        this.#complete = true;
        break;
      case 'GAP':
        expect(event.gap.dropped).toBeGreaterThan(0);
        this.#gapped = true;
        this.#announced += event.gap.dropped;
        break;
      case 'UPDATED': {
        expect(this.#complete).toBe(true);
        expect(this.#wanted.has(event.value.key)).toBe(true);
        const jump = event.value.version - (this.#view.get(event.value.key) ?? 0) - 1;
        expect(jump).toBeGreaterThanOrEqual(0);
        this.#announced -= jump;
        expect(this.#announced).toBeGreaterThanOrEqual(0);
        this.#view.set(event.value.key, event.value.version);
        break;
      }
    }
    if (!this.#gapped)
      this.#places.push({ cursor: event.cursor, view: new Map(this.#view), complete: this.#complete });
  }

  /** Loses the connection and comes back at a place where it has been, not always the last. */
  async resume(back: number): Promise<void> {
    const place = this.#places[Math.max(0, this.#places.length - 1 - back)];
    if (!place) return;
    await this.#subscription.return?.();
    this.#view = new Map(place.view);
    this.#complete = place.complete;
    this.#gapped = false;
    this.#announced = 0;
    this.#subscription = this.#subscribe(place.cursor);
    if (place.complete) return;
    const { value } = await this.#subscription.next();
    expect(value.kind).toBe('RESET');
    this.#view = new Map();
  }

  /** Reads until `marker` has come with its latest version, then compares. */
  async settle(marker: number): Promise<void> {
    while (!this.#complete || this.#view.get(marker) !== this.#source.state.get(marker)) await this.step();
    const wanted = [...this.#source.state].filter(([key]) => this.#wanted.has(key));
    if (this.#gapped) {
      for (const [key, version] of wanted) expect(this.#view.get(key) ?? 0).toBeLessThanOrEqual(version);
      const missing = wanted.reduce((sum, [key, version]) => sum + version - (this.#view.get(key) ?? 0), 0);
      expect(missing).toBe(this.#announced);
    } else {
      expect(new Map(this.#view)).toEqual(new Map(wanted));
    }
    await this.#subscription.return?.();
  }
}

const marker = 99;
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), key: fc.constantFrom(...keys) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      wanted: fc.subarray(keys),
      queueLimit: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('consume' as const), who: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resume' as const), who: fc.nat(9), back: fc.nat(3) }),
  },
);

test('every view equals the source when it is quiet, unless a GAP counted what is missing; resuming loses and repeats nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(action, { maxLength: 120, size: 'max' }),
      async (limit, actions) => {
        const source = new Source(limit);
        const consumers: Consumer[] = [];
        for (const act of actions) {
          const consumer = 'who' in act ? consumers[act.who % Math.max(1, consumers.length)] : undefined;
          switch (act.do) {
            case 'publish':
              source.publish(act.key);
              break;
            case 'subscribe':
              consumers.push(new Consumer(source, [...act.wanted, marker], act.queueLimit));
              break;
            case 'consume':
              // The marker makes sure that there is something to take.
              source.publish(marker);
              await consumer?.step();
              break;
            case 'resume':
              await consumer?.resume(act.back);
              break;
          }
        }
        source.publish(marker);
        for (const consumer of consumers) await consumer.settle(marker);
      },
    ),
    { numRuns: 500 },
  );
});

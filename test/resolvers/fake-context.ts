import { ChangeTracker } from '../../resolvers/change-tracker.ts';
import type { Context, TwinSource } from '../../resolvers/context.ts';
import type { Change, ChangeRecord } from '../../twin/change.ts';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import { propertiesOf } from '../../twin/model.ts';
import type { Desired, SyncInfo } from '../../twin/twin.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

/** One device as setDesired sees it, moved by the test. */
export class FakeContext {
  readonly clock = new TimerCountingClock();
  readonly accepted: Change[] = [];
  readonly listeners = new Set<() => void>();
  readonly #twins = new Map<string, Pick<TwinSource, 'desired' | 'observedDesired' | 'sync'>>();
  device: DeviceObject | undefined = deviceObject('pump');
  model: DeviceModelObject | undefined = modelObject();
  isReachable = true;
  signal: AbortSignal | undefined;
  accept: (change: Change) => void | Promise<void> = () => {};
  /** What the book of changes listens to: not the caller's, who must leave nothing behind. */
  readonly #bookListeners = new Set<() => void>();
  readonly #records = new Map<string, ChangeRecord>();
  readonly changes = new ChangeTracker({
    store: {
      putChange: (record) => this.#records.set(record.change.id, record),
      change: (id) => this.#records.get(id),
      changeByKey: (principal, key) =>
        [...this.#records.values()].find(
          ({ change, idempotencyKey }) => change.createdBy === principal && idempotencyKey === key,
        ),
      durable: () => this.durable(),
    },
    twins: {
      known: () => this.#known(),
      onChange: (_device, listener) => {
        this.#bookListeners.add(listener);
        return () => this.#bookListeners.delete(listener);
      },
    },
    deviceOf: ({ namespace, device }) => ({ namespace, name: device, nodeName: 'edge-a' }),
    clock: this.clock,
  });
  /** What the disk does. */
  durable: () => Promise<void> = async () => {};
  #nextId = 1;

  /** A change has arrived: all of its values at once, and the node has not seen them yet. */
  arrive(desired: Record<string, Desired>): void {
    for (const [property, each] of Object.entries(desired)) this.#put(property, each, 'PENDING');
    this.tell();
  }

  /** Desired and sync state of one property as they stand now; whoever waits is told. */
  stand(property: string, desired: Desired | undefined, state: SyncInfo['state'], reason?: string): void {
    this.#put(property, desired, state, reason);
    this.tell();
  }

  #put(property: string, desired: Desired | undefined, state: SyncInfo['state'], reason?: string): void {
    const isObserved = state !== 'PENDING' && state !== 'NONE';
    this.#twins.set(property, {
      desired,
      observedDesired: isObserved ? desired : undefined,
      sync: { state, change: desired?.change, reason },
    });
  }

  tell(): void {
    for (const listener of [...this.#bookListeners, ...this.listeners]) listener();
  }

  #known(): TwinSource[] | undefined {
    return this.device && propertiesOf(this.device, this.model).map((model) => this.#source(model));
  }

  get context(): Context {
    return {
      principal: { name: 'tester', rights: 'write' },
      clock: this.clock,
      signal: this.signal,
      place: { kind: 'CLOUD', version: '0' },
      createId: (prefix: string) => `${prefix}-${this.#nextId++}`,
      objects: {
        device: (_namespace: string, name: string) => (name === 'pump' ? this.device : undefined),
        modelOf: () => this.model,
      },
      twins: {
        known: () => this.#known(),
        onChange: (_device: unknown, listener: () => void) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
      },
      commands: {
        accept: async (change: Change) => {
          await this.accept(change);
          this.accepted.push(change);
        },
        reachable: () => this.isReachable,
      },
      changes: this.changes,
    } as unknown as Context;
  }

  #source(model: TwinSource['model']): TwinSource {
    const state = this.#twins.get(model.name) ?? { sync: { state: 'NONE' as const } };
    return { model, seq: 0, ...state } as TwinSource;
  }
}

/** Tells which timers still wait, so that a test sees one that was forgotten. */
class TimerCountingClock extends ManualClock {
  pending = 0;

  override setTimer(ms: number, fn: () => void): () => void {
    let isOpen = true;
    this.pending++;
    const done = () => {
      if (isOpen) this.pending--;
      isOpen = false;
    };
    const cancel = super.setTimer(ms, () => {
      done();
      fn();
    });
    return () => {
      done();
      cancel();
    };
  }
}

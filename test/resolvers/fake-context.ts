import type { Context, TwinSource } from '../../resolvers/context.ts';
import type { Change } from '../../twin/change.ts';
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
    for (const listener of [...this.listeners]) listener();
  }

  get context(): Context {
    const known = () =>
      this.device && propertiesOf(this.device, this.model).map((model) => this.#source(model));
    return {
      principal: { name: 'tester', rights: 'write' },
      clock: this.clock,
      signal: this.signal,
      createId: (prefix: string) => `${prefix}-1`,
      objects: {
        device: (_namespace: string, name: string) => (name === 'pump' ? this.device : undefined),
        deviceModel: (_namespace: string, name: string) => (name === 'thermostat' ? this.model : undefined),
      },
      twins: {
        known,
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

import type { Flow } from '../resolvers/flow.ts';
import type { TwinView } from '../twin/view.ts';
import { isWithin } from './deadband.ts';
import type { TwinMember } from './device-change.ts';
import type { LiveStep } from './live/live-event.ts';
import type { Stage } from './live/stage.ts';

interface Folded {
  /** What everybody knows of the property. */
  told: TwinView;
  /** The last update, where it waits. */
  latest?: TwinMember;
  /** Updates since the last one that was told. */
  updates: number;
  /** One of them was its going stale, or its being fresh again. */
  isTurned?: boolean;
}

/**
 * Tells a property's updates no closer to one another than the interval, the last one always, at the end of its interval;
 * and a number only where it left the deadband around the one that was told last. Who enters or leaves is told at once.
 * Memory: an entry for each property that waits, or with a deadband for each that changed since, until it leaves.
 */
export class TwinFold implements Stage<TwinMember> {
  readonly #flow: Flow;
  readonly #folded = new Map<string, Folded>();
  /** When each was told whose interval still runs; the first of them ends first. */
  readonly #running = new Map<string, number>();

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  get isTimed(): boolean {
    return this.#flow.minIntervalMs > 0;
  }

  get nextDueAt(): number | undefined {
    const { value: toldAt } = this.#running.values().next();
    return toldAt === undefined ? undefined : toldAt + this.#flow.minIntervalMs;
  }

  take(step: LiveStep<TwinMember>, now: number): LiveStep<TwinMember> | undefined {
    const { value } = step;
    const key = keyOf(value);
    const known = this.#folded.get(key);
    if (step.kind !== 'UPDATED') {
      this.#folded.delete(key);
      this.#running.delete(key);
      return { ...step, skipped: known?.updates };
    }
    const folded = known ?? { told: value.previous ?? value.view, updates: 0 };
    this.#folded.set(key, folded);
    folded.latest = value;
    // T27: nothing but its freshness changed, and no deadband is around that.
    folded.isTurned ||= value.previous === value.view;
    folded.updates++;
    return this.#running.has(key) ? undefined : this.#tell(key, folded, now);
  }

  due(now: number): LiveStep<TwinMember>[] {
    const steps: LiveStep<TwinMember>[] = [];
    for (const [key, toldAt] of this.#running) {
      if (toldAt + this.#flow.minIntervalMs > now) break;
      this.#running.delete(key);
      const folded = this.#folded.get(key);
      if (!folded) continue;
      const step = folded.latest && this.#tell(key, folded, now);
      if (step) steps.push(step);
      else if (!this.#flow.deadband) this.#folded.delete(key);
    }
    return steps;
  }

  shown(member: TwinMember): TwinMember {
    const told = this.#folded.get(keyOf(member))?.told;
    return told && isWithin(this.#flow.deadband, told, member.view) ? { ...member, view: told } : member;
  }

  #tell(key: string, folded: Folded, now: number): LiveStep<TwinMember> | undefined {
    const { latest, told, updates, isTurned } = folded;
    folded.latest = undefined;
    folded.isTurned = false;
    if (!latest || (!isTurned && isWithin(this.#flow.deadband, told, latest.view))) return undefined;
    folded.told = latest.view;
    folded.updates = 0;
    if (this.isTimed) this.#running.set(key, now);
    return { kind: 'UPDATED', value: latest, skipped: updates - 1 };
  }
}

const keyOf = ({ device: { key }, view }: TwinMember): string =>
  `${key.namespace}/${key.name}/${view.model.name}`;

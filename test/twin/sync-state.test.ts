import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSyncState, SYNC_STATES, type SyncEvent, type SyncState } from '../../twin/sync-state.ts';
import {
  confirm,
  type Desired,
  newTwin,
  observeDesired,
  type Reported,
  refuse,
  report,
  type Twin,
} from '../../twin/twin.ts';
import { NOW } from './objects.ts';

/**
 * What sync state means, said in another way than the table: it follows from the wish that stands and from what the device
 * answered to it, with no state in between.
 */
interface Model {
  wish: Desired | undefined;
  answer: { kind: 'none' } | { kind: 'held'; value: number } | { kind: 'refused' };
  /** The last reading that is evidence, since the device held the value. */
  last: number | undefined;
}

function stateOf({ wish, answer, last }: Model): SyncState {
  if (!wish) return 'NONE';
  switch (answer.kind) {
    case 'none':
      return 'DELIVERED';
    case 'refused':
      return 'REJECTED';
    case 'held':
      return last === answer.value ? 'IN_SYNC' : 'DRIFTED';
  }
}

class Wish implements fc.Command<Model, { twin: Twin }> {
  readonly desired: Desired | undefined;
  constructor(desired: Desired | undefined) {
    this.desired = desired;
  }
  check = () => true;
  run(model: Model, real: { twin: Twin }) {
    const isSame =
      model.wish?.value === this.desired?.value &&
      model.wish?.change === this.desired?.change &&
      model.wish?.misfit === this.desired?.misfit;
    if (!isSame) {
      model.wish = this.desired;
      model.answer = { kind: this.desired?.misfit ? 'refused' : 'none' };
      model.last = undefined;
    }
    step(model, real, observeDesired(real.twin, this.desired, NOW));
  }
  toString = () => `wish ${JSON.stringify(this.desired)}`;
}

class Confirm implements fc.Command<Model, { twin: Twin }> {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  check = () => true;
  run(model: Model, real: { twin: Twin }) {
    if (model.wish) model.answer = { kind: 'held', value: this.value };
    model.last = this.value;
    step(model, real, confirm(real.twin, this.value, NOW));
  }
  toString = () => `confirm ${this.value}`;
}

class Refuse implements fc.Command<Model, { twin: Twin }> {
  check = () => true;
  run(model: Model, real: { twin: Twin }) {
    if (model.wish && model.answer.kind !== 'held') model.answer = { kind: 'refused' };
    step(model, real, refuse(real.twin, 'no', NOW));
  }
  toString = () => 'refuse';
}

class Read implements fc.Command<Model, { twin: Twin }> {
  readonly reported: Reported;
  constructor(reported: Reported) {
    this.reported = reported;
  }
  check = () => true;
  run(model: Model, real: { twin: Twin }) {
    if (this.reported.quality !== 'BAD') model.last = this.reported.value as number;
    step(model, real, report(real.twin, this.reported, NOW));
    expect(real.twin.reported).toEqual(this.reported);
  }
  toString = () => `read ${this.reported.value} ${this.reported.quality}`;
}

function step(model: Model, real: { twin: Twin }, next: Twin): void {
  real.twin = next;
  expect(next.sync.state).toBe(stateOf(model));
  expect(next.sync.change).toBe(model.wish?.change);
  expect(next.sync.reason !== undefined).toBe(next.sync.state === 'REJECTED');
  expect(next.confirmed !== undefined).toBe(model.answer.kind === 'held');
}

describe('sync state', () => {
  it('[T5 T6 T7 T8 T9] follows from the wish and the device’s answers, whatever the order', () => {
    const value = fc.integer({ min: 0, max: 2 });
    const desired = fc.record(
      { value, change: fc.constantFrom('a', 'b'), misfit: fc.constant('it does not fit') },
      { requiredKeys: ['value'] },
    );
    const reading = fc.oneof(
      value.map((v): Reported => ({ value: v, quality: 'GOOD', observedAt: NOW })),
      fc.constant<Reported>({ value: null, raw: '?', quality: 'BAD', observedAt: NOW }),
    );
    const commands = [
      fc.option(desired, { nil: undefined }).map((wish) => new Wish(wish)),
      value.map((v) => new Confirm(v)),
      fc.constant(new Refuse()),
      reading.map((reported) => new Read(reported)),
    ];
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 30 }), (run) => {
        fc.modelRun(
          () => ({
            model: { wish: undefined, answer: { kind: 'none' }, last: undefined } as Model,
            real: { twin: newTwin('plant/boiler', 'uid-1', 'setpoint', NOW) },
          }),
          run,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is the table that SPEC.md shows', () => {
    const columns: SyncEvent[] = [
      'desired',
      'cleared',
      'confirmed',
      'refused',
      'expired',
      'reportedEqual',
      'reportedDifferent',
    ];
    const spec = readFileSync(new URL('../../twin/SPEC.md', import.meta.url), 'utf8');
    for (const state of SYNC_STATES) {
      const row = spec.split('\n').find((line) => line.startsWith(`| ${state} |`));
      const cells = row?.split('|').slice(2, -1) ?? [];
      const shown = cells.map((cell) => (cell.trim() === '·' ? state : cell.trim()));
      expect(shown, state).toEqual(columns.map((event) => nextSyncState(state, event)));
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TwinMember } from '../../gateway/device-change.ts';
import type { LiveStep } from '../../gateway/live/live-event.ts';
import { TwinFold } from '../../gateway/twin-fold.ts';
import type { DeviceVersion } from '../../resolvers/context.ts';
import type { Flow } from '../../resolvers/flow.ts';
import type { TwinView } from '../../twin/view.ts';
import { property } from '../mappers/models.ts';

const device = { key: { namespace: 'default', name: 'pump', nodeName: null } } as DeviceVersion;
const view = (value: number | string | null, seq = 0): TwinView => ({
  model: property('temperature'),
  seq,
  reported: { value, quality: 'GOOD', observedAt: seq },
  sync: { state: 'NONE' },
});
const member = (of: TwinView, previous?: TwinView): TwinMember => ({ device, view: of, previous });
const updated = (of: TwinView, previous?: TwinView): LiveStep<TwinMember> => ({
  kind: 'UPDATED',
  value: member(of, previous),
});
const numberOf = (step: LiveStep<TwinMember> | undefined) => step?.value.view.reported?.value;

describe('an interval', () => {
  const flow: Flow = { minIntervalMs: 100 };

  it('tells the first update at once and the last one at its end, with how many it stands for', () => {
    const fold = new TwinFold(flow);
    expect(numberOf(fold.take(updated(view(1)), 0))).toBe(1);
    for (const value of [2, 3, 4]) expect(fold.take(updated(view(value)), 10 * value)).toBeUndefined();
    expect(fold.nextDueAt).toBe(100);
    expect(fold.due(99)).toEqual([]);
    expect(fold.due(100)).toMatchObject([{ value: { view: { reported: { value: 4 } } }, skipped: 2 }]);
    expect(fold.due(200)).toEqual([]);
    expect(fold.nextDueAt).toBeUndefined();
    expect(fold.take(updated(view(5)), 250)).toMatchObject({ kind: 'UPDATED', skipped: 0 });
  });

  it('tells who leaves at once, and nothing of it after', () => {
    const fold = new TwinFold(flow);
    fold.take(updated(view(1)), 0);
    fold.take(updated(view(2)), 10);
    const left: LiveStep<TwinMember> = { kind: 'LEFT', value: member(view(2)), isGone: true };
    expect(fold.take(left, 20)).toMatchObject({ kind: 'LEFT', skipped: 1 });
    expect(fold.due(1000)).toEqual([]);
    expect(fold.nextDueAt).toBeUndefined();
  });

  it('loses no last value and tells none sooner than the interval, whatever comes when', () => {
    const action = fc.record({ waitMs: fc.nat(60), key: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const fold = new TwinFold(flow);
        const told = new Map<string, Array<{ at: number; value: number; skipped: number }>>();
        const last = new Map<string, { value: number; count: number }>();
        const tell = (step: LiveStep<TwinMember> | undefined, at: number) => {
          if (!step) return;
          const name = step.value.view.model.name;
          const entry = { at, value: Number(numberOf(step)), skipped: step.skipped ?? 0 };
          told.set(name, [...(told.get(name) ?? []), entry]);
        };
        /** As the audience's timer does. */
        const until = (now: number) => {
          for (let at = fold.nextDueAt; at !== undefined && at <= now; at = fold.nextDueAt)
            for (const step of fold.due(at)) tell(step, at);
        };
        let now = 0;
        for (const [value, { waitMs, key }] of actions.entries()) {
          now += waitMs;
          until(now);
          const name = `p${key}`;
          last.set(name, { value, count: (last.get(name)?.count ?? 0) + 1 });
          tell(fold.take(updated({ ...view(value), model: property(name) }), now), now);
        }
        until(now + 100);
        for (const [name, { value, count }] of last) {
          const events = told.get(name) ?? [];
          expect(events.at(-1)?.value).toBe(value);
          expect(events.reduce((sum, { skipped }) => sum + skipped + 1, 0)).toBe(count);
          for (const [index, { at }] of events.slice(1).entries())
            expect(at - events[index]!.at).toBeGreaterThanOrEqual(100);
        }
        until(Number.POSITIVE_INFINITY);
        expect(fold.nextDueAt).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe('a deadband', () => {
  it('holds back what is as far as it is wide, in decimals as they are written', () => {
    const fold = new TwinFold({ minIntervalMs: 0, deadband: { kind: 'absolute', size: 0.3 } });
    expect(numberOf(fold.take(updated(view(20.7)), 0))).toBeUndefined();
    expect(numberOf(fold.take(updated(view(21), view(20.7)), 1))).toBeUndefined();
    expect(numberOf(fold.take(updated(view(21.01), view(21)), 2))).toBe(21.01);
  });

  const absolute: Flow = { minIntervalMs: 0, deadband: { kind: 'absolute', size: 1 } };

  it('counts from what was told last, from the snapshot on', () => {
    const fold = new TwinFold(absolute);
    const told = [20.9, 21, 21.1, 20.2, 22.1, 22.2].map((value) =>
      numberOf(fold.take(updated(view(value), view(20)), 0)),
    );
    expect(told).toEqual([undefined, undefined, 21.1, undefined, undefined, 22.2]);
  });

  it('in percent is one of the number that was told last', () => {
    const fold = new TwinFold({ minIntervalMs: 0, deadband: { kind: 'percent', size: 10 } });
    const told = [-109, -110, -111, -100].map((value) =>
      numberOf(fold.take(updated(view(value), view(-100)), 0)),
    );
    expect(told).toEqual([undefined, undefined, -111, undefined]);
  });

  it.each<[string, Partial<TwinView>]>([
    ['quality', { reported: { value: 20, quality: 'BAD', observedAt: 0 } }],
    ['raw text', { reported: { value: 20, raw: 'x', quality: 'GOOD', observedAt: 0 } }],
    ['a number that is none any more', { reported: { value: null, quality: 'GOOD', observedAt: 0 } }],
    ['sync state', { sync: { state: 'PENDING' } }],
    ['the change', { sync: { state: 'NONE', change: 'chg-1' } }],
    ['a wish', { desired: { value: 20 } }],
    ['type', { model: { ...property('temperature'), type: 'INT' } }],
    ['nothing reported', { reported: undefined }],
  ])('never folds %s', (_what, changed) => {
    const fold = new TwinFold(absolute);
    expect(fold.take(updated({ ...view(20), ...changed }, view(20)), 0)).toBeDefined();
  });

  it('folds no text and no truth value', () => {
    const fold = new TwinFold(absolute);
    expect(fold.take(updated(view('b'), view('a')), 0)).toBeDefined();
    expect(fold.take(updated(view('b'), view('b')), 0)).toBeDefined();
  });

  it('[T27] is none around what goes stale or is fresh again, and says what it said', () => {
    const fold = new TwinFold({ ...absolute, minIntervalMs: 0 });
    const same = view(0);
    expect(fold.take(updated(view(0.5), same), 0)).toBeUndefined();
    expect(numberOf(fold.take(updated(same, same), 1))).toBe(0);
    expect(fold.take(updated(view(0.5), same), 2)).toBeUndefined();
  });

  it('leaves nobody further off than its size, whoever comes when, with an interval or without', () => {
    const action = fc.record({
      by: fc.double({ min: -3, max: 3, noNaN: true }),
      joins: fc.boolean(),
      waitMs: fc.nat(80),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.constantFrom(0, 50), (actions, minIntervalMs) => {
        const fold = new TwinFold({ ...absolute, minIntervalMs });
        const believed: number[] = [];
        let current = view(0);
        let now = 0;
        const hear = (step: LiveStep<TwinMember> | undefined) => {
          if (step) believed.fill(Number(numberOf(step)));
        };
        const until = (then: number) => {
          for (let at = fold.nextDueAt; at !== undefined && at <= then; at = fold.nextDueAt)
            for (const step of fold.due(at)) hear(step);
        };
        for (const { by, joins, waitMs } of actions) {
          now += waitMs;
          until(now);
          if (joins) believed.push(Number(fold.shown(member(current)).view.reported?.value));
          const next = view(Number(current.reported?.value) + by);
          hear(fold.take(updated(next, current), now));
          current = next;
          if (minIntervalMs === 0)
            for (const value of believed)
              expect(Math.abs(value - Number(current.reported?.value))).toBeLessThanOrEqual(1);
        }
        until(now + 50);
        for (const value of believed)
          expect(Math.abs(value - Number(current.reported?.value))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});

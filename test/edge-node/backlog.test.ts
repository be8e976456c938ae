import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Backlog } from '../../edge-node/backlog.ts';
import type { Twin } from '../../twin/twin.ts';

const report = (property: string, seq: number): Twin => ({
  device: 'default/pump',
  uid: 'uid-pump',
  property,
  seq,
  sync: { state: 'NONE', since: 0 },
});

const properties = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
const steps = fc.array(
  fc.oneof(
    fc.record({ commit: properties, hasRoom: fc.boolean() }),
    fc.record({ drain: fc.integer({ min: 1, max: 20 }) }),
  ),
  { maxLength: 40 },
);

it('[W38] loses nothing, keeps the order of each property, and lets ahead whatever nothing waits before', () => {
  fc.assert(
    fc.property(properties, steps, (offline, run) => {
      let seq = 0;
      const outbox = offline.map((property) => report(property, ++seq));
      const backlog = new Backlog(outbox, 0);
      const arrived: Twin[] = [];
      let drained = 0;
      for (const step of run) {
        if ('drain' in step) {
          const rows = outbox.slice(drained, drained + step.drain);
          arrived.push(...backlog.take(rows));
          drained += rows.length;
          if (drained === outbox.length) backlog.clear();
          continue;
        }
        const commit = step.commit.map((property) => report(property, ++seq));
        const unsent = outbox.slice(drained).filter((row) => !arrived.includes(row));
        const ahead = backlog.takeAhead(commit, step.hasRoom);
        const mayGo = commit.filter(({ property }) => !unsent.some((row) => row.property === property));
        expect(ahead).toEqual(step.hasRoom ? mayGo : []);
        arrived.push(...ahead);
        outbox.push(...commit);
      }
      arrived.push(...backlog.take(outbox.slice(drained)));
      expect(new Set(arrived)).toEqual(new Set(outbox));
      for (const name of ['a', 'b', 'c']) {
        // As a replica takes them: what it has already is nothing new.
        const taken: number[] = [];
        for (const { property, seq } of arrived)
          if (property === name && seq > (taken.at(-1) ?? 0)) taken.push(seq);
        expect(taken).toEqual(outbox.filter(({ property }) => property === name).map(({ seq }) => seq));
      }
    }),
    { numRuns: 500 },
  );
});

it('[W38] holds back what comes beyond 10 000 that went ahead', () => {
  const backlog = new Backlog([report('a', 1)], 0);
  const commit = Array.from({ length: 10_001 }, (_, n) => report('b', n + 2));
  expect(backlog.takeAhead(commit, true)).toHaveLength(10_000);
  expect(backlog.takeAhead([report('b', 20_000)], true)).toEqual([]);
});

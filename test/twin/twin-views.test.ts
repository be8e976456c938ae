import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TwinViews } from '../../twin/twin-views.ts';
import type { TwinView } from '../../twin/view.ts';
import { property } from '../mappers/models.ts';

const view = (name: string, seq: number): TwinView => ({
  model: property(name),
  seq,
  sync: { state: 'NONE' },
});

describe('the twins of a device', () => {
  it('are what a list of them would be after the same changes, and every version stays as it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.array(fc.record({ at: fc.nat(220), seq: fc.nat() }), { maxLength: 50 }),
        (size, changes) => {
          let list = Array.from({ length: size }, (_, index) => view(`p${index}`, 0));
          let views = TwinViews.from(list);
          const versions = [{ views, list }];
          for (const { at, seq } of changes) {
            const next = view(`p${at}`, seq);
            views = views.with(next);
            if (at < size) list = list.with(at, next);
            versions.push({ views, list });
          }
          for (const version of versions) {
            expect([...version.views]).toEqual(version.list);
            expect([...version.views.names()]).toEqual(version.list.map(({ model }) => model.name));
            for (const one of version.list) expect(version.views.get(one.model.name)).toBe(one);
            expect(version.views.get('another')).toBeUndefined();
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('share what does not differ', () => {
    const before = TwinViews.from(Array.from({ length: 100 }, (_, index) => view(`p${index}`, 0)));
    const after = before.with(view('p50', 1));
    const differing = [...after].filter((one) => one !== before.get(one.model.name));
    expect(differing.map(({ model }) => model.name)).toEqual(['p50']);
    expect(before.with(view('another', 1))).toBe(before);
  });
});

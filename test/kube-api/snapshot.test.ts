import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject } from '../../kube-api/kube-object.ts';
import { ObjectStore } from '../../kube-api/object-store.ts';
import { sortKey } from '../../kube-api/snapshot.ts';

let directory: string;
let store: ObjectStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  store = new ObjectStore({ file: join(directory, 'kube.sqlite'), windowEvents: 10_000 });
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** 0 ≤ random() < 1, the same at each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test.each([1, 2, 3])(
  'every version is shown as it was, from any key on, whatever came after it (seed %i)',
  (seed) => {
    const random = seeded(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const states = new Map<number, KubeObject[]>();
    const state = new Map<string, KubeObject>();
    let created = 0;
    for (let step = 0; step < 300; step++) {
      const metadata = { name: `n${pick(8)}`, namespace: `ns${pick(3)}` };
      const key = sortKey({ apiVersion: 'v1', kind: 'Thing', metadata });
      const known = state.get(key);
      if (known && random() < 0.4) {
        store.delete('things', known);
        state.delete(key);
      } else {
        const uid = known?.metadata.uid ?? `uid-${created++}`;
        const object = { apiVersion: 'v1', kind: 'Thing', metadata: { ...metadata, uid }, step };
        state.set(key, store.put('things', object));
      }
      states.set(
        store.resourceVersion,
        [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object),
      );
    }
    for (const [version, objects] of states) {
      const namespace = random() < 0.5 ? undefined : `ns${pick(3)}`;
      const mine = objects.filter(({ metadata }) => !namespace || metadata.namespace === namespace);
      const after = random() < 0.3 || mine.length === 0 ? '' : sortKey(mine[pick(mine.length)]!);
      const expected = mine.filter((object) => sortKey(object) > after);
      const snapshot = store.snapshotAt(version, 'things', namespace)!;
      expect([...snapshot.after(after)]).toEqual(expected);
      expect(snapshot.countAfter(after)).toBe(expected.length);
    }
  },
);

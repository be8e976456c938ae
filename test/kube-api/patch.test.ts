import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from '../../kube-api/patch/json-patch.ts';
import { applyMergePatch } from '../../kube-api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../kube-api/patch/strategic-merge-patch.ts';
import { coreSchema } from '../../kube-api/schema/core.ts';
import { ApiError } from '../../kube-api/status.ts';

const document = { spec: { list: ['a', 'b'], map: { 'x/y': 1, '~': 2 }, nothing: null } };

describe('a JSON patch', () => {
  test.each([
    [[{ op: 'add', path: '/spec/list/1', value: 'n' }], { list: ['a', 'n', 'b'] }],
    [[{ op: 'add', path: '/spec/list/-', value: 'n' }], { list: ['a', 'b', 'n'] }],
    [[{ op: 'add', path: '/spec/list/2', value: 'n' }], { list: ['a', 'b', 'n'] }],
    [[{ op: 'replace', path: '/spec/list/0', value: 'n' }], { list: ['n', 'b'] }],
    [[{ op: 'remove', path: '/spec/list/-1' }], { list: ['a'] }],
    [[{ op: 'replace', path: '/spec/map/x~1y', value: 3 }], { map: { 'x/y': 3, '~': 2 } }],
    [[{ op: 'remove', path: '/spec/map/~0' }], { map: { 'x/y': 1 } }],
    [[{ op: 'move', from: '/spec/list/0', path: '/spec/list/1' }], { list: ['b', 'a'] }],
    [[{ op: 'copy', from: '/spec/list/0', path: '/spec/first' }], { first: 'a' }],
    [[{ op: 'test', path: '/spec/list', value: ['a', 'b'] }], {}],
    [[{ op: 'test', path: '/spec/missing', value: null }], {}],
    [[{ op: 'replace', path: '/spec/nothing', value: 1 }], { nothing: 1 }],
  ])('%j applies', (patch, changed) => {
    expect(applyJsonPatch(document, patch)).toEqual({ spec: { ...document.spec, ...changed } });
  });

  test.each([
    [[{ op: 'test', path: '/spec/list/0', value: 'b' }], 422],
    [[{ op: 'test', path: '/spec/list/9', value: 'b' }], 422],
    [[{ op: 'replace', path: '/spec/missing', value: 1 }], 422],
    [[{ op: 'remove', path: '/spec/missing' }], 422],
    [[{ op: 'add', path: '/spec/list/3', value: 1 }], 422],
    [[{ op: 'add', path: '/spec/list/x', value: 1 }], 422],
    [[{ op: 'add', path: '/no/such/parent', value: 1 }], 422],
    [[{ op: 'add', path: '/spec/list/0' }], 422],
    [[{ op: 'move', from: '/spec', path: '/spec/list' }], 422],
    [[{ op: 'frobnicate', path: '/spec' }], 422],
    [[{ op: 'add', path: 'spec', value: 1 }], 422],
    [{ op: 'add', path: '/spec', value: 1 }, 400],
    [['add'], 400],
  ])('%j is refused with %i', (patch, code) => {
    let refused: unknown;
    try {
      applyJsonPatch(document, patch);
    } catch (error) {
      refused = error;
    }
    expect((refused as ApiError).status).toMatchObject({ code, status: 'Failure' });
    expect(refused).toBeInstanceOf(ApiError);
  });

  test('that fails in its last operation leaves the document as it was', () => {
    const before = structuredClone(document);
    const patch = [
      { op: 'replace', path: '/spec/list', value: [] },
      { op: 'test', path: '/spec/map', value: {} },
    ];
    expect(() => applyJsonPatch(document, patch)).toThrow();
    expect(document).toEqual(before);
  });

  test('does not reach the prototype', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.hasOwn(patched as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: true }])).toThrow();
  });
});

test('a merge patch merges objects, deletes by null and replaces lists', () => {
  const patched = applyMergePatch(
    { a: { b: 1, c: 2 }, list: [1, 2], gone: 1 },
    { a: { c: null, d: { e: null, f: 1 } }, list: [3], gone: null },
  );
  expect(patched).toEqual({ a: { b: 1, d: { f: 1 } }, list: [3] });
});

describe('a strategic merge patch of a pod', () => {
  const pod = {
    spec: {
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
      tolerations: [{ key: 'k' }],
    },
  };
  const apply = (patch: object) =>
    applyStrategicMergePatch(pod, patch, coreSchema('V1Pod')) as typeof pod & { metadata: unknown };

  test('merges containers by name, and their environment by name', () => {
    const containers = [{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] }];
    expect(apply({ spec: { containers } }).spec.containers).toEqual([
      {
        name: 'a',
        image: 'a:2',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
      { name: 'b', image: 'b:1' },
    ]);
  });

  test('deletes and orders elements by directives', () => {
    const patched = apply({
      spec: {
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
        containers: [
          { name: 'b', $patch: 'delete' },
          { name: 'c', image: 'c:1' },
        ],
      },
    });
    expect(patched.spec.containers.map(({ name }) => name)).toEqual(['c', 'a']);
  });

  test('replaces lists that have no merge key, and what $patch: replace says', () => {
    expect(apply({ spec: { tolerations: [{ key: 'n' }] } }).spec.tolerations).toEqual([{ key: 'n' }]);
    const replaced = apply({ spec: { containers: [{ $patch: 'replace' }, { name: 'z' }] } });
    expect(replaced.spec.containers).toEqual([{ name: 'z' }]);
  });

  test('refuses an element without its merge key', () => {
    expect(() => apply({ spec: { containers: [{ image: 'x' }] } })).toThrow(
      'does not contain declared merge key: name',
    );
  });
});

import { expect, test } from 'vitest';
import { compareVersions } from '../../kube-api/api-version.ts';
import { compileJsonPath } from '../../kube-api/json-path.ts';
import { compilePattern } from '../../kube-api/schema/pattern.ts';

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'fan' } },
  list: [
    { type: 'A', n: 1 },
    { type: 'B', n: 2 },
  ],
};

test.each<[string, unknown[]]>([
  ['.list[0].n', [1]],
  ['.list[-1].n', [2]],
  ['.list[*].n', [1, 2]],
  ['.list.*.type', ['A', 'B']],
  ['.list[?(@.type=="B")].n', [2]],
  ["['list'][?(@.n!=1)].type", ['B']],
  ['.metadata.labels.app\\.kubernetes\\.io/name', ['fan']],
  [".metadata.labels['app\\.kubernetes\\.io/name']", ['fan']],
  ['.metadata.nothing.below', []],
  ['.list[7].n', []],
  ['.constructor', []],
])('%s finds %j', (path, found) => {
  expect(compileJsonPath(path)?.(object)).toEqual(found);
});

test.each(['', '.', 'list', '.list[', '.list[a]', '..list', '.list[?(@.n)]', '.a b['])(
  '%j is no path',
  (path) => {
    expect(compileJsonPath(path)).toBeUndefined();
  },
);

test('versions are preferred as Kubernetes prefers them', () => {
  const versions = [
    'foo1',
    'v1alpha1',
    'v1',
    'v10',
    'v11beta2',
    'v2',
    'v1beta1',
    'foo10',
    'v12alpha1',
    'v10beta3',
  ];
  expect(versions.sort(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v1beta1',
    'v12alpha1',
    'v1alpha1',
    'foo1',
    'foo10',
  ]);
});

test('patterns are read in the syntax of Go', () => {
  expect(compilePattern('(?i)^abc$')?.test('ABC')).toBe(true);
  expect(compilePattern('\\A[[:alpha:]]+\\z')?.test('abc1')).toBe(false);
  expect(compilePattern('^\\p{L}+$')?.test('Größe')).toBe(true);
  expect(compilePattern('(?P<year>[0-9]{4})')?.test('2026')).toBe(true);
  expect(compilePattern('(')).toBeUndefined();
});

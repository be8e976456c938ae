import { expect, test } from 'vitest';
import { pods } from '../../kube-api/kinds/pod.ts';
import type { KubeObject } from '../../kube-api/kube-object.ts';
import { parseFieldSelector, parseLabelSelector } from '../../kube-api/selectors.ts';

const pod = (labels: Record<string, string>, nodeName?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels },
  spec: nodeName ? { nodeName } : {},
});

test.each([
  ['a=b', true],
  ['a==b', true],
  ['a!=b', false],
  ['missing!=b', true],
  ['a', true],
  ['!a', false],
  ['!missing', true],
  ['a in (b,c)', true],
  ['a in (c)', false],
  ['a notin (c)', true],
  ['missing notin (c)', true],
  ['missing in (c)', false],
  ['a=b,example.com/n>3', true],
  ['example.com/n<5', false],
  ['a=b, c', false],
  ['empty=', true],
  ['empty in ()', true],
  ['', true],
])('the label selector %j on {a: b, empty: "", example.com/n: 5} is %s', (selector, expected) => {
  expect(parseLabelSelector(selector)(pod({ a: 'b', empty: '', 'example.com/n': '5' }))).toBe(expected);
});

test.each(['a b', '=x', 'a=b,', 'a in b', 'a>x', '-a', 'a=b c', 'in (a)'])(
  'the label selector %j is refused, and named',
  (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow('unable to parse requirement');
  },
);

test.each([
  ['spec.nodeName=edge-a', true],
  ['spec.nodeName!=edge-a', false],
  ['metadata.name=web,metadata.namespace=default', true],
  ['metadata.name=web,spec.nodeName==edge-b', false],
  ['status.phase=', true],
])('the field selector %j on a pod of edge-a is %s', (selector, expected) => {
  expect(parseFieldSelector(selector, pods)(pod({}, 'edge-a'))).toBe(expected);
});

test('a field that a kind is not selectable by is refused by its name', () => {
  expect(() => parseFieldSelector('spec.hostname=x', pods)).toThrow(
    'field label not supported: spec.hostname',
  );
});

test('names that every JavaScript object has are no labels', () => {
  expect(parseLabelSelector('constructor')(pod({}))).toBe(false);
  expect(parseLabelSelector('!toString')(pod({}))).toBe(true);
});

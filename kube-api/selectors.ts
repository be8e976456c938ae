import { type KubeObject, textAt } from './kube-object.ts';
import type { ResourceDefinition } from './resources.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: KubeObject) => boolean;

const ALWAYS_SELECTABLE = ['metadata.name', 'metadata.namespace'];

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** No label can have this value. */
const ABSENT = ',';

const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Parses kubectl's label selector: `a=b, c!=d, e in (f,g), h notin (i), j, !k, l>1, m<2`.
 * @throws ApiError 400 naming the part that was not understood.
 */
export function parseLabelSelector(text: string): Matcher {
  const tests = splitRequirements(text).map(parseRequirement);
  return ({ metadata }) => {
    const labels = new Map(Object.entries(metadata.labels ?? {}));
    return tests.every((test) => test(labels));
  };
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part, _, all) => part !== '' || all.length > 1);
}

/** Labels as a map: `constructor` is no label of a plain object, though it looks like one. */
type LabelTest = (labels: ReadonlyMap<string, string>) => boolean;

function parseRequirement(part: string): LabelTest {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set) {
    const key = checkedKey(set[1]!, part);
    const values = new Set(set[3]!.split(',').map((value) => checkedValue(value.trim(), part)));
    return set[2] === 'in'
      ? (labels) => values.has(labels.get(key) ?? ABSENT)
      : (labels) => !values.has(labels.get(key) ?? ABSENT);
  }
  const comparison = /^([^=!<>\s]+)\s*(==|=|!=|<|>)\s*(\S*)$/.exec(part);
  if (comparison) {
    const key = checkedKey(comparison[1]!, part);
    return compare(key, comparison[2]!, checkedValue(comparison[3]!, part), part);
  }
  if (part.startsWith('!')) {
    const key = checkedKey(part.slice(1).trim(), part);
    return (labels) => !labels.has(key);
  }
  const key = checkedKey(part, part);
  return (labels) => labels.has(key);
}

function compare(key: string, operator: string, value: string, part: string): LabelTest {
  if (operator === '!=') return (labels) => labels.get(key) !== value;
  if (operator === '=' || operator === '==') return (labels) => labels.get(key) === value;
  const bound = integer(value);
  if (bound === undefined) throw unparsable(part, 'for < and > the value must be an integer');
  return (labels) => {
    const actual = integer(labels.get(key) ?? '');
    return actual !== undefined && (operator === '>' ? actual > bound : actual < bound);
  };
}

const integer = (text: string): bigint | undefined => (/^-?\d+$/.test(text) ? BigInt(text) : undefined);

function checkedKey(key: string, part: string): string {
  if (!KEY.test(key)) throw unparsable(part, `"${key}" is not a label key`);
  return key;
}

function checkedValue(value: string, part: string): string {
  if (!VALUE.test(value)) throw unparsable(part, `"${value}" is not a label value`);
  return value;
}

const unparsable = (part: string, detail: string) =>
  badRequest(`unable to parse requirement: ${JSON.stringify(part)}: ${detail}`);

/**
 * Parses kubectl's field selector: `a=b,c!=d`, over the fields that `resource` can be selected by.
 * @throws ApiError 400 naming a field that is not one of them.
 */
export function parseFieldSelector(text: string, resource: ResourceDefinition): Matcher {
  const tests = splitUnescaped(text).map((part) => {
    const match = /^\s*([^=!]+?)\s*(==|=|!=)(.*)$/.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, escaped = ''] = match;
    if (!ALWAYS_SELECTABLE.includes(field) && !resource.selectableFields.includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
    const value = escaped.replace(/\\([\\,=])/g, '$1');
    return (object: KubeObject) => (selectableText(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** Splits at commas without a backslash before them. */
const splitUnescaped = (text: string): string[] =>
  (text.match(/(?:\\.|[^,\\])+/g) ?? []).filter((part) => part.trim() !== '');

function selectableText(object: KubeObject, field: string): string {
  // A flag that is not set is selected as false: `spec.unschedulable=false` finds the nodes that lack it.
  return textAt(object, field) || (field === 'spec.unschedulable' ? 'false' : '');
}

/** The objects that a list or watch request asks for. */
export function parseSelectors(query: URLSearchParams, resource: ResourceDefinition): Matcher | undefined {
  const matchers: Matcher[] = [];
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  if (labels) matchers.push(parseLabelSelector(labels));
  if (fields) matchers.push(parseFieldSelector(fields, resource));
  return matchers.length === 0 ? undefined : (object) => matchers.every((matches) => matches(object));
}

import { OctographError } from './errors.ts';

/** Judges a set of labels. */
export type LabelSelector = (labels: Readonly<Record<string, string>> | undefined) => boolean;

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** No label can have this value. */
const ABSENT = ',';

/** Labels as a map: `constructor` is no label of a plain object, though it looks like one. */
type LabelTest = (labels: ReadonlyMap<string, string>) => boolean;

/**
 * Parses kubectl's label selector: `a=b, c!=d, e in (f,g), h notin (i), j, !k, l>1, m<2`.
 * Source: k8s.io/apimachinery/pkg/labels/selector.go.
 * @throws OctographError `LABEL_SELECTOR` naming the part that was not understood
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tests = splitRequirements(text).map(parseRequirement);
  return (labels) => {
    const map = new Map(Object.entries(labels ?? {}));
    return tests.every((test) => test(map));
  };
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part, _, all) => part !== '' || all.length > 1);
}

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
  new OctographError('LABEL_SELECTOR', `unable to parse requirement: ${JSON.stringify(part)}: ${detail}`);

import { isRecord } from './schema/structural.ts';

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: readonly Step[]; equal: boolean; value: unknown };

/** Finds the values that a path leads to in an object, in the order of the object. */
export type JsonPath = (object: unknown) => unknown[];

const FIELD = /^\.((?:\\.|[^.[\]\\*])+)/;
const QUOTED_FIELD = /^\[(?:'([^']*)'|"([^"]*)")\]/;
const INDEX = /^\[(-?\d+)\]/;
const ALL = /^(?:\[\*\]|\.\*)/;
const FILTER = /^\[\?\(\s*@((?:\.[^=!\s]+))\s*(==|!=)\s*("[^"]*"|'[^']*'|true|false|-?\d+(?:\.\d+)?)\s*\)\]/;

/**
 * Compiles the part of Kubernetes' JSONPath that printer columns use: `.a.b`, `.a\.b`, `['a']`, `[0]`, `[-1]`, `[*]` and
 * `[?(@.type=="Ready")]`. Undefined for another path.
 */
export function compileJsonPath(text: string): JsonPath | undefined {
  const steps = parseSteps(text);
  return steps && ((object) => walk(steps, object));
}

function parseSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  for (let rest = text; rest !== ''; ) {
    const [length, step] = parseStep(rest) ?? [];
    if (!length || !step) return undefined;
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps.length > 0 ? steps : undefined;
}

function parseStep(rest: string): [length: number, step: Step] | undefined {
  const all = ALL.exec(rest);
  if (all) return [all[0].length, { kind: 'all' }];
  const field = FIELD.exec(rest);
  if (field) return [field[0].length, { kind: 'field', name: field[1]!.replace(/\\(.)/g, '$1') }];
  const quoted = QUOTED_FIELD.exec(rest);
  if (quoted) {
    const name = (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1');
    return [quoted[0].length, { kind: 'field', name }];
  }
  const index = INDEX.exec(rest);
  if (index) return [index[0].length, { kind: 'index', index: Number(index[1]) }];
  const [whole, inner = '', operator, literal = ''] = FILTER.exec(rest) ?? [];
  const path = parseSteps(inner);
  if (!whole || !path) return undefined;
  return [whole.length, { kind: 'filter', path, equal: operator === '==', value: literalValue(literal) }];
}

const literalValue = (literal: string): unknown =>
  /^["']/.test(literal) ? literal.slice(1, -1) : JSON.parse(literal);

function walk(steps: readonly Step[], object: unknown): unknown[] {
  let values: unknown[] = [object];
  for (const step of steps) values = values.flatMap((value) => take(step, value));
  return values;
}

function take(step: Step, value: unknown): unknown[] {
  switch (step.kind) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'index':
      return Array.isArray(value) ? value.slice(step.index).slice(0, 1) : [];
    case 'all':
      return elementsOf(value);
    case 'filter':
      return elementsOf(value).filter((element) => {
        const [found] = walk(step.path, element);
        return found !== undefined && (found === step.value) === step.equal;
      });
  }
}

function elementsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

import { formatValue, type Value } from './format.ts';
import { parseSetPoint, type ValueModel } from './set-point.ts';

export interface Argument {
  name: string;
  value: Value;
}

export interface Collected {
  /** Those that were filled in; none while one of them is wrong. */
  values: Argument[];
  /** What is wrong, by argument. */
  problems: Record<string, string>;
}

/** What was typed for arguments that a model types. An empty field is an argument left out. */
export function collectArguments(
  models: ReadonlyArray<ValueModel & { name: string }>,
  texts: Readonly<Record<string, string>>,
): Collected {
  const values: Argument[] = [];
  const problems: Record<string, string> = {};
  for (const model of models) {
    const text = texts[model.name] ?? '';
    if (text.trim() === '') continue;
    const parsed = parseSetPoint(text, model);
    if (parsed.ok) values.push({ name: model.name, value: parsed.value });
    else problems[model.name] = parsed.problem;
  }
  return { values: Object.keys(problems).length === 0 ? values : [], problems };
}

/**
 * What a method answered, by name. One that set several properties answers with JSON text of what the device made of them;
 * one that set one, with its value.
 * @param models of the arguments that it was called with
 */
export function resultRows(
  models: ReadonlyArray<ValueModel & { name: string }>,
  value: Value,
): Array<[name: string, text: string]> {
  if (value === null) return [];
  const written = typeof value === 'string' && models.length > 1 ? parseObject(value) : undefined;
  if (!written) return [[models.length === 1 ? models[0]!.name : 'answer', readingOf(value, models[0])]];
  return Object.entries(written).map(([name, each]) => [
    name,
    readingOf(
      each,
      models.find((model) => model.name === name),
    ),
  ]);
}

function readingOf(value: Value, model: ValueModel | undefined): string {
  const text = formatValue(value, model?.type);
  return model?.unit ? `${text} ${model.unit}` : text;
}

/** Undefined: the text is no JSON object. */
function parseObject(text: string): Record<string, Value> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, Value>)
      : undefined;
  } catch {
    return undefined;
  }
}

export type ParsedArguments = { ok: true; values: Argument[] } | { ok: false; problem: string };

/** Lines of `name = value`. A value that reads as a number, true, false or null is one; anything else, and what is quoted, is text. */
export function parseArguments(text: string): ParsedArguments {
  const values: Argument[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const [, name, raw] = /^([^=]*[^=\s])\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || raw === undefined)
      return { ok: false, problem: `${JSON.stringify(line)} is not an argument: expected name = value` };
    if (values.some((value) => value.name === name)) return { ok: false, problem: `${name} is there twice` };
    values.push({ name, value: parseValue(raw) });
  }
  return { ok: true, values };
}

function parseValue(raw: string): Value {
  if (raw === 'true' || raw === 'false') return raw === 'true';
  if (raw === 'null') return null;
  if (/^".*"$/.test(raw)) return raw.slice(1, -1);
  const number = Number(raw);
  // An integer beyond these would be rounded: it stays text, as the API wants it.
  const isExact = !Number.isInteger(number) || Number.isSafeInteger(number);
  return raw !== '' && Number.isFinite(number) && isExact ? number : raw;
}

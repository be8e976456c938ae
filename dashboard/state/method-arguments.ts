import type { Value } from './format.ts';

export interface Argument {
  name: string;
  value: Value;
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

import type { ValueType } from '../../schema/generated/dashboard/graphql.ts';
import type { Value } from './format.ts';

/** Bounds of a property, and the unit that they are in; as much as its model says. */
export interface Range {
  minimum?: number | null;
  maximum?: number | null;
  unit?: string | null;
}

/** What decides whether a value may be sent. */
export interface ValueModel extends Range {
  type: ValueType;
}

export type Parsed = { ok: true; value: Value } | { ok: false; problem: string };

const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?$/i;
/** To one reader a thousand and more, to another a fraction. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** What was typed, as a value of the property's type, or what is wrong with it, in words. The server checks again. */
export function parseSetPoint(text: string, model: ValueModel): Parsed {
  const input = text.trim();
  switch (model.type) {
    case 'INT':
      if (!WHOLE.test(input)) return refuse(`expected a whole number${rangeOf(model)}`);
      return parseWhole(BigInt(input.replace('+', '')), model);
    case 'FLOAT':
    case 'DOUBLE': {
      const plain = input.replace(',', '.');
      const number = Number(plain);
      if (!DECIMAL.test(input) || !Number.isFinite(number))
        return refuse(`expected a number${rangeOf(model)}`);
      if (AMBIGUOUS.test(input)) return refuse(`${input.replace(',', '')} or ${plain}?`);
      return inRange(number, model);
    }
    case 'BOOLEAN':
      if (input !== 'true' && input !== 'false') return refuse('expected on or off');
      return { ok: true, value: input === 'true' };
    case 'BYTES':
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(input))
        return refuse('expected base64');
      return { ok: true, value: input };
    case 'STRING':
      return { ok: true, value: text };
    case 'STREAM':
      return refuse('a stream cannot be set');
  }
}

/** JSON would round what is beyond 2^53: the API takes such integers as text. */
function parseWhole(whole: bigint, range: Range): Parsed {
  if (BigInt.asIntN(64, whole) !== whole) return refuse(`${whole} is no whole number of 64 bits`);
  const number = Number(whole);
  return inRange(Number.isSafeInteger(number) ? number : whole, range);
}

/** ` from 5 to 35 °C`, or as much of it as the model says; empty where it says nothing. */
export function rangeOf({ minimum, maximum, unit }: Range): string {
  const suffix = unit ? ` ${unit}` : '';
  if (isKnown(minimum) && isKnown(maximum)) return ` from ${minimum} to ${maximum}${suffix}`;
  if (isKnown(minimum)) return `, ${minimum}${suffix} or more`;
  if (isKnown(maximum)) return `, ${maximum}${suffix} or less`;
  return '';
}

const TYPE_WORDS: Record<ValueType, string> = {
  INT: 'whole number',
  FLOAT: 'number',
  DOUBLE: 'number',
  BOOLEAN: 'on or off',
  STRING: 'text',
  BYTES: 'bytes, as base64',
  STREAM: 'stream',
};

/** The type, with as much of a range as there is: `number from 5 to 35 °C`. */
export const describeModel = (model: ValueModel): string => `${TYPE_WORDS[model.type]}${rangeOf(model)}`;

function inRange(value: number | bigint, range: Range): Parsed {
  const isLow = isKnown(range.minimum) && value < range.minimum;
  const isHigh = isKnown(range.maximum) && value > range.maximum;
  if (isLow || isHigh) return refuse(`${value} is out of range: expected a number${rangeOf(range)}`);
  return { ok: true, value: typeof value === 'bigint' ? String(value) : value };
}

const isKnown = (bound: number | null | undefined): bound is number => bound !== null && bound !== undefined;

const refuse = (problem: string): Parsed => ({ ok: false, problem });

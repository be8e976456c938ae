import type { ValueType } from '../../schema/generated/dashboard/graphql.ts';
import type { Value } from './format.ts';

/** Bounds of a property, and the unit that they are in; as much as its model says. */
export interface Range {
  minimum?: number | null;
  maximum?: number | null;
  unit?: string | null;
}

export type Parsed = { ok: true; value: Value } | { ok: false; problem: string };

/** What was typed, as a value of the property's type, or what is wrong with it, in words. The server checks again. */
export function parseSetPoint(
  text: string,
  { type, minimum, maximum, unit }: Range & { type: ValueType },
): Parsed {
  const input = text.trim();
  switch (type) {
    case 'INT':
      if (!/^[+-]?\d+$/.test(input))
        return refuse(`expected a whole number${rangeOf({ minimum, maximum, unit })}`);
      // Beyond these JSON would round it: the API takes such integers as text.
      if (!Number.isSafeInteger(Number(input))) return { ok: true, value: input.replace(/^\+/, '') };
      return inRange(Number(input), { minimum, maximum, unit });
    case 'FLOAT':
    case 'DOUBLE': {
      const number = Number(input.replace(',', '.'));
      if (input === '' || !Number.isFinite(number))
        return refuse(`expected a number${rangeOf({ minimum, maximum, unit })}`);
      return inRange(number, { minimum, maximum, unit });
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

/** ` from 5 to 35 °C`, or as much of it as the model says; empty where it says nothing. */
export function rangeOf({ minimum, maximum, unit }: Range): string {
  const suffix = unit ? ` ${unit}` : '';
  if (isKnown(minimum) && isKnown(maximum)) return ` from ${minimum} to ${maximum}${suffix}`;
  if (isKnown(minimum)) return `, ${minimum}${suffix} or more`;
  if (isKnown(maximum)) return `, ${maximum}${suffix} or less`;
  return '';
}

function inRange(value: number, range: Range): Parsed {
  const isLow = isKnown(range.minimum) && value < range.minimum;
  const isHigh = isKnown(range.maximum) && value > range.maximum;
  return isLow || isHigh
    ? refuse(`${value} is out of range: expected a number${rangeOf(range)}`)
    : { ok: true, value };
}

const isKnown = (bound: number | null | undefined): bound is number => bound !== null && bound !== undefined;

const refuse = (problem: string): Parsed => ({ ok: false, problem });

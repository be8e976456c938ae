import type { PropertyModel } from './model.ts';

/** A device value as the API shows it. Integers beyond 2^53-1 and BYTES (base64) are strings. */
export type TwinValue = number | string | boolean | null;

export const VALUE_TYPES = ['INT', 'FLOAT', 'DOUBLE', 'STRING', 'BOOLEAN', 'BYTES', 'STREAM'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

export type Quality = 'GOOD' | 'UNCERTAIN' | 'BAD';

export type Checked = { ok: true; value: TwinValue } | { ok: false; reason: string };

/** KubeEdge keeps at most 512 characters per value over MQTT; a desired value beyond 64 KiB is refused here. */
const TEXT_LIMIT = 65_536;

/** [T1] A value that fits the model's type, minimum and maximum, or the reason why it does not. */
export function checkValue(model: PropertyModel, value: unknown): Checked {
  const typed = checkType(model.type, value);
  if (!typed.ok) {
    return refuse(`${model.name} is ${model.type}: expected ${expectation(model)}, got ${show(value)}`);
  }
  const number = numeric(typed.value, model.type);
  if (number === undefined) return typed;
  if (model.minimum !== undefined && number < model.minimum) {
    return refuse(`${model.name}: ${show(value)} is below the minimum ${model.minimum}${unitOf(model)}`);
  }
  if (model.maximum !== undefined && number > model.maximum) {
    return refuse(`${model.name}: ${show(value)} is above the maximum ${model.maximum}${unitOf(model)}`);
  }
  return typed;
}

/** [T2] Text as Kubernetes and KubeEdge carry it, to a value of the model's type. */
export function parseText(model: PropertyModel, text: string): Checked {
  switch (model.type) {
    case 'INT':
      return checkValue(model, /^[+-]?\d+$/.test(text.trim()) ? normalizeInteger(text.trim()) : text);
    case 'FLOAT':
    case 'DOUBLE':
      return checkValue(model, text.trim() === '' ? text : Number.isNaN(Number(text)) ? text : Number(text));
    case 'BOOLEAN':
      return checkValue(model, /^(true|1)$/i.test(text) ? true : /^(false|0)$/i.test(text) ? false : text);
    default:
      return checkValue(model, text);
  }
}

/** [T2] The inverse of `parseText`: `parseText(m, encodeText(v))` is `v`. */
export function encodeText(value: TwinValue): string {
  return value === null ? '' : String(value);
}

function checkType(type: ValueType, value: unknown): Checked {
  switch (type) {
    case 'INT':
      if (typeof value === 'number') return accept(Number.isSafeInteger(value), value);
      return accept(typeof value === 'string' && /^-?\d{16,19}$/.test(value) && fitsInt64(value), value);
    case 'FLOAT':
    case 'DOUBLE':
      return accept(typeof value === 'number' && Number.isFinite(value), value);
    case 'BOOLEAN':
      return accept(typeof value === 'boolean', value);
    case 'BYTES':
      return accept(typeof value === 'string' && value.length <= TEXT_LIMIT && isBase64(value), value);
    case 'STRING':
    case 'STREAM':
      return accept(typeof value === 'string' && value.length <= TEXT_LIMIT, value);
  }
}

function normalizeInteger(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text).toString();
}

const fitsInt64 = (text: string) => BigInt.asIntN(64, BigInt(text)) === BigInt(text);

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);

const accept = (ok: boolean, value: unknown): Checked =>
  ok ? { ok: true, value: value as TwinValue } : { ok: false, reason: '' };

const refuse = (reason: string): Checked => ({ ok: false, reason });

function numeric(value: TwinValue, type: ValueType): number | undefined {
  if (type === 'STRING' || type === 'BYTES' || type === 'STREAM' || typeof value === 'boolean')
    return undefined;
  return value === null ? undefined : Number(value);
}

const unitOf = (model: PropertyModel) => (model.unit ? ` ${model.unit}` : '');

function expectation(model: PropertyModel): string {
  switch (model.type) {
    case 'INT':
      return 'an integer';
    case 'FLOAT':
    case 'DOUBLE':
      return 'a finite number';
    case 'BOOLEAN':
      return 'true or false';
    case 'BYTES':
      return 'base64 text';
    default:
      return `text of at most ${TEXT_LIMIT} characters`;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

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
      return checkValue(model, parseInteger(text) ?? text);
    case 'FLOAT':
    case 'DOUBLE':
      return checkValue(model, parseDecimal(text) ?? text);
    case 'BOOLEAN':
      return checkValue(model, parseBoolean(text) ?? text);
    default:
      return checkValue(model, text);
  }
}

/** [T2] The inverse of `parseText`: `parseText(m, encodeText(v))` is `v`. */
export function encodeText(value: TwinValue): string {
  return value === null ? '' : String(value);
}

/** A finite decimal number; neither hexadecimal nor an empty text, which `Number` would take. */
export function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : undefined;
}

function parseInteger(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,64}$/.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isSafeInteger(number) ? number : BigInt(trimmed.replace('+', '')).toString();
}

/** The words of Go's `strconv.ParseBool`, which KubeEdge's mappers read. */
function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === 't' || word === '1') return true;
  return word === 'false' || word === 'f' || word === '0' ? false : undefined;
}

function checkType(type: ValueType, value: unknown): Checked {
  switch (type) {
    case 'INT':
      if (typeof value === 'number') return accept(Number.isSafeInteger(value), withoutMinusZero(value));
      return accept(typeof value === 'string' && isBigInt64(value), value);
    case 'FLOAT':
    case 'DOUBLE':
      return accept(
        typeof value === 'number' && Number.isFinite(value),
        typeof value === 'number' ? withoutMinusZero(value) : value,
      );
    case 'BOOLEAN':
      return accept(typeof value === 'boolean', value);
    case 'BYTES':
      return accept(typeof value === 'string' && value.length <= TEXT_LIMIT && isBase64(value), value);
    case 'STRING':
    case 'STREAM':
      return accept(typeof value === 'string' && value.length <= TEXT_LIMIT, value);
  }
}

/** No text and no wire here tells -0 from 0; as a value it would change by being stored. */
const withoutMinusZero = (value: number) => (value === 0 ? 0 : value);

/** What a number cannot hold and 64 bits can, in the one way of writing it: a value has one representation. */
function isBigInt64(text: string): boolean {
  if (!/^-?[1-9]\d{15,18}$/.test(text) || Number.isSafeInteger(Number(text))) return false;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);

const accept = (ok: boolean, value: unknown): Checked =>
  ok ? { ok: true, value: value as TwinValue } : { ok: false, reason: '' };

const refuse = (reason: string): Checked => ({ ok: false, reason });

/** What minimum and maximum bind: numbers only, whole ones beyond 2^53 without a loss. */
function numeric(value: TwinValue, type: ValueType): number | bigint | undefined {
  if (typeof value === 'number') return value;
  return type === 'INT' && typeof value === 'string' ? BigInt(value) : undefined;
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
  const isJson = typeof value === 'string' || (typeof value === 'object' && value !== null);
  const text = isJson ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

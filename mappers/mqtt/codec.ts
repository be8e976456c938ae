import { messageOf } from '../../lib/errors.ts';
import { parseText, type TwinValue } from '../../twin/value.ts';
import { decodeBinary, encodeBinary } from '../binary-codec.ts';
import type { BinaryPart, MqttVisitor } from './visitor.ts';

/**
 * - `value`: what the device told of the property, as it told it
 * - `unreadable`: not what the visitor expects, and why
 * - `absent`: a JSON message without this property
 */
export type Decoded =
  | { kind: 'value'; value: TwinValue }
  | { kind: 'unreadable'; reason: string }
  | { kind: 'absent' };

const SHOWN_CHARACTERS = 200;

/** One message, for each of the properties that its topic carries. */
export function decodeMessage(
  visitors: readonly MqttVisitor[],
  payload: Buffer,
): Array<{ visitor: MqttVisitor; decoded: Decoded }> {
  const text = payload.toString('utf8');
  let json: { value: unknown } | { error: string } | undefined;
  return visitors.map((visitor) => {
    if (visitor.binary) return { visitor, decoded: decodePart(visitor.binary, payload) };
    if (visitor.payload === 'plain') return { visitor, decoded: decodePlain(visitor, text) };
    json ??= parseJson(text);
    return { visitor, decoded: decodeJson(visitor, json) };
  });
}

/**
 * What to publish so that the device takes `value`.
 * @throws OctographError `DEVICE_REFUSED` where it does not fit a binary format
 */
export function encodePayload({ payload, binary }: MqttVisitor, template: string, value: TwinValue): Buffer {
  if (binary) {
    const hex = encodeBinary({ ...binary, byteLength: sizeOf(binary, value) }, value).toString('hex');
    return Buffer.from(template.replace('{{value}}', hex), 'hex');
  }
  const text = payload === 'json' ? JSON.stringify(value) : String(value);
  return Buffer.from(template.replaceAll('{{value}}', () => text));
}

/** Without a length of its own a text or bytes are as long as they are. */
function sizeOf({ byteLength, format }: BinaryPart, value: TwinValue): number {
  return byteLength || Buffer.byteLength(String(value), format === 'bytes' ? 'base64' : 'utf8');
}

function decodePart(part: BinaryPart, payload: Buffer): Decoded {
  const end = part.byteLength === 0 ? payload.length : part.byteOffset + part.byteLength;
  if (end > payload.length || part.byteOffset > payload.length) {
    const reason = `bytes ${part.byteOffset}..${end - 1} of a message of ${payload.length}`;
    return { kind: 'unreadable', reason };
  }
  return { kind: 'value', value: decodeBinary(part, payload.subarray(part.byteOffset, end)) };
}

function decodePlain({ property }: MqttVisitor, text: string): Decoded {
  const parsed = parseText({ ...property, minimum: undefined, maximum: undefined }, text);
  return { kind: 'value', value: parsed.ok ? parsed.value : text };
}

function parseJson(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `${messageOf(error)}: ${text.slice(0, SHOWN_CHARACTERS)}` };
  }
}

function decodeJson({ jsonPath }: MqttVisitor, json: { value: unknown } | { error: string }): Decoded {
  if ('error' in json) return { kind: 'unreadable', reason: json.error };
  const found = atPath(json.value, jsonPath);
  switch (typeof found) {
    case 'undefined':
      return { kind: 'absent' };
    case 'number':
    case 'string':
    case 'boolean':
      return { kind: 'value', value: found };
    default:
      return {
        kind: 'unreadable',
        reason: `not a single value: ${JSON.stringify(found).slice(0, SHOWN_CHARACTERS)}`,
      };
  }
}

/** The request of a method: `{{id}}`, `{{args}}` and `{{args.x}}` replaced. An argument that was not given is null. */
export function encodeCall(template: string, id: string, args: Record<string, TwinValue>): string {
  return template.replace(/{{(id|args)(?:\.([^}]+))?}}/g, (_whole, what: string, name?: string) => {
    if (what === 'id') return id;
    return JSON.stringify(name === undefined ? args : (args[name] ?? null));
  });
}

/** What stands in parsed JSON at a path; undefined where nothing does. */
export function atPath(json: unknown, path: readonly string[]): unknown {
  let found = json;
  for (const step of path) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

/** Any JSON as one value: what is no scalar, as its text. */
export function scalarOf(json: unknown): TwinValue {
  if (json === undefined || json === null) return null;
  const isScalar = typeof json === 'number' || typeof json === 'string' || typeof json === 'boolean';
  return isScalar ? json : JSON.stringify(json);
}

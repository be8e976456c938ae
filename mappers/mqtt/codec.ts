import { messageOf } from '../../lib/errors.ts';
import { parseText, type TwinValue } from '../../twin/value.ts';
import type { MqttVisitor } from './visitor.ts';

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
    if (visitor.payload === 'plain') return { visitor, decoded: decodePlain(visitor, text) };
    json ??= parseJson(text);
    return { visitor, decoded: decodeJson(visitor, json) };
  });
}

/** What to publish so that the device takes `value`. */
export function encodePayload(visitor: MqttVisitor, template: string, value: TwinValue): string {
  const text = visitor.payload === 'json' ? JSON.stringify(value) : String(value);
  return template.replaceAll('{{value}}', () => text);
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
  let found = json.value;
  for (const step of jsonPath) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, step)) return { kind: 'absent' };
    found = (found as Record<string, unknown>)[step];
  }
  switch (typeof found) {
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

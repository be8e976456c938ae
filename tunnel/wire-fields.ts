import { ProtocolError } from './close-codes.ts';

/** Characters of a text that is no value and no message. */
const TEXT_LIMIT = 1024;

/** @throws ProtocolError naming frame and expectation, like those below */
export function record(frame: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ProtocolError(`${frame}: expected a map`);
}

export function text(frame: string, field: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= TEXT_LIMIT) return value;
  throw new ProtocolError(`${frame}.${field}: expected text of at most ${TEXT_LIMIT} characters`);
}

export function count(frame: string, field: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ProtocolError(`${frame}.${field}: expected a whole number from 0`);
}

export function flag(frame: string, field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ProtocolError(`${frame}.${field}: expected true or false`);
}

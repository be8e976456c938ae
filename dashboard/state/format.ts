import type { ValueType } from '../../schema/generated/dashboard/graphql.ts';

/** What a device has, as the API's TwinValue brings it. */
export type Value = number | string | boolean | null;

/** Digits that a fractional reading is shown with at most; `21.299999` of a float32 is `21.3` to a reader. */
const DIGITS = 5;

const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: DIGITS, useGrouping: false });

/** A value as text, without its unit. `–` where nothing is known. */
export function formatValue(value: Value | undefined, type?: ValueType): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return formatText(value, type);
  const size = Math.abs(value);
  // Beyond these a plain number is too long to read.
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  return size >= 10 ** DIGITS ? String(Math.round(value)) : numbers.format(value);
}

/** Base64 of more characters than these is told by its size. */
const LONGEST_BASE64 = 16;

function formatText(text: string, type: ValueType | undefined): string {
  if (type !== 'BYTES') return text === '' ? '""' : text;
  if (text !== '' && text.length <= LONGEST_BASE64) return text;
  return formatBytes((text.length / 4) * 3 - (/=*$/.exec(text)?.[0].length ?? 0));
}

const UNITS: ReadonlyArray<[ms: number, name: string]> = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** A length of time in one unit, rounded down: `4 s`, `12 min`, `3 h`, `9 d`. Below a second: `now`. */
export function formatAge(ms: number): string {
  for (const [length, name] of UNITS) if (ms >= length) return `${Math.floor(ms / length)} ${name}`;
  return 'now';
}

/** The time of day of an instant of today, with the date of any other. */
export function formatInstant(at: string | number | null | undefined, now: number): string {
  const instant = at ? new Date(at) : undefined;
  if (!instant || Number.isNaN(instant.getTime())) return 'unknown';
  const time = instant.toLocaleTimeString('en-GB');
  const isToday = instant.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${instant.toLocaleDateString('en-CA')} ${time}`;
}

/** How far behind reports are, ms: `none` where all have arrived. */
export function formatLag(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  return ms < 1 ? 'none' : ms < 1000 ? `${Math.round(ms)} ms` : formatAge(ms);
}

/** To the other end and back, ms; undefined where nobody knows. */
export const formatRoundTrip = (ms: number | null | undefined): string | undefined =>
  ms === null || ms === undefined ? undefined : ms < 1 ? 'less than 1 ms' : formatLag(ms);

/** What waits for the cloud; unknown while the node is away. */
export function formatOutbox(outbox: { items: number; bytes: number } | null | undefined): string {
  if (!outbox) return '–';
  return outbox.items === 0 ? 'empty' : `${plural(outbox.items, 'report')}, ${formatBytes(outbox.bytes)}`;
}

/** Its beginning, with an ellipsis where there is more. */
export const shorten = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** `1 device`, `2 devices`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Bytes in one unit of 1024: `812 B`, `3.4 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

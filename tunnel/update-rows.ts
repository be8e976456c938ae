import type { Twin } from '../twin/twin.ts';
import { ProtocolError } from './close-codes.ts';

/**
 * [W13] Updates as they travel. A property is named in full once on a connection, and by its number from then on; of what is
 * as it was in its last update nothing is said. A reading takes about 15 bytes so, also where batches are small.
 */
export interface UpdateRows {
  /** The numbers begin anew with this message. */
  reset?: true;
  /** What gets the next numbers: device, uid, property. */
  keys: Array<readonly [device: string, uid: string, property: string]>;
  /**
   * One update after the other: the property's number; seq, less that of the update before, 0 before the first; then either the
   * value and observedAt, less that of the last such row before, in whole milliseconds; or, as a map, all that the update holds
   * beside device, uid, property and seq.
   */
  rows: unknown[];
}

/** Properties that have a number at most; a sender begins anew before it gets there. */
export const MAX_KEYS = 65_536;

type Rest = Omit<Twin, 'device' | 'uid' | 'property' | 'seq'>;

/** Twins to rows, in the order of their sending, for one connection. */
export class UpdateEncoder {
  readonly #numbers = new Map<string, number>();
  /** By number: the last update that was sent of it. */
  #last: Twin[] = [];
  #isReset = false;

  encode(updates: readonly Twin[]): UpdateRows {
    const { keys, rows }: UpdateRows = { keys: [], rows: [] };
    if (this.#last.length + updates.length > MAX_KEYS) this.reset();
    const reset = this.#isReset;
    this.#isReset = false;
    let seq = 0;
    let observedAt = 0;
    for (const twin of updates) {
      const key = `${twin.uid}/${twin.device}/${twin.property}`;
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#last.length;
        this.#numbers.set(key, number);
        keys.push([twin.device, twin.uid, twin.property]);
      }
      const last = this.#last[number];
      this.#last[number] = twin;
      rows.push(number, twin.seq - seq);
      seq = twin.seq;
      if (last && isReadingAlone(twin, last)) {
        rows.push(twin.reported.value, twin.reported.observedAt - observedAt);
        observedAt = twin.reported.observedAt;
      } else {
        const { device: _device, uid: _uid, property: _property, seq: _seq, ...rest } = twin;
        rows.push(rest);
      }
    }
    return reset ? { reset, keys, rows } : { keys, rows };
  }

  /** What was encoded did not leave: the other end must not be thought to know it. */
  reset(): void {
    this.#numbers.clear();
    this.#last = [];
    this.#isReset = true;
  }
}

/** Rows to twins, in the order of their sending, for one connection. */
export class UpdateDecoder {
  /** By number: the last update that came of it, at first its name alone. */
  #last: Array<Pick<Twin, 'device' | 'uid' | 'property'> & Partial<Twin>> = [];

  /** @throws ProtocolError; what the updates hold is not checked beyond what the rows need */
  decode({ reset, keys, rows }: { reset?: unknown; keys?: unknown; rows?: unknown }): Twin[] {
    if (reset === true) this.#last = [];
    for (const key of listOf('keys', keys)) this.#addKey(key);
    const list = listOf('rows', rows);
    const updates: Twin[] = [];
    let seq = 0;
    let observedAt = 0;
    for (let at = 0; at < list.length; ) {
      const number = wholeOf('property number', list[at++]);
      const last = this.#last[number];
      if (!last)
        throw new ProtocolError(`sync: property number ${number}, expected one below ${this.#last.length}`);
      seq += wholeOf('seq', list[at++]);
      const value = list[at++];
      let twin: Twin;
      if (typeof value === 'object' && value !== null) {
        const { device, uid, property } = last;
        twin = { ...(value as Rest), device, uid, property, seq };
      } else {
        if (!last.sync)
          throw new ProtocolError(`sync: a reading of ${last.property} alone, expected all of it first`);
        observedAt += wholeOf('observedAt', list[at++]);
        twin = { ...(last as Twin), seq, reported: { value: value as null, quality: 'GOOD', observedAt } };
      }
      this.#last[number] = twin;
      updates.push(twin);
    }
    return updates;
  }

  #addKey(key: unknown): void {
    const [device, uid, property] = listOf('key', key);
    if (typeof device !== 'string' || typeof uid !== 'string' || typeof property !== 'string') {
      throw new ProtocolError('sync: a key is no list of device, uid and property');
    }
    if (this.#last.length === MAX_KEYS) throw new ProtocolError(`sync: more than ${MAX_KEYS} properties`);
    this.#last.push({ device, uid, property });
  }
}

/** The update says nothing but that the device was read, and well: the rest is as in the one before. */
function isReadingAlone(twin: Twin, last: Twin): twin is Twin & { reported: NonNullable<Twin['reported']> } {
  const { reported } = twin;
  if (reported?.quality !== 'GOOD' || !Number.isSafeInteger(reported.observedAt)) return false;
  const plain = { value: reported.value, quality: reported.quality, observedAt: reported.observedAt };
  return sameFields(reported, plain) && sameFields(twin, { ...last, seq: twin.seq, reported });
}

/** Compared by whatever fields there are: one that is added later is not forgotten here. */
function sameFields(a: object, b: object): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const name in left) if (!same(left[name], right[name])) return false;
  for (const name in right) if (!(name in left) && right[name] !== undefined) return false;
  return true;
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null;

const same = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) || (isMap(a) && isMap(b) && sameFields(a, b));

function listOf(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ProtocolError(`sync: ${name}: expected a list`);
}

function wholeOf(name: string, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new ProtocolError(`sync: ${name}: expected a whole number`);
}

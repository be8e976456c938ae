import type { HistoryEntry } from '../../twin/history.ts';
import type { Quality, TwinValue } from '../../twin/value.ts';
import { ByteReader, ByteWriter, zigzag } from './bytes.ts';

/** What is appended: a reading without its end. */
export type Point = Omit<HistoryEntry, 'until'>;

/**
 * A stretch of one property's history as bytes. An entry is a token, the change of the time step to the one before, and where the
 * entry before was seen again, for how long. A decimal number (21.3; also where it went through float32) is a whole number
 * of units of 10^−exponent, and its token the difference to the last one: a reading that comes every second and moves a
 * little takes two bytes. Everything else is spelled out.
 */
interface State {
  at: number;
  step: number;
  scale: Scale;
  units: number;
}

interface Scale {
  exponent: number;
  isFloat32: boolean;
}

/** A token's two low bits; what is above them is the zigzag difference, or the kind. */
const IS_HELD = 1;
const IS_SPELLED = 2;

/** Kinds of spelled tokens. The last four stand before another token and say how to read it. */
const KIND = {
  nothing: 0,
  false: 1,
  true: 2,
  double: 3,
  text: 4,
  scale: 5,
  scaleFloat32: 6,
  quality: 7,
  raw: 8,
} as const;

const QUALITIES: readonly Quality[] = ['GOOD', 'UNCERTAIN', 'BAD'];
const EXPONENT_LIMIT = 9;
const POWERS = Array.from({ length: EXPONENT_LIMIT + 1 }, (_, exponent) => 10 ** exponent);
/** Differences beyond this could not be told in 53 bits with the token's own two. */
const UNITS_LIMIT = 2 ** 48;

const initialState = (): State => ({ at: 0, step: 0, scale: { exponent: 0, isFloat32: false }, units: 0 });

/** A chunk that grows. */
export class ChunkWriter {
  readonly #bytes: ByteWriter;
  readonly #state: State;
  #count: number;
  #fromAt: number;
  #toAt: number;
  #until: number;

  constructor() {
    this.#bytes = new ByteWriter();
    this.#state = initialState();
    this.#count = 0;
    this.#fromAt = Number.POSITIVE_INFINITY;
    this.#toAt = Number.NEGATIVE_INFINITY;
    this.#until = 0;
  }

  /** Goes on with a chunk that was stored; `visit` is told its entries. */
  static resume(stored: Chunk, visit: (entry: HistoryEntry) => void): ChunkWriter {
    const writer = new ChunkWriter();
    readChunk(stored, (entry) => {
      writer.append(entry);
      writer.hold(entry.until);
      visit(entry);
    });
    return writer;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get lastAt(): number {
    return this.#state.at;
  }

  append(point: Point): void {
    const { at, value, quality, raw } = point;
    const held = this.#until - this.#state.at;
    if (quality !== (value === null ? 'BAD' : 'GOOD')) {
      this.#spelled(KIND.quality, 0);
      this.#bytes.byte(QUALITIES.indexOf(quality));
    }
    if (raw !== undefined) {
      this.#spelled(KIND.raw, 0);
      this.#bytes.text(raw);
    }
    this.#value(value, held > 0 ? IS_HELD : 0);
    const step = this.#count === 0 ? 0 : at - this.#state.at;
    this.#bytes.signed(this.#count === 0 ? at : step - this.#state.step);
    if (held > 0) this.#bytes.varint(held);
    this.#state.at = at;
    this.#state.step = step;
    this.#until = at;
    this.#count++;
    this.#fromAt = Math.min(this.#fromAt, at);
    this.#toAt = Math.max(this.#toAt, at);
  }

  /** The last entry was seen again. */
  hold(until: number): void {
    if (until <= this.#until) return;
    this.#until = until;
    this.#toAt = Math.max(this.#toAt, until);
  }

  toChunk(): Chunk {
    const heldMs = this.#until - this.#state.at;
    return {
      fromAt: this.#fromAt,
      toAt: this.#toAt,
      heldMs,
      count: this.#count,
      bytes: this.#bytes.toBytes(),
    };
  }

  #value(value: TwinValue, held: number): void {
    if (typeof value === 'number') {
      this.#number(value, held);
    } else if (typeof value === 'string') {
      this.#spelled(KIND.text, held);
      this.#bytes.text(value);
    } else if (value === null) {
      this.#spelled(KIND.nothing, held);
    } else {
      this.#spelled(value ? KIND.true : KIND.false, held);
    }
  }

  #number(value: number, held: number): void {
    const { scale } = this.#state;
    const fitting = unitsOf(value, scale) === undefined ? scaleFor(value, scale) : scale;
    if (!fitting) {
      this.#spelled(KIND.double, held);
      this.#bytes.double(value);
      return;
    }
    if (fitting !== scale) {
      this.#spelled(fitting.isFloat32 ? KIND.scaleFloat32 : KIND.scale, 0);
      this.#bytes.byte(fitting.exponent);
      rescale(this.#state, fitting);
    }
    const units = unitsOf(value, fitting) as number;
    this.#bytes.varint(zigzag(units - this.#state.units) * 4 + held);
    this.#state.units = units;
  }

  #spelled(kind: number, held: number): void {
    this.#bytes.varint(kind * 4 + IS_SPELLED + held);
  }
}

/** A chunk as it is stored. */
export interface Chunk {
  /** Wall clock, milliseconds: the earliest and the latest that it speaks of. */
  fromAt: number;
  toAt: number;
  /** Milliseconds that the last entry was seen for. */
  heldMs: number;
  count: number;
  bytes: Uint8Array;
}

/** Tells the entries in the order in which they were appended. */
export function readChunk(
  { bytes, heldMs }: Pick<Chunk, 'bytes' | 'heldMs'>,
  visit: (entry: HistoryEntry) => void,
): void {
  const reader = new ByteReader(bytes);
  const state = initialState();
  let last: HistoryEntry | undefined;
  while (!reader.isAtEnd) {
    let quality: Quality | undefined;
    let raw: string | undefined;
    let token = reader.varint();
    for (; (token & IS_SPELLED) !== 0 && token >> 2 >= KIND.scale; token = reader.varint()) {
      const kind = token >> 2;
      if (kind === KIND.quality) quality = QUALITIES[reader.byte()];
      else if (kind === KIND.raw) raw = reader.text();
      else rescale(state, { exponent: reader.byte(), isFloat32: kind === KIND.scaleFloat32 });
    }
    const value = readValue(reader, state, token);
    const change = reader.signed();
    if (last) {
      state.step += change;
      state.at += state.step;
      if ((token & IS_HELD) !== 0) last.until = last.at + reader.varint();
      visit(last);
    } else {
      state.at = change;
    }
    quality ??= value === null ? 'BAD' : 'GOOD';
    last = { at: state.at, until: state.at, value, quality };
    if (raw !== undefined) last.raw = raw;
  }
  if (!last) return;
  last.until = last.at + heldMs;
  visit(last);
}

function readValue(reader: ByteReader, state: State, token: number): TwinValue {
  if ((token & IS_SPELLED) === 0) {
    const difference = Math.floor(token / 4);
    state.units += difference % 2 === 0 ? difference / 2 : -(difference + 1) / 2;
    return numberOf(state.units, state.scale);
  }
  switch (token >> 2) {
    case KIND.nothing:
      return null;
    case KIND.false:
      return false;
    case KIND.true:
      return true;
    case KIND.double:
      return reader.double();
    case KIND.text:
      return reader.text();
    default:
      throw new RangeError(`history: token ${token} is of no known kind`);
  }
}

function numberOf(units: number, { exponent, isFloat32 }: Scale): number {
  const number = units / (POWERS[exponent] as number);
  return isFloat32 ? Math.fround(number) : number;
}

/** The whole number of units that brings back exactly this value, if there is one. */
function unitsOf(value: number, scale: Scale): number | undefined {
  const units = Math.round(value * (POWERS[scale.exponent] as number));
  return Math.abs(units) < UNITS_LIMIT && numberOf(units, scale) === value ? units : undefined;
}

/** The coarsest scale that holds the value, none coarser than the one in use: the next values are likely as fine. */
function scaleFor(value: number, { exponent: least }: Scale): Scale | undefined {
  for (const isFloat32 of [false, true]) {
    for (let exponent = isFloat32 ? 0 : least; exponent <= EXPONENT_LIMIT; exponent++) {
      if (unitsOf(value, { exponent, isFloat32 }) !== undefined) return { exponent, isFloat32 };
    }
  }
  return undefined;
}

/** In both directions of the codec alike: the difference that follows is to this. */
function rescale(state: State, scale: Scale): void {
  state.units = Math.round(
    (state.units / (POWERS[state.scale.exponent] as number)) * (POWERS[scale.exponent] as number),
  );
  if (Math.abs(state.units) >= UNITS_LIMIT) state.units = 0;
  state.scale = scale;
}

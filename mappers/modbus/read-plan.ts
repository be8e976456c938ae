import { factsOf, type Span } from './register.ts';

/** One request, and the properties that its answer holds. */
export interface Read<P extends Span = Span> extends Span {
  parts: P[];
}

/** Reading a few registers that nobody asked for costs less than another round trip. */
const MAX_GAP = 3;

/**
 * The fewest requests that read all `parts`: neighbours of one kind are merged over a gap of at most `maxGap`, up to what one
 * request may ask for. A part is never split.
 */
export function planReads<P extends Span>(parts: readonly P[], maxGap = MAX_GAP): Array<Read<P>> {
  const reads: Array<Read<P>> = [];
  for (const part of [...parts].sort(byPlace)) {
    const last = reads.at(-1);
    if (last && joins(last, part, maxGap)) {
      last.count = Math.max(last.count, part.address + part.count - last.address);
      last.parts.push(part);
    } else {
      reads.push({ kind: part.kind, address: part.address, count: part.count, parts: [part] });
    }
  }
  return reads;
}

/**
 * What to ask instead of a read that the device refused as a whole, now that each part was tried alone: those that failed
 * stay alone, the others are merged without gaps; and if none failed although there was no gap, all stay alone.
 */
export function splitRead<P extends Span>(read: Read<P>, failed: ReadonlySet<P>): Array<Read<P>> {
  const good = read.parts.filter((part) => !failed.has(part));
  const merged = planReads(good, 0);
  const learned = merged.length > 1 || failed.size > 0 ? merged : good.map(alone);
  return [...learned, ...read.parts.filter((part) => failed.has(part)).map(alone)];
}

export const alone = <P extends Span>(part: P): Read<P> => ({
  kind: part.kind,
  address: part.address,
  count: part.count,
  parts: [part],
});

function joins(read: Span, part: Span, maxGap: number): boolean {
  if (read.kind !== part.kind || part.address > read.address + read.count + maxGap) return false;
  const count = Math.max(read.count, part.address + part.count - read.address);
  return count <= factsOf(read.kind).maxRead;
}

const byPlace = (a: Span, b: Span) =>
  a.kind.localeCompare(b.kind) || a.address - b.address || a.count - b.count;

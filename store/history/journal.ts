import { ByteReader, ByteWriter } from './bytes.ts';
import { ChunkWriter, type Point, readChunk } from './chunk.ts';

/** One reading of one series, on its way into a chunk. */
export interface SeriesPoint {
  series: number;
  point: Point;
}

/** The points of one commit in one record: which series each belongs to, then all of them as a chunk. */
export function encodeJournal(points: readonly SeriesPoint[]): Uint8Array {
  const series = new ByteWriter();
  const chunk = new ChunkWriter();
  series.varint(points.length);
  for (const { series: id, point } of points) {
    series.varint(id);
    chunk.append(point);
  }
  return Buffer.concat([series.toBytes(), chunk.toChunk().bytes]);
}

export function decodeJournal(bytes: Uint8Array): SeriesPoint[] {
  const reader = new ByteReader(bytes);
  const ids = Array.from({ length: reader.varint() }, () => reader.varint());
  const points: SeriesPoint[] = [];
  readChunk({ bytes: reader.rest(), heldMs: 0 }, ({ until: _, ...point }) => {
    points.push({ series: ids[points.length] as number, point });
  });
  return points;
}

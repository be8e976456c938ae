import { createDownsampler, type History, type HistoryEntry, type HistoryRange } from '../../twin/history.ts';
import { type Chunk, readChunk } from './chunk.ts';

/**
 * What the chunks say of the range.
 * @param chunks by their beginning
 */
export function readHistory(chunks: readonly Chunk[], range: HistoryRange): History {
  // Only a clock that went back, or a device that told late, disturbs the order.
  return inOrder(chunks, range) ?? sorted(chunks, range);
}

/** Without a list of the entries in between; undefined where they turn out not to be in order. */
function inOrder(chunks: readonly Chunk[], range: HistoryRange): History | undefined {
  const downsampler = createDownsampler(range);
  let lastAt = Number.NEGATIVE_INFINITY;
  let isOrdered = true;
  let goesOn = true;
  for (const chunk of chunks) {
    if (chunk.fromAt < lastAt || !isOrdered) return undefined;
    if (!goesOn) continue;
    readChunk(chunk, (entry) => {
      isOrdered &&= entry.at >= lastAt;
      lastAt = entry.at;
      if (isOrdered && goesOn) goesOn = downsampler.add(entry);
    });
  }
  return isOrdered ? downsampler.finish() : undefined;
}

function sorted(chunks: readonly Chunk[], range: HistoryRange): History {
  const entries: HistoryEntry[] = [];
  for (const chunk of chunks) readChunk(chunk, (entry) => entries.push(entry));
  const downsampler = createDownsampler(range);
  for (const entry of entries.sort((a, b) => a.at - b.at)) if (!downsampler.add(entry)) break;
  return downsampler.finish();
}

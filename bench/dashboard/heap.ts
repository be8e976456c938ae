import type { CDPSession, Page } from 'playwright-core';

/** What a page holds on to. */
export interface Heap {
  /** Of JavaScript: what the browser keeps beside it (timelines of slow frames, of requests) fills up to bounds of its own. */
  objects: number;
  bytes: number;
  /** Of all documents, detached ones too. */
  nodes: number;
  listeners: number;
}

interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
}

/** A reading may meet a draw: the least of so many is what stays. */
const READINGS = 3;
const BEFORE_MS = 1500;

/** The least of several readings of a page to which nothing comes. Each stops it for a second or so. */
export async function leastHeap(page: Page, cdp: CDPSession): Promise<Heap> {
  let least: Heap | undefined;
  for (let reading = 0; reading < READINGS; reading++) {
    await page.waitForTimeout(BEFORE_MS);
    // A pause and its end draw the whole page. Of a part that drew itself anew since then, Preact keeps the first drawing too,
    // among its parent's children: a generation more or less, as chance has it.
    for (let press = 0; press < 2; press++) await page.keyboard.press('p');
    await page.waitForTimeout(100);
    const heap = await readHeap(cdp);
    if (!least || heap.objects < least.objects) least = heap;
  }
  return least!;
}

/** A snapshot has what can be reached and nothing else: no garbage that waits for its collector. */
async function readHeap(cdp: CDPSession): Promise<Heap> {
  const chunks: string[] = [];
  const gather = ({ chunk }: { chunk: string }) => void chunks.push(chunk);
  cdp.on('HeapProfiler.addHeapSnapshotChunk', gather);
  // What only a browser object held on to goes at the second.
  for (let times = 0; times < 2; times++) await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  cdp.off('HeapProfiler.addHeapSnapshotChunk', gather);
  const { nodes, jsEventListeners: listeners } = await cdp.send('Memory.getDOMCounters');
  return { ...countObjects(JSON.parse(chunks.join('')) as Snapshot), nodes, listeners };
}

function countObjects({ snapshot: { meta }, nodes }: Snapshot): Pick<Heap, 'objects' | 'bytes'> {
  const native = meta.node_types[0].indexOf('native');
  const typeAt = meta.node_fields.indexOf('type');
  const sizeAt = meta.node_fields.indexOf('self_size');
  let objects = 0;
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) {
    if (nodes[at + typeAt] === native) continue;
    objects++;
    bytes += nodes[at + sizeAt]!;
  }
  return { objects, bytes };
}

/** How samples rise per unit of x: the middle of what each two of them say, and the range that the middle half of those lies in. */
export function trendOf(samples: ReadonlyArray<readonly [x: number, y: number]>): {
  slope: number;
  from: number;
  to: number;
} {
  const slopes = samples
    .flatMap(([x, y], index) =>
      samples.slice(index + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)),
    )
    .sort((a, b) => a - b);
  const at = (part: number) => slopes[Math.round(part * (slopes.length - 1))]!;
  return { slope: at(0.5), from: at(0.25), to: at(0.75) };
}

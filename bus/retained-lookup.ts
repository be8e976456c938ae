import { Readable } from 'node:stream';

interface Retained {
  topic: string;
  payload: Uint8Array | string;
}

/** The methods of aedes' persistence that keep retained messages, and find them again. */
export interface RetainedMemory {
  storeRetained(packet: Retained): Promise<void>;
  createRetainedStreamCombi(filters: string[]): Readable;
}

/**
 * Finds the retained message of a filter without wildcards by its topic: aedes looks through all of them for every filter,
 * which for a client of 10 000 topics is 10 000 × 10 000.
 */
export function lookUpRetained(memory: RetainedMemory): void {
  const byTopic = new Map<string, Retained>();
  const store = memory.storeRetained.bind(memory);
  const search = memory.createRetainedStreamCombi.bind(memory);

  memory.storeRetained = (packet) => {
    if (packet.payload.length === 0) byTopic.delete(packet.topic);
    else byTopic.set(packet.topic, packet);
    return store(packet);
  };
  memory.createRetainedStreamCombi = (filters) => {
    const isWild = (filter: string) => /[+#]/.test(filter);
    const wild = filters.filter(isWild);
    const exact = filters.filter((filter) => !isWild(filter));
    const found = exact.flatMap((topic) => byTopic.get(topic) ?? []);
    if (wild.length === 0) return Readable.from(found);
    return Readable.from(both(found, search(wild)));
  };
}

async function* both(found: readonly Retained[], searched: AsyncIterable<Retained>) {
  yield* found;
  yield* searched;
}

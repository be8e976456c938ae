import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Mapper, MapperEvents } from '../../mappers/contract.ts';
import type { Twin } from '../../twin/twin.ts';
import { benchDevice, benchProperty, startBenchNode } from '../mappers/bench-node.ts';
import { openBareStore } from './bare-store.ts';
import { round, say, spread } from './figures.ts';
import { inFolder } from './node.ts';
import { readings } from './readings.ts';

const DEVICES = 100;
const PROPERTIES = 10;
/** Of a device's message with all of its properties, and of all updates. */
const MESSAGES_PER_SECOND = 2000;
const UPDATES_PER_SECOND = MESSAGES_PER_SECOND * PROPERTIES;
const SECONDS = 5;
const ROUNDS = 7;
/** Milliseconds that the bare store gathers updates for, as ours does. */
const WINDOW_MS = 10;

/**
 * From the moment that a device's message is due to the commit that makes it durable (`synchronous=FULL`): mapper, host, twins, outbox and history,
 * from the sources, in this process; beside better-sqlite3 with the same rows, gathered for as long.
 */
export async function measureIngest(): Promise<void> {
  const rounds = { ours: [] as number[][], bare: [] as number[][] };
  const cpu = { ours: [] as number[], bare: [] as number[] };
  for (let n = 0; n < ROUNDS; n++) {
    for (const [kind, run] of [['ours', runOurs] as const, ['bare', runBare] as const]) {
      const before = process.cpuUsage();
      rounds[kind].push(await run());
      const { user, system } = process.cpuUsage(before);
      cpu[kind].push(round((user + system) / 1e4 / SECONDS));
    }
  }
  const offered = `${UPDATES_PER_SECOND} updates/s`;
  say(`mapper to durable, ${offered}`, { ...spread(rounds.ours), corePercent: Math.min(...cpu.ours) });
  say(`better-sqlite3 alone, ${offered}`, { ...spread(rounds.bare), corePercent: Math.min(...cpu.bare) });
}

/** @returns milliseconds from due to durable, of every update */
async function runOurs(): Promise<number[]> {
  const events: MapperEvents[] = [];
  const node = startBenchNode([eventMapper(events)]);
  node.run(
    Array.from({ length: DEVICES }, (_, n) =>
      benchDevice(`none${n}`, {
        protocolName: 'bench',
        properties: Array.from({ length: PROPERTIES }, (_, p) => benchProperty(`p${p}`, 50, {})),
      }),
    ),
  );
  while (events.length < DEVICES) await pause(10);
  const times: number[] = [];
  const dueAt = new Map<number, number>();
  const unlisten = node.store.onCommit((updates) => {
    const now = performance.now();
    for (const { seq } of updates) {
      times.push(now - (dueAt.get(seq) as number));
      dueAt.delete(seq);
    }
  });
  await pace((message, at) => {
    const seq = node.store.lastSeq();
    const observedAt = Date.now();
    events[message % DEVICES]?.report(
      Array.from({ length: PROPERTIES }, (_, p) => ({
        property: `p${p}`,
        value: message / 10 + p,
        quality: 'GOOD',
        observedAt,
      })),
    );
    for (let n = 1; n <= PROPERTIES; n++) dueAt.set(seq + n, at);
  });
  while (times.length < SECONDS * UPDATES_PER_SECOND) await pause(10);
  unlisten();
  await node.close();
  return times;
}

async function runBare(): Promise<number[]> {
  return inFolder(async (folder) => {
    const properties = DEVICES * PROPERTIES;
    const bare = openBareStore(join(folder, 'bare.db'), properties);
    const source = readings(properties, (SECONDS * UPDATES_PER_SECOND) / properties, Date.now());
    const times: number[] = [];
    const waiting: Array<{ update: Omit<Twin, 'seq'>; at: number }> = [];
    const commit = () => {
      const batch = waiting.splice(0, 1000);
      bare.write(
        batch.map(({ update }) => update),
        0,
      );
      const now = performance.now();
      for (const { at } of batch) times.push(now - at);
    };
    let isArmed = false;
    await pace((_message, at) => {
      for (let n = 0; n < PROPERTIES; n++) waiting.push({ update: source.next().value, at });
      if (isArmed) return;
      isArmed = true;
      setTimeout(() => {
        isArmed = false;
        while (waiting.length > 0) commit();
      }, WINDOW_MS);
    });
    while (times.length < SECONDS * UPDATES_PER_SECOND) await pause(10);
    bare.close();
    return times;
  });
}

/** Calls back for each message when it is due, or as soon after as this process has the processor. */
async function pace(send: (message: number, dueAt: number) => void): Promise<void> {
  const startedAt = performance.now();
  for (let message = 0; message < SECONDS * MESSAGES_PER_SECOND; ) {
    const now = performance.now();
    for (; message < SECONDS * MESSAGES_PER_SECOND; message++) {
      const dueAt = startedAt + (message * 1000) / MESSAGES_PER_SECOND;
      if (dueAt > now) break;
      send(message, dueAt);
    }
    await pause(1);
  }
}

/** Devices that tell by themselves; what they say is the bench's. */
const eventMapper = (opened: MapperEvents[]): Mapper => ({
  protocol: 'bench',
  delivery: 'event',
  async open(_device, events) {
    opened.push(events);
    return { collect: async () => [], apply: async (_property, value) => value, async close() {} };
  },
  async close() {},
});

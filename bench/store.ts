import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { type Clock, systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import type { EdgeStore } from '../store/contract.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Twin } from '../twin/twin.ts';

/**
 * The edge store against better-sqlite3 alone, and a day of history. One line of JSON per figure.
 * Run: node bench/store.ts [--updates 200000] [--properties 100] [--hours 24]
 */
const { values } = parseArgs({
  options: {
    updates: { type: 'string', default: '200000' },
    properties: { type: 'string', default: '100' },
    hours: { type: 'string', default: '24' },
  },
});
const UPDATES = Number(values.updates);
const PROPERTIES = Number(values.properties);
const SECONDS = Number(values.hours) * 3600;

const BATCH = 1000;
const START = 1_700_000_000_000;
const say = (figure: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const round = (number: number) => Math.round(number * 100) / 100;

/** Readings as sensors give them: seven of ten decimals that drift, two float32, one switch; some milliseconds of jitter. */
function* readings(properties: number, seconds: number): Generator<Omit<Twin, 'seq'>> {
  let random = 1;
  const next = () => {
    random = (random * 48_271) % 2_147_483_647;
    return random / 2_147_483_647;
  };
  const level = Array.from({ length: properties }, () => 200 + Math.round(next() * 100));
  for (let second = 0; second < seconds; second++) {
    for (let n = 0; n < properties; n++) {
      level[n] = (level[n] as number) + Math.round(next() * 4 - 2);
      const decimal = (level[n] as number) / 10;
      const value = n % 10 < 7 ? decimal : n % 10 < 9 ? Math.fround(decimal) : (level[n] as number) % 2 === 0;
      yield {
        device: `plant/device-${Math.floor(n / 10)}`,
        uid: 'uid-1',
        property: `p${n}`,
        reported: { value, quality: 'GOOD', observedAt: START + second * 1000 + Math.floor(next() * 10) },
        sync: { state: 'NONE', since: START },
      };
    }
  }
}

function inDirectory<T>(run: (path: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
  try {
    return run(join(dir, 'edge.db'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Twin, outbox row and history of every update, in batches; half of the outbox is acknowledged all the time. */
function ingestStore(path: string, updates: Array<Omit<Twin, 'seq'>>): number {
  const store = openSqliteStore({ path, clock: systemClock, logger: silentLogger });
  const start = performance.now();
  for (let at = 0; at < updates.length; at += BATCH) {
    for (const twin of updates.slice(at, at + BATCH)) store.putTwin({ ...twin, seq: store.nextSeq() });
    if (at % (10 * BATCH) === 0) store.acknowledge('replica', store.lastSeq() - BATCH);
    store.flush();
  }
  const elapsed = performance.now() - start;
  void store.close();
  return updates.length / (elapsed / 1000);
}

/** The same rows with nothing around them: twin, outbox and one history row, in the same batches. */
function ingestBare(path: string, updates: Array<Omit<Twin, 'seq'>>): number {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE twin (device TEXT, property TEXT, seq INTEGER, json TEXT, PRIMARY KEY (device, property)) WITHOUT ROWID;
    CREATE TABLE outbox (seq INTEGER PRIMARY KEY, device TEXT, property TEXT, at INTEGER, json TEXT);
    CREATE TABLE history (series INTEGER, at INTEGER, value, PRIMARY KEY (series, at)) WITHOUT ROWID;`);
  const twinRow = db.prepare('INSERT OR REPLACE INTO twin VALUES (?, ?, ?, ?)');
  const outboxRow = db.prepare('INSERT INTO outbox VALUES (?, ?, ?, ?, ?)');
  const historyRow = db.prepare('INSERT OR REPLACE INTO history VALUES (?, ?, ?)');
  const acknowledge = db.prepare('DELETE FROM outbox WHERE seq <= ?');
  let seq = 0;
  const start = performance.now();
  for (let at = 0; at < updates.length; at += BATCH) {
    db.transaction(() => {
      for (const twin of updates.slice(at, at + BATCH)) {
        const json = JSON.stringify({ ...twin, seq: ++seq });
        const { value, observedAt } = twin.reported as { value: number | boolean; observedAt: number };
        twinRow.run(twin.device, twin.property, seq, json);
        outboxRow.run(seq, twin.device, twin.property, START, json);
        historyRow.run(Number(twin.property.slice(1)), observedAt, Number(value));
      }
      if (at % (10 * BATCH) === 0) acknowledge.run(seq - BATCH);
    })();
  }
  const elapsed = performance.now() - start;
  db.close();
  return updates.length / (elapsed / 1000);
}

function ingest(): void {
  const updates = [...readings(1000, Math.ceil(UPDATES / 1000))];
  const runs = Array.from({ length: 3 }, () => ({
    bare: inDirectory((path) => ingestBare(path, updates)),
    ours: inDirectory((path) => ingestStore(path, updates)),
  }));
  // The best of each: what disturbs a run on a shared machine makes it slower, never faster.
  const bare = Math.max(...runs.map((run) => run.bare));
  const ours = Math.max(...runs.map((run) => run.ours));
  say({
    figure: 'ingest with history, batches of 1000, synchronous=FULL',
    updatesPerSecond: Math.round(ours),
    barePerSecond: Math.round(bare),
    ratio: round(ours / bare),
  });
}

function history(): void {
  inDirectory((path) => {
    let now = START;
    const clock: Clock = { ...systemClock, now: () => now, monotonic: () => now - START };
    const store = openSqliteStore({ path, clock, logger: silentLogger });
    let count = 0;
    for (const twin of readings(PROPERTIES, SECONDS)) {
      store.putTwin({ ...twin, seq: store.nextSeq() }, { outbox: false });
      now = twin.reported?.observedAt ?? now;
      if (++count % BATCH === 0) store.flush();
    }
    store.flush();
    const times = query(store);
    void store.close();
    const db = new Database(path, { readonly: true });
    const { bytes } = db.prepare('SELECT sum(size) AS bytes FROM chunk').get() as { bytes: number };
    db.close();
    say({
      figure: `history, ${PROPERTIES} properties at 1/s for ${values.hours} h`,
      samples: count,
      bytesPerSample: round(bytes / count),
      fileBytesPerSample: round(statSync(path).size / count),
      ...times,
    });
  });
}

/** history(points: 300) of the whole time, of one property after the other. */
function query(store: EdgeStore): Record<string, number> {
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < 300; n++) {
    const property = (n * 37) % PROPERTIES;
    const start = performance.now();
    store.readHistory({
      device: `plant/device-${Math.floor(property / 10)}`,
      property: `p${property}`,
      from: START,
      to: START + SECONDS * 1000,
      points: 300,
      method: n % 2 === 0 ? 'MINMAX' : 'AVG',
      gapMs: 3000,
    });
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  return {
    queryCpuMs: round((user + system) / 1000 / times.length),
    queryP50Ms: round(times[150] as number),
    queryP99Ms: round(times[297] as number),
  };
}

ingest();
history();

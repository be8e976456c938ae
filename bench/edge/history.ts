import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock, toIso } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import { round, say, spread } from './figures.ts';
import { fillStore, firstAnswer, inFolder, startEdge, timesOf } from './node.ts';
import { devicesOf, PROPERTIES } from './objects.ts';
import { fillHistory, nameOf } from './readings.ts';

const DAY_SECONDS = 86_400;
const ROUNDS = 3;
const QUERIES = 300;

/** Yesterday at one reading a second; `history(points: 300)` of all of it, of one property after the other, in the store and through the API. */
export async function measureHistory(properties: number, keptDir?: string): Promise<void> {
  const to = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const from = to - DAY_SECONDS * 1000;
  await inFolder(async (folder) => {
    const dataDir = keptDir ?? folder;
    const path = join(dataDir, 'edge.db');
    if (!existsSync(path)) await fillHistory(path, properties, DAY_SECONDS, from);
    await fillStore(
      dataDir,
      devicesOf('none', properties / PROPERTIES, () => ({})),
    );
    saySize(path, properties);
    await measureStore(path, properties, from, to);
    const edge = await startEdge(dataDir);
    const queryOf = (n: number) => {
      const { name, property } = nameOf((n * 37) % properties);
      const method = n % 2 === 0 ? 'MINMAX' : 'AVG';
      return `{ device(namespace: "default", name: "${name}") { twin(property: "${property}") {
        history(from: "${toIso(from)}", to: "${toIso(to)}", points: 300, method: ${method}) { samples { at value quality } gaps { from to } }
      } } }`;
    };
    const answer = await firstAnswer(edge.url, queryOf(0));
    const rounds: number[][] = [];
    for (let n = 0; n < ROUNDS; n++) rounds.push(await timesOf(edge.url, QUERIES, queryOf));
    await edge.stop();
    say('history(points: 300) of a day, over HTTP', { answerBytes: answer.length, ...spread(rounds) });
  });
}

function saySize(path: string, properties: number): void {
  const db = new Database(path, { readonly: true });
  const chunks = db.prepare('SELECT sum(size) AS bytes, sum(count) AS samples FROM chunk');
  const { bytes, samples } = chunks.get() as { bytes: number; samples: number };
  db.close();
  say(`history of ${properties} properties at 1/s for a day`, {
    samples,
    bytesPerSample: round(bytes / samples),
    fileBytesPerSample: round(statSync(path).size / samples),
  });
}

/** From the sources, in this process: what the store alone takes. */
async function measureStore(path: string, properties: number, from: number, to: number): Promise<void> {
  const store = openSqliteStore({ path, clock: systemClock, logger: silentLogger });
  const cpu = process.cpuUsage();
  const rounds = Array.from({ length: ROUNDS }, () =>
    Array.from({ length: QUERIES }, (_, n) => {
      const { name, property } = nameOf((n * 37) % properties);
      const startedAt = performance.now();
      const method = n % 2 === 0 ? 'MINMAX' : 'AVG';
      store.readHistory({ device: `default/${name}`, property, from, to, points: 300, method, gapMs: 3000 });
      return performance.now() - startedAt;
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  await store.close();
  say('history(points: 300) of a day, in the store', {
    cpuMs: round((user + system) / 1000 / ROUNDS / QUERIES),
    ...spread(rounds),
  });
}

import { writeSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';

/**
 * Writes reports without end, until it is killed. On standard output, at once: `given N` for each position it was given,
 * `durable N` for each up to which the store said that all is on disk.
 */
const store = openSqliteStore({ path: process.argv[2] as string, clock: systemClock, logger: silentLogger });
const say = (line: string) => writeSync(1, `${line}\n`);

for (;;) {
  for (let report = 0; report < 5; report++) {
    const seq = store.nextSeq();
    say(`given ${seq}`);
    store.putTwin({
      device: 'plant/boiler',
      uid: 'uid-1',
      property: `p${seq % 3}`,
      seq,
      reported: { value: seq, quality: 'GOOD', observedAt: seq },
      sync: { state: 'NONE', since: 0 },
    });
  }
  const upTo = store.lastSeq();
  await store.durable();
  say(`durable ${upTo}`);
}

import { type Clock, systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Twin } from '../../twin/twin.ts';
import { PROPERTIES } from './objects.ts';

/** Device and property of a number from 0 on, as `devicesOf('none', …)` makes them. */
export function nameOf(n: number): { name: string; property: string } {
  return { name: `none${Math.floor(n / PROPERTIES)}`, property: `p${n % PROPERTIES}` };
}

/** Readings as sensors give them: seven of ten decimals that drift, two float32, one switch; some milliseconds of jitter. */
export function* readings(
  properties: number,
  seconds: number,
  startAt: number,
): Generator<Omit<Twin, 'seq'>> {
  let random = 1;
  const next = () => {
    random = (random * 48_271) % 2_147_483_647;
    return random / 2_147_483_647;
  };
  const level = Array.from({ length: properties }, () => 200 + Math.round(next() * 100));
  for (let second = 0; second < seconds; second++) {
    for (let n = 0; n < properties; n++) {
      const { name, property } = nameOf(n);
      level[n] = (level[n] as number) + Math.round(next() * 4 - 2);
      const decimal = (level[n] as number) / 10;
      const value = n % 10 < 7 ? decimal : n % 10 < 9 ? Math.fround(decimal) : (level[n] as number) % 2 === 0;
      yield {
        device: `default/${name}`,
        uid: name,
        property,
        reported: { value, quality: 'GOOD', observedAt: startAt + second * 1000 + Math.floor(next() * 10) },
        sync: { state: 'NONE', since: startAt },
      };
    }
  }
}

/** A store whose properties were read once a second, without an outbox. @returns how many readings it took */
export async function fillHistory(
  path: string,
  properties: number,
  seconds: number,
  startAt: number,
): Promise<number> {
  let now = startAt;
  const clock: Clock = { ...systemClock, now: () => now, monotonic: () => now - startAt };
  const store = openSqliteStore({ path, clock, logger: silentLogger });
  let count = 0;
  for (const twin of readings(properties, seconds, startAt)) {
    store.putTwin({ ...twin, seq: store.nextSeq() }, { outbox: false });
    now = twin.reported?.observedAt ?? now;
    if (++count % 1000 === 0) store.flush();
  }
  await store.close();
  return count;
}

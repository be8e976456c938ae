import { describe, expect, it, onTestFinished } from 'vitest';
import { startFreshnessWatch } from '../../gateway/freshness-watch.ts';
import type { TwinSource } from '../../resolvers/context.ts';
import { freshnessOf } from '../../twin/freshness.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { property } from '../twin/objects.ts';

/** Counts its timers: the watch may have one. */
class CountingClock extends ManualClock {
  pending = 0;
  override setTimer(ms: number, fn: () => void): () => void {
    this.pending++;
    let isOpen = true;
    const end = () => {
      if (isOpen) this.pending--;
      isOpen = false;
    };
    const cancel = super.setTimer(ms, () => {
      end();
      fn();
    });
    return () => {
      end();
      cancel();
    };
  }
}

interface Device {
  state: string;
  link: 'UP' | 'DOWN';
  byEvent: boolean;
  aliveAt?: number;
  observedAt: Record<string, number | undefined>;
}

/** Devices of two properties: `fast` is stale after 3 s without a collection, `slow` after 30 s. */
async function start(names = ['pump']) {
  const clock = new CountingClock();
  const devices = new Map<string, Device>();
  const told: string[] = [];
  const known = new Map<string, ReadonlySet<string>>();
  const models = [
    property({ name: 'fast', collectCycleMs: 1000 }),
    property({ name: 'slow', collectCycleMs: 10_000 }),
  ];
  const watch = startFreshnessWatch({
    clock,
    known(id) {
      const device = devices.get(id);
      if (!device) return undefined;
      return models.map((model): TwinSource => {
        const observedAt = device.observedAt[model.name];
        const facts = { ...device, deviceState: device.state, observedAt, now: clock.now() };
        return {
          device: { namespace: 'default', name: id, nodeName: 'edge-a' },
          model,
          reported: observedAt === undefined ? undefined : { value: 1, quality: 'GOOD', observedAt },
          sync: { state: 'NONE' },
          seq: 1,
          freshness: freshnessOf({ source: 'REPLICA', model, ...facts }),
        };
      });
    },
    publish(device, fresh) {
      const before = known.get(device) ?? new Set();
      known.set(device, fresh);
      for (const { name } of models)
        if (fresh.has(name) !== before.has(name))
          told.push(`${device} ${name} ${fresh.has(name) ? 'fresh' : 'stale'}`);
    },
  });
  onTestFinished(() => watch.close());
  for (const name of names) {
    const observedAt = { fast: clock.now(), slow: clock.now() };
    devices.set(name, { state: 'online', link: 'UP', byEvent: false, aliveAt: clock.now(), observedAt });
    watch.look(name);
  }
  const news = () => told.splice(0);
  const collect = (name = 'pump') => {
    const device = devices.get(name) as Device;
    device.aliveAt = clock.now();
    watch.heard(name, device.aliveAt);
  };
  await clock.advance(20);
  news();
  return { clock, devices, watch, news, collect, pump: devices.get('pump') as Device };
}

describe('[T27] a twin', () => {
  it('is told stale within a quarter of a second of its silence, each property in its time, once', async () => {
    const { clock, news } = await start();
    await clock.advance(2900);
    expect(news()).toEqual([]);
    await clock.advance(350);
    expect(news()).toEqual(['pump fast stale']);
    await clock.advance(26_500);
    expect(news()).toEqual([]);
    await clock.advance(600);
    expect(news()).toEqual(['pump slow stale']);
    await clock.advance(600_000);
    expect(news()).toEqual([]);
  });

  it('that is collected is never told', async () => {
    const { clock, news, collect } = await start();
    for (let second = 0; second < 120; second++) {
      await clock.advance(1000);
      collect();
    }
    expect(news()).toEqual([]);
  });

  it('is told fresh when it is collected again', async () => {
    const { clock, news, collect } = await start();
    await clock.advance(60_000);
    news();
    collect();
    await clock.advance(20);
    expect(news()).toEqual(['pump fast fresh', 'pump slow fresh']);
    await clock.advance(3500);
    expect(news()).toEqual(['pump fast stale']);
  });

  it('whose silence ended before it was told is told fresh: who read it meanwhile read stale', async () => {
    const { clock, news, collect } = await start(['a', 'b']);
    await clock.advance(80);
    collect('b');
    await clock.advance(2910);
    expect(news()).toEqual(['a fast stale']);
    // The next look would be a quarter of a second after the one at a; b's deadline lies between.
    await clock.advance(150);
    collect('b');
    await clock.advance(20);
    expect(news()).toEqual(['b fast stale', 'b fast fresh']);
  });

  it('of a device that goes offline is told at once, and of one that comes back', async () => {
    const { clock, news, watch, pump } = await start();
    pump.state = 'offline';
    watch.look('pump');
    await clock.advance(10);
    expect(news()).toEqual(['pump fast stale', 'pump slow stale']);
    pump.state = 'online';
    watch.look('pump');
    await clock.advance(10);
    expect(news()).toEqual(['pump fast fresh', 'pump slow fresh']);
  });

  it('that comes by event is never told for silence', async () => {
    const { clock, news, watch, pump } = await start();
    pump.byEvent = true;
    watch.look('pump');
    await clock.advance(1_000_000);
    expect(news()).toEqual([]);
  });

  it('that said nothing ever is stale from the begin, and fresh with its first word', async () => {
    const { clock, news, watch, pump, collect } = await start();
    pump.observedAt.slow = undefined;
    watch.look('pump');
    await clock.advance(10);
    expect(news()).toEqual(['pump slow stale']);
    collect();
    await clock.advance(10);
    expect(news()).toEqual([]);
    pump.observedAt.slow = clock.now();
    watch.reported('pump', 'slow');
    await clock.advance(10);
    expect(news()).toEqual(['pump slow fresh']);
  });

  it('of a device that is gone is forgotten, told or found out', async () => {
    for (const how of ['forget', 'look'] as const) {
      const { clock, news, watch, devices } = await start();
      devices.delete('pump');
      watch[how]('pump');
      await clock.advance(100_000);
      expect(news()).toEqual([]);
      expect(clock.pending).toBe(0);
    }
  });

  it('of a device that comes under the name of one that is gone begins as stale', async () => {
    const { clock, watch, news } = await start();
    watch.forget('pump');
    watch.look('pump');
    await clock.advance(10);
    // The subscribers' set has forgotten it too: it is told to be fresh again.
    expect(news()).toEqual([]);
    await clock.advance(3300);
    expect(news()).toEqual(['pump fast stale']);
  });
});

describe('[T27] a link that goes down', () => {
  it('makes all twins of its node stale, 250 in each slice, each told once', async () => {
    const names = Array.from({ length: 5000 }, (_, n) => `d${n}`);
    const { clock, devices, watch, news } = await start(names);
    await clock.advance(500);
    news();
    for (const [name, device] of devices) {
      device.link = 'DOWN';
      watch.look(name);
    }
    news();
    await clock.advance(10);
    expect(news()).toHaveLength(250);
    await clock.advance(300);
    expect(clock.pending).toBe(1);
    await clock.advance(90);
    expect(news()).toHaveLength(9750);
    await clock.advance(10_000);
    expect(news()).toEqual([]);
  });
});

describe('[T27] time', () => {
  it('costs one timer, however many devices there are, and none when it is closed', async () => {
    const { clock, watch, collect } = await start(['a', 'b', 'c']);
    expect(clock.pending).toBe(1);
    collect('b');
    await clock.advance(1000);
    expect(clock.pending).toBe(1);
    await watch.close();
    await watch.close();
    watch.look('a');
    expect(clock.pending).toBe(0);
  });
});

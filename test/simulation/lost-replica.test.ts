import { expect, it, onTestFinished } from 'vitest';
import { Replica } from '../../cloud/replica.ts';
import { Resync } from '../../cloud/resync.ts';
import { EdgeSync } from '../../edge-node/sync.ts';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { silentLogger } from '../../lib/logger.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import type { TwinsDown } from '../../tunnel/messages.ts';
import type { Twin } from '../../twin/twin.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { Line, type LineWish } from './line.ts';

const PROPERTIES = Array.from({ length: 10 }, (_, index) => `p${index}`);
const DEVICES = Array.from({ length: 1000 }, (_, index) => `d${index}`);
const PANEL = 'default/panel';

/** A node with 10 000 twins comes to a replica that knows nothing, and goes on reporting meanwhile; in simulated time, which is exact. */
async function comeBack(wish: LineWish) {
  const clock = new ManualClock();
  const store = openMemoryStore({ disk: new MemoryDisk(), clock, logger: silentLogger });
  const registry = new TwinRegistry(store, clock);
  const sync = new EdgeSync({ store, registry, onObjects() {}, clock, logger: silentLogger });
  onTestFinished(async () => {
    sync.close();
    await store.close();
  });
  const report = (device: string, property: string, value: number) =>
    registry.report(device, property, { value, quality: 'GOOD', observedAt: clock.now() });
  const model = modelObject(
    'sensor',
    PROPERTIES.map((name) => ({ name, type: 'INT', accessMode: 'ReadOnly' })),
  );
  for (const name of [...DEVICES, 'panel'])
    registry.setDevice(deviceObject(name, { model: 'sensor' }), model);
  for (const name of DEVICES)
    for (const [index, property] of PROPERTIES.entries()) report(`default/${name}`, property, index);
  store.flush();
  // Another replica had all of it.
  store.acknowledge('replica-0', store.lastSeq());

  const liveMs: number[] = [];
  const replica = new Replica({
    holds: () => true,
    isLocalOnly: () => false,
    onForgotten() {},
    onState() {},
    onCollected() {},
    onTwin(_node, { device, reported }: Twin) {
      if (device === PANEL) liveMs.push(clock.now() - (reported?.observedAt ?? 0));
    },
  });
  replica.connect('edge-a', store.identity.storeId);
  const answer = (message: TwinsDown) =>
    void clock.setTimer(wish.latencyMs, () => sync.onMessage(line, message));
  const resync = new Resync({
    nodeName: 'edge-a',
    replica,
    send: (message) => answer(message as TwinsDown),
    clock,
  });
  const line: Line = new Line(clock, wish, (message) => {
    if (message.type === 'digest') resync.takeDigest(message);
    if (message.type === 'devices') resync.takeDevices(message);
    if (message.type === 'snapshot') {
      replica.applySnapshot('edge-a', message, clock.now());
      if (message.last) resync.snapshotEnded();
    }
    if (message.type !== 'reports') return;
    replica.apply('edge-a', message.updates);
    if (!message.ahead) answer({ type: 'acked', seq: message.updates.at(-1)?.seq ?? 0 });
  });
  sync.onConnected(line);
  let step = 0;
  for (; !replica.isWhole('edge-a'); step++) {
    report(PANEL, `p${step % 4}`, step);
    await clock.advance(100);
  }
  return { liveMs, held: [...replica.held('edge-a')], seconds: step / 10 };
}

it.each([
  ['200 kbit/s', { bytesPerSecond: 25_000, latencyMs: 50 }],
  ['a satellite', { bytesPerSecond: 125_000, latencyMs: 300 }],
])(
  '[W38] what is live waits less than 1 s while a replica that lost everything is told all, over %s',
  async (_line, wish) => {
    const { liveMs, held, seconds } = await comeBack(wish);
    expect(held.filter(([, twins]) => twins.length === PROPERTIES.length)).toHaveLength(DEVICES.length);
    expect(liveMs.length).toBeGreaterThan(20);
    expect(Math.max(...liveMs)).toBeLessThan(1000);
    // The bytes alone take 7 s, and 1.5 s.
    expect(seconds).toBeLessThan(30);
  },
);

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Replica } from '../../cloud/replica.ts';
import { EdgeSync } from '../../edge-node/sync.ts';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Twin } from '../../twin/twin.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { Line, type LineWish } from './line.ts';

export interface DrainWish extends LineWish {
  /** Simulated time without a link. */
  offlineSeconds: number;
  /** Each reports a number, one higher every second, offline and after. */
  properties: number;
  outboxLimitBytes?: number;
}

export interface DrainFacts {
  reported: number;
  /** Rows that the outbox coalesced, as it counts them itself. */
  dropped: number;
  /** Reports that the replica never took, counted one by one. */
  missing: number;
  /** What came to the replica of one property after something newer of it, or twice. */
  outOfOrder: number;
  waitedRows: number;
  drainMs: number;
  /** From the report until the replica had it, of properties without a backlog while others' went up. */
  liveMs: number[];
  /** Likewise of device states. */
  stateMs: number[];
  /** The most that the directory of the store held at any time. */
  diskBytes: number;
  outboxLeft: number;
}

const DEVICE_PROPERTIES = 10;
const START = 1_700_000_000_000;
const PANEL = 'default/panel';

/**
 * A node that is offline for long while everything reports, and what becomes of its backlog: the real store in its file, registry, sync
 * layer, encoding and replica, in simulated time. Beside the devices that report every second there is a panel that does not:
 * what it says after the outage has no backlog.
 */
export async function drain(wish: DrainWish): Promise<DrainFacts> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-drain-'));
  const clock = new ManualClock(START);
  const path = join(folder, 'edge.db');
  const { outboxLimitBytes } = wish;
  const store = openSqliteStore({ path, clock, logger: silentLogger, outboxLimitBytes });
  const registry = new TwinRegistry(store, clock);
  const sync = new EdgeSync({ store, registry, onObjects() {}, clock, logger: silentLogger });
  try {
    const names = Array.from({ length: DEVICE_PROPERTIES }, (_, index) => `p${index}`);
    const model = modelObject('sensor', [
      ...names.map((name) => ({ name, type: 'INT', accessMode: 'ReadOnly' })),
    ]);
    const devices = Array.from({ length: Math.ceil(wish.properties / DEVICE_PROPERTIES) }, (_, n) => `d${n}`);
    for (const name of [...devices, 'panel'])
      registry.setDevice(deviceObject(name, { model: 'sensor' }), model);
    const sensors = devices
      .flatMap((name) => names.map((property) => ({ device: `default/${name}`, property })))
      .slice(0, wish.properties);

    const facts: DrainFacts = {
      reported: 0,
      dropped: 0,
      missing: 0,
      outOfOrder: 0,
      waitedRows: 0,
      drainMs: 0,
      liveMs: [],
      stateMs: [],
      diskBytes: 0,
      outboxLeft: 0,
    };
    const last = new Map<string, number>();
    let taken = 0;
    let isDraining = false;
    const replica = new Replica({
      holds: () => true,
      isLocalOnly: () => false,
      onForgotten() {},
      onState() {},
      onCollected: (device, aliveAt) => {
        if (isDraining && device === PANEL && aliveAt !== undefined)
          facts.stateMs.push(clock.now() - aliveAt);
      },
      onTwin(_node, { device, property, reported }: Twin) {
        const value = reported?.value as number;
        if (device === PANEL) {
          if (isDraining) facts.liveMs.push(clock.now() - (reported?.observedAt ?? 0));
          return;
        }
        const key = `${device}/${property}`;
        if (value <= (last.get(key) ?? -1)) facts.outOfOrder++;
        last.set(key, value);
        taken++;
      },
    });
    replica.connect('edge-a', store.identity.storeId);

    let value = -1;
    /** All sensors report the next number. */
    const reportAll = () => {
      value++;
      for (const { device, property } of sensors)
        registry.report(device, property, { value, quality: 'GOOD', observedAt: clock.now() });
      facts.reported += sensors.length;
    };
    const look = () => {
      const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      facts.diskBytes = Math.max(facts.diskBytes, bytes);
    };

    for (let second = 0; second < wish.offlineSeconds; second++) {
      reportAll();
      await clock.advance(1000);
      if (second % 60 === 0) look();
    }

    facts.waitedRows = store.outboxStats(clock.now()).items;
    const line: Line = new Line(clock, wish, (message) => {
      if (message.type === 'reports') replica.apply('edge-a', message.updates);
      if (message.type === 'states')
        replica.applyStates('edge-a', message.states, message.sentAt, message.sentAt);
      const isAcked = message.type === 'reports' && !message.ahead;
      const isKnown = message.type === 'digest';
      const seq = isAcked ? (message.updates.at(-1)?.seq ?? 0) : 0;
      if (isAcked || isKnown)
        clock.setTimer(wish.latencyMs, () => sync.onMessage(line, { type: 'acked', seq, snapshot: isKnown }));
    });
    isDraining = true;
    const startedAt = clock.now();
    const backlogEndsAt = store.lastSeq();
    sync.onConnected(line);
    for (let step = 0; store.sync.ackedSeq < backlogEndsAt; step++) {
      if (step % 20 === 0) reportAll();
      registry.report(PANEL, `p${step % 4}`, { value: step, quality: 'GOOD', observedAt: clock.now() });
      registry.collected(PANEL, [], clock.now());
      sync.markState(PANEL);
      await clock.advance(50);
    }
    isDraining = false;
    facts.drainMs = clock.now() - startedAt;
    // What was reported meanwhile arrives too.
    await clock.advance(60_000);
    look();
    const stats = store.outboxStats(clock.now());
    return {
      ...facts,
      dropped: stats.dropped,
      missing: facts.reported - taken,
      outboxLeft: stats.items,
    };
  } finally {
    sync.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

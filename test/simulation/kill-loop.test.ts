import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { query, subscribeWs } from '../harness/graphql-client.ts';
import { modelObject } from '../harness/objects.ts';
import { Random } from './random.ts';

const KILLS = Number(process.env.OCTOGRAPH_KILL_LOOPS ?? 50);
/** Nodes that are killed at the same time, over and over: while one starts, another is written to. */
const NODES = 3;
const CLI = join(import.meta.dirname, '../../cli/octograph.ts');
const SUBSCRIPTION =
  'subscription { twins(properties: ["level"]) { kind twin { reported { value observedAt } } } }';
const SET = `mutation ($value: TwinValue) {
  setDesired(input: { device: { name: "tank" }, values: [{ property: "setpoint", value: $value }] }) { __typename } }`;

const MODEL = modelObject('tank', [
  { name: 'level', type: 'DOUBLE', accessMode: 'ReadOnly', maximum: '1000000' },
  { name: 'setpoint', type: 'INT', accessMode: 'ReadWrite' },
]);
const DEVICE: DeviceObject = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name: 'tank', namespace: 'default', uid: 'uid-tank', resourceVersion: '1' },
  spec: {
    deviceModelRef: { name: 'tank' },
    nodeName: 'edge-a',
    protocol: { protocolName: 'simulated' },
    properties: ['level', 'setpoint'].map((name) => ({ name, collectCycle: 20, reportCycle: 20 })),
  },
};

const openStore = (dataDir: string) =>
  openSqliteStore({ path: join(dataDir, 'edge.db'), clock: systemClock, logger: silentLogger });

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'octograph-kill-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A node with one device, as if the cloud had told it of both. */
async function prepare(): Promise<string> {
  const dataDir = temporaryDirectory();
  const store = openStore(dataDir);
  store.putObjects([MODEL, DEVICE], []);
  await store.close();
  return dataDir;
}

/** What Node made of our sources, for the starts to come: half of what a start costs. Only a process that ends in order writes it. */
async function compile(): Promise<string> {
  const cache = temporaryDirectory();
  const { child } = await startEdge(await prepare(), cache);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return cache;
}

async function startEdge(dataDir: string, cache: string): Promise<{ child: ChildProcess; url: string }> {
  const args = ['edge', '--node-name', 'edge-a', '--data-dir', dataDir, '--listen', '127.0.0.1:0'];
  const child = fork(CLI, [...args, '--anonymous', 'write'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  let words = '';
  child.stderr?.on('data', (chunk) => {
    words += chunk;
  });
  const started = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
  if (!started) throw new Error(`the edge node did not start: ${words}`);
  const [{ addresses }] = started as [{ addresses: { graphql: string } }];
  return { child, url: addresses.graphql };
}

it(`loses nothing that it told or acknowledged over ${KILLS} kills`, {
  timeout: 60_000 + KILLS * 5000,
}, async () => {
  const random = new Random(Number(process.env.SIM_SEED ?? 1));
  const cache = await compile();
  let started = 0;
  const isMore = () => started++ < KILLS;
  const kills = await Promise.all(
    Array.from({ length: NODES }, () => killOverAndOver(isMore, random.fork(), cache)),
  );
  expect(kills.reduce((sum, each) => sum + each)).toBe(KILLS);
});

/** One node on one directory, killed as long as `isMore`; after each kill its store is looked at. @returns how often it was */
async function killOverAndOver(isMore: () => boolean, random: Random, cache: string): Promise<number> {
  const dataDir = await prepare();
  const heard = new Set<string>();
  let given = 0;
  let acknowledged = 0;
  let lastSeq = 0;
  let kills = 0;
  for (; isMore(); kills++) {
    const { child, url } = await startEdge(dataDir, cache);
    const subscription = subscribeWs(url, SUBSCRIPTION);
    const exited = once(child, 'exit');
    const kill = async () => {
      await pause(random.int(0, 200));
      child.kill('SIGKILL');
    };
    let killing: Promise<void> | undefined;
    while (child.signalCode === null && child.exitCode === null) {
      const value = ++given;
      // It may be killed before it answers.
      const answer = await query(url, SET, { value }).catch(() => undefined);
      if (!answer) break;
      expect(answer.errors).toBeUndefined();
      acknowledged = value;
      killing ??= kill();
    }
    await Promise.all([killing, exited]);
    // It may have been killed before the subscription was up.
    await subscription.close().catch(() => {});
    for (const { data } of subscription.results) {
      const { kind, twin } = data.twins;
      // Freshness is told too, also of what has no value yet.
      if (kind === 'UPDATED' && twin.reported)
        heard.add(`${twin.reported.value} ${Date.parse(twin.reported.observedAt)}`);
    }

    const store = openStore(dataDir);
    const rows = store.readOutbox(0, Number.MAX_SAFE_INTEGER);
    const [proposal] = store.load().proposals;
    await store.close();
    const kept = new Set(rows.map(({ reported }) => `${reported?.value} ${reported?.observedAt}`));
    expect([...heard].filter((each) => !kept.has(each))).toEqual([]);
    expect(Number(proposal?.desired.value ?? 0), `kill ${kills}`).toBeGreaterThanOrEqual(acknowledged);
    expect(Number(proposal?.desired.value ?? 0)).toBeLessThanOrEqual(given);
    expect(new Set(rows.map(({ seq }) => seq)).size).toBe(rows.length);
    // Nothing acknowledges them, so that all rows stay: each life begins behind the last one.
    const newest = rows.at(-1)?.seq ?? 0;
    expect(newest).toBeGreaterThanOrEqual(lastSeq);
    lastSeq = newest;
  }
  expect(acknowledged).toBeGreaterThanOrEqual(kills);
  expect(heard.size).toBeGreaterThan(0);
  return kills;
}

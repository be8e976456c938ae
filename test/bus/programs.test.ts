import { type ExecFileException, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '../../bus/broker.ts';
import { type EventBusOptions, startEventBus } from '../../bus/event-bus.ts';
import type { MsgTwin } from '../../bus/kubeedge/replies.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { silentLogger } from '../../lib/logger.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';
import { MOSQUITTO, startMosquitto } from './mosquitto.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const AT = 1_767_323_045_000;
const TWINS: MsgTwin[] = [
  { property: 'temperature', type: 'double', actual: { text: '21.5', at: AT - 1000 } },
  { property: '10', type: 'int', expected: { text: '<9>', at: AT - 2000 }, actual: { text: '8', at: AT } },
];

/** A bus over twins that stand still, at a time that does: every byte is known. */
function startBus(url: string): void {
  const twins: EventBusOptions['twins'] = {
    devices: () => [{ id: 'default/pump', name: 'pump', state: 'online', lastOnlineAt: AT }],
    twins: (device) => (device === 'default/pump' ? TWINS : undefined),
    update: async () => ({ ok: true }),
    setState() {},
    onWanted: () => () => {},
    onMembership: () => () => {},
  };
  disposables.use(
    startEventBus({
      nodeName: 'edge-a',
      broker: { url },
      twins,
      messages: [],
      onMessage() {},
      createEventId: () => 'made-here',
      clock: new ManualClock(AT),
      logger: silentLogger,
    }),
  );
}

/** Arguments that every one of mosquitto's clients takes. */
const at = (port: number) => ['-h', '127.0.0.1', '-p', `${port}`];

/** Asks with `mosquitto_pub` until `mosquitto_sub` has heard what contains `marker`: topic and payload, in a line. */
async function ask(port: number, topic: string, payload: string, answer: string, marker: string) {
  const subscriber = spawn('mosquitto_sub', [...at(port), '-v', '-q', '1', '-t', answer]);
  disposables.add(() => void subscriber.kill('SIGKILL'));
  let output = '';
  subscriber.stdout.on('data', (text) => {
    output += text;
  });
  return waitFor(`an answer to ${topic} with ${marker}`, async () => {
    await publish(port, topic, payload);
    return output.split('\n').find((line) => line.includes(marker));
  });
}

const publish = (port: number, topic: string, payload: string) =>
  new Promise<void>((resolve, reject) => {
    const done = (error: ExecFileException | null) => (error ? reject(error) : resolve());
    execFile('mosquitto_pub', [...at(port), '-q', '1', '-t', topic, '-m', payload], done);
  });

const embedded = (port = 0, sessionsPath?: string) =>
  startBroker({ host: '127.0.0.1', port, sessionsPath, clock: systemClock, logger: silentLogger });
const brokers = [
  ['embedded', embedded],
  ['mosquitto', startMosquitto],
] as const;

const DEVICE = '$hw/events/device/default/pump';
const NODE = '$hw/events/node/edge-a';
const hasPrograms = MOSQUITTO !== undefined && spawnSync('mosquitto_pub', ['--help']).error === undefined;

describe.runIf(hasPrograms).each(brokers)("mosquitto's programs, broker: %s", (name, start) => {
  it('hear twins byte for byte as KubeEdge writes them: keys in the order of their bytes, <, > and & escaped', async () => {
    const { url, port } = disposables.use(await start());
    startBus(url);
    const get = (payload: string, marker: string) =>
      ask(port, `${DEVICE}/twin/get`, payload, `${DEVICE}/twin/get/result`, marker);
    const ten =
      '"10":{"expected":{"value":"\\u003c9\\u003e","metadata":{"timestamp":1767323043000}},"actual":{"value":"8","metadata":{"timestamp":1767323045000}},"optional":true,"metadata":{"type":"int"}}';
    const temperature =
      '"temperature":{"actual":{"value":"21.5","metadata":{"timestamp":1767323044000}},"optional":true,"metadata":{"type":"double"}}';
    expect(await get('{"event_id":"ü-1"}', 'ü-1')).toBe(
      `${DEVICE}/twin/get/result {"event_id":"ü-1","timestamp":1767323045000,"twin":{${ten},${temperature}}}`,
    );
    expect(await get('[]', 'code')).toBe(
      `${DEVICE}/twin/get/result {"event_id":"","timestamp":1767323045000,"code":400,"reason":"Unmarshal twin info [] failed: not a JSON object"}`,
    );
  });

  it('hear who is there, and how a device is', async () => {
    const { url, port } = disposables.use(await start());
    startBus(url);
    const members = `${NODE}/membership/get/result`;
    expect(await ask(port, `${NODE}/membership/get`, '{"event_id":"m","timestamp":1}', members, '"m"')).toBe(
      `${members} {"event_id":"m","timestamp":1767323045000,"devices":[{"id":"default/pump","name":"pump","state":"online","last_online":"2026-01-02T03:04:05Z"}]}`,
    );
    const state = `${DEVICE}/state/update`;
    expect(await ask(port, state, '{"event_id":"s","state":"OK"}', `${state}/result`, 'pump')).toBe(
      `${state}/result {"event_id":"made-here","timestamp":1767323045000,"device":{"name":"pump","state":"online","lastOnlineTime":"2026-01-02T03:04:05Z"}}`,
    );
  });

  it('are answered again when the broker was killed and is back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'octograph-broker-'));
    disposables.add(() => rmSync(folder, { recursive: true, force: true }));
    const again = (port?: number) =>
      name === 'embedded' ? embedded(port, join(folder, 'broker.db')) : startMosquitto(port);
    const first = disposables.use(await again());
    startBus(first.url);
    const get = (id: string) =>
      ask(
        first.port,
        `${DEVICE}/twin/get`,
        `{"event_id":"${id}"}`,
        `${DEVICE}/twin/get/result`,
        `"event_id":"${id}"`,
      );
    await get('before');
    await first.close();
    disposables.use(await again(first.port));
    await get('after');
  });
});

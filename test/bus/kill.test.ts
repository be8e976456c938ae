import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import { waitFor } from '../harness/wait.ts';
import { Random } from '../simulation/random.ts';
import { freePort } from './mosquitto.ts';

const KILLS = Number(process.env.OCTOGRAPH_KILL_LOOPS ?? 12);
const SEED = Number(process.env.SIM_SEED ?? 1);

const disposables = new Disposables();
afterEach(() => disposables.close());

async function startProcess(port: number, path: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'broker-process.ts'), [String(port), path]);
  disposables.add(() => void child.kill('SIGKILL'));
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (word !== 'up') throw new Error(`the broker did not start: exit code ${word}`);
  return child;
}

/** A client that comes back by itself, to a session that stays. */
function sessionOf(port: number, options: IClientOptions): MqttClient {
  const client = connect(`mqtt://127.0.0.1:${port}`, { clean: false, reconnectPeriod: 10, ...options });
  client.on('error', () => {});
  disposables.add(() => client.endAsync(true));
  return client;
}

/** What a session of this name hears, over all connections that it has. */
class Subscriber {
  readonly heard = new Set<string>();
  readonly #port: number;
  readonly #id: string;
  #client: MqttClient | undefined;

  constructor(port: number, id: string) {
    this.#port = port;
    this.#id = id;
  }

  come(): void {
    if (this.#client) return;
    this.#client = sessionOf(this.#port, { clientId: this.#id, resubscribe: false });
    this.#client.on('message', (_topic, payload) => void this.heard.add(payload.toString()));
  }

  async subscribe(qos: 1 | 2): Promise<void> {
    this.come();
    await this.#client?.subscribeAsync(['news/#', 'news/+'], { qos });
  }

  async go(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
  }
}

const hasMosquitto = spawnSync('mosquitto_sub', ['--help']).error === undefined;

/** What mosquitto_sub hears, which comes back by itself, a second after each kill. */
function startMosquittoSub(port: number, clientId: string, qos: number): ReadonlySet<string> {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-i', clientId, '-c'];
  const child = spawn('mosquitto_sub', [...where, '-q', String(qos), '-t', 'news/#']);
  disposables.add(() => void child.kill('SIGKILL'));
  const heard = new Set<string>();
  createInterface({ input: child.stdout }).on('line', (line) => void heard.add(line));
  return heard;
}

describe(`a broker that is killed ${KILLS} times, seed ${SEED}`, () => {
  it.each([1, 2] as const)(
    'loses nothing that it acknowledged with QoS %i',
    {
      timeout: 60_000 + KILLS * 5_000,
    },
    async (qos) => {
      const random = new Random(SEED);
      const folder = mkdtempSync(join(tmpdir(), 'octograph-broker-'));
      disposables.add(() => rmSync(folder, { recursive: true, force: true }));
      const port = await freePort();
      const start = () => startProcess(port, join(folder, 'broker.db'));
      let child = await start();
      const subscribers = ['listens', 'comes-and-goes', 'away'].map((id) => new Subscriber(port, id));
      for (const subscriber of subscribers) await subscriber.subscribe(qos);
      await subscribers[2]?.go();
      const heard: Array<ReadonlySet<string>> = subscribers.map((subscriber) => subscriber.heard);
      if (hasMosquitto) {
        const mosquitto = new Subscriber(port, 'mosquitto');
        await mosquitto.subscribe(qos);
        await mosquitto.go();
        heard.push(startMosquittoSub(port, 'mosquitto', qos));
      }

      const publisher = sessionOf(port, { clientId: 'publisher' });
      const acknowledged = new Set<string>();
      let given = 0;
      let isOver = false;
      const publish = async () => {
        while (!isOver) {
          const text = `${++given}`;
          const options = { qos, retain: given % 5 === 0 };
          await publisher.publishAsync(`news/${given % 7}`, text, options).then(
            () => void acknowledged.add(text),
            // While it repeats what went before it gives up on what is new.
            () => pause(10),
          );
          publisher.publish('news/0', 'noise');
        }
      };
      const publishing = Array.from({ length: 20 }, publish);
      for (let kill = 0; kill < KILLS; kill++) {
        if (random.chance(0.5)) await subscribers[1]?.go();
        await pause(random.int(0, 150));
        if (random.chance(0.5)) subscribers[1]?.come();
        await pause(random.int(0, 150));
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
        child = await start();
      }
      isOver = true;
      await Promise.all(publishing);
      expect(acknowledged.size).toBeGreaterThan(KILLS);
      for (const subscriber of subscribers) subscriber.come();
      for (const each of heard) {
        const missing = () => [...acknowledged].filter((text) => !each.has(text));
        await waitFor('all that was acknowledged', () => missing().length === 0).catch(() => {});
        expect(missing()).toEqual([]);
      }
    },
  );
});

import { connect } from 'mqtt';
import { type Clock, every } from '../../lib/clock.ts';
import type { Closable } from '../../lib/disposables.ts';
import { createRoom } from './room.ts';

export interface MqttRoomOptions {
  brokerUrl: string;
  /** Its topics start with `rooms/<name>/`. */
  name: string;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  stepMs?: number;
}

/**
 * A room on MQTT. It connects by itself, whenever the broker comes.
 *
 * | topic                  | payload                                                        |
 * |------------------------|----------------------------------------------------------------|
 * | `rooms/<name>/air`     | `{"humidity":44.8,"co2":612,"occupancy":3}`, every step        |
 * | `rooms/<name>/fan`     | `{"speed":1}`, when it changes, retained                       |
 * | `rooms/<name>/fan/set` | `{"speed":2}`, obeyed; 0..3                                    |
 * | `rooms/<name>/state`   | `online`, retained; `offline` by its last will, or when it ends |
 */
export function startMqttRoom({ brokerUrl, name, clock, random, stepMs = 200 }: MqttRoomOptions): Closable {
  const room = createRoom({ random });
  const topic = (leaf: string) => `rooms/${name}/${leaf}`;
  const client = connect(brokerUrl, {
    reconnectPeriod: 500,
    will: { topic: topic('state'), payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  const tellFan = () =>
    client.publish(topic('fan'), JSON.stringify({ speed: room.fanSpeed }), { qos: 1, retain: true });

  // A broker that is not there yet is tried again.
  client.on('error', () => {});
  client.on('connect', () => {
    client.subscribe(topic('fan/set'), { qos: 1 });
    client.publish(topic('state'), 'online', { qos: 1, retain: true });
    tellFan();
  });
  client.on('message', (_topic, payload) => {
    if (room.setFanSpeed(speedIn(payload))) tellFan();
  });
  const stop = every(clock, stepMs, () => {
    room.step(stepMs);
    if (client.connected) client.publish(topic('air'), JSON.stringify(room.air));
  });

  let closing: Promise<void> | undefined;
  return {
    close() {
      closing ??= (async () => {
        stop();
        // A broker that goes away at the same time never acknowledges; its own last will says the same.
        const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
        const told = client.publishAsync(topic('state'), 'offline', { qos: 1, retain: true }).catch(() => {});
        if (client.connected) await Promise.race([told, gone]);
        await client.endAsync(true);
      })();
      return closing;
    },
  };
}

function speedIn(payload: Buffer): unknown {
  try {
    return (JSON.parse(payload.toString('utf8')) as { speed?: unknown } | null)?.speed;
  } catch {
    return undefined; // Not JSON is no speed.
  }
}

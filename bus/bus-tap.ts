import { connect } from 'mqtt';
import type { Clock } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import { type MqttBroker, mqttOptions } from '../lib/mqtt-broker.ts';
import type { BusMessage } from './mqtt-client.ts';

export interface BusTapOptions {
  broker: MqttBroker;
  filter: string;
  onMessage(message: BusMessage): void;
  /** The broker went away: what is said from here on is missed. Called at most once, and not after `close`. */
  onLost(error: OctographError): void;
  clock: Clock;
}

/** Milliseconds that a broker has to take the subscription. */
const TIMEOUT_MS = 5_000;

/**
 * What is said on one filter, as it comes, while somebody listens; what a broker had retained is not told. A client of its own, so
 * that no other subscription of ours makes anything come twice. Resolves when the broker has the subscription.
 * @throws OctographError `BUS_UNREACHABLE`, `BUS_REFUSED`
 */
export async function openBusTap({
  broker,
  filter,
  onMessage,
  onLost,
  clock,
}: BusTapOptions): Promise<Closable> {
  const client = connect(broker.url, { ...mqttOptions(broker), clean: true });
  client.on('message', (topic, payload, { retain }) => {
    if (!retain) onMessage({ topic, payload: Buffer.from(payload) });
  });
  // It tries again by itself; whoever waits is told below.
  client.on('error', () => {});
  const subscribed = Promise.withResolvers<void>();
  const cancel = clock.setTimer(TIMEOUT_MS, () => {
    const message = `the MQTT broker ${broker.url} took no subscription within ${TIMEOUT_MS} ms`;
    subscribed.reject(new OctographError('BUS_UNREACHABLE', message));
  });
  client.subscribe(filter, { qos: 1 }, (error, granted) => {
    const isRefused = error || granted?.some(({ qos }) => qos >= 128);
    if (!isRefused) return subscribed.resolve();
    const message = `the MQTT broker refused a subscription to ${filter}: ${error?.message ?? 'not authorized'}`;
    subscribed.reject(new OctographError('BUS_REFUSED', message));
  });
  let isClosed = false;
  const close = async () => {
    isClosed = true;
    await client.endAsync(true);
  };
  try {
    await subscribed.promise;
  } catch (error) {
    await close();
    throw error;
  } finally {
    cancel();
  }
  client.on('close', () => {
    if (isClosed) return;
    void close();
    onLost(new OctographError('BUS_UNREACHABLE', `the MQTT broker ${broker.url} went away`));
  });
  return { close };
}

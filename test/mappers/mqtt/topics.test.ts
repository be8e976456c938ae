import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '../../../bus/broker.ts';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { startMapperHost } from '../../../mappers/host.ts';
import { createMqttMapper } from '../../../mappers/mqtt/mapper.ts';
import { MOSQUITTO, startMosquitto } from '../../bus/mosquitto.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const DEVICES = 1_000;
const PROPERTIES = 10;
const owner = { username: 'node', password: 'secret' };
const slow = { timeoutMs: 60_000 };

const brokers = {
  embedded: () =>
    startBroker({ host: '127.0.0.1', port: 0, owner, clock: systemClock, logger: silentLogger }),
  mosquitto: () => startMosquitto(),
};

describe('10 000 topics of 1 000 devices', { timeout: 150_000 }, () => {
  it.each([
    ['embedded', true],
    ['mosquitto', MOSQUITTO !== undefined],
  ] as const)('are heard one by one through the broker: %s', async (name, isThere) => {
    if (!isThere) return;
    const { url } = disposables.use(await brokers[name]());
    const told = new Map<string, unknown>();
    const states = new Map<string, string>();
    const host = disposables.use(
      startMapperHost({
        mappers: [createMqttMapper({ broker: { url, ...owner }, clock: systemClock, logger: silentLogger })],
        sink: {
          report(from, readings) {
            for (const { property: of, value } of readings) told.set(`${from.name}/${of}`, value);
          },
          collected() {},
          state: (from, state) => void states.set(from.name, state),
        },
        clock: systemClock,
        random: () => 0,
        logger: silentLogger,
      }),
    );
    host.setDevices(
      Array.from({ length: DEVICES }, (_, n) =>
        device(`d${n}`, {
          protocolName: 'mqtt',
          protocol: {},
          properties: Array.from({ length: PROPERTIES }, (_, p) =>
            property(`p${p}`, { visitor: { topic: `d${n}/p${p}` } }),
          ),
        }),
      ),
    );
    const client = await connectAsync(url, { ...owner, reconnectPeriod: 0 }, false);
    disposables.add(() => client.endAsync(true));
    // Retained: whichever comes first, the subscription or the message, it is heard.
    for (let n = 0; n < DEVICES * PROPERTIES; n++) {
      const topic = `d${Math.floor(n / PROPERTIES)}/p${n % PROPERTIES}`;
      await client.publishAsync(topic, `${n}`, { qos: 0, retain: true });
    }
    await waitFor('all of them', () => told.size === DEVICES * PROPERTIES, slow);
    expect([...told].every(([key, value]) => value === numberOf(key))).toBe(true);
    expect(new Set(states.values())).toEqual(new Set(['online']));
  });
});

function numberOf(key: string): number {
  const [, device, property] = /^d(\d+)\/p(\d+)$/.exec(key) ?? [];
  return Number(device) * PROPERTIES + Number(property);
}

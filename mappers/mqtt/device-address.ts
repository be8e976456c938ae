import { existsSync } from 'node:fs';
import type { MqttBroker } from '../../lib/mqtt-broker.ts';
import { ConfigReader } from '../config-reader.ts';
import { topicOf } from './visitor.ts';

export interface DeviceAddress {
  broker: MqttBroker;
  /** Where the device, or its last will, tells whether it is there. */
  presence?: { topic: string; online: string };
}

/** The device's protocol configData; what it does not say of a broker is the mapper's own. */
export function parseAddress(
  protocol: Record<string, unknown>,
  device: string,
  own: MqttBroker,
): DeviceAddress {
  const config = new ConfigReader(protocol, device);
  const url = config.named('url', 'brokerUrl');
  const presence = config.has('stateTopic')
    ? { topic: topicOf(config, 'stateTopic'), online: config.text('onlinePayload', 'online') }
    : undefined;
  if (!config.has(url)) return { broker: own, presence };
  if (!/^(mqtts?|tcp|ssl|wss?):\/\/./.test(config.text(url)))
    config.fail(url, 'an mqtt:// or mqtts:// address');
  const optional = (field: string) => (config.has(field) ? config.text(field) : undefined);
  return {
    broker: {
      url: config.text(url),
      protocolVersion: config.choice('mqttVersion', ['3.1.1', '5'], '3.1.1') === '5' ? 5 : 4,
      username: optional('username'),
      password: optional('password'),
      ca: fileOf(config, 'ca'),
      cert: fileOf(config, 'cert'),
      key: fileOf(config, 'key'),
    },
    presence,
  };
}

/** A PEM file that is there now: a missing one is the configuration's fault, not the network's. */
function fileOf(config: ConfigReader, field: string): string | undefined {
  if (!config.has(field)) return undefined;
  const path = config.text(field);
  return existsSync(path) ? path : config.fail(field, 'a file that exists');
}

import { ConfigReader } from '../config-reader.ts';
import type { BrokerAddress } from './connection.ts';
import { topicOf } from './visitor.ts';

export interface DeviceAddress {
  broker: BrokerAddress;
  /** Where the device, or its last will, tells whether it is there. */
  presence?: { topic: string; online: string };
}

/** The device's protocol configData; what it does not say of a broker is the mapper's own. */
export function parseAddress(
  protocol: Record<string, unknown>,
  device: string,
  own: BrokerAddress,
): DeviceAddress {
  const config = new ConfigReader(protocol, device);
  const url = config.named('url', 'brokerUrl');
  const presence = config.has('stateTopic')
    ? { topic: topicOf(config, 'stateTopic'), online: config.text('onlinePayload', 'online') }
    : undefined;
  if (!config.has(url)) return { broker: own, presence };
  if (!/^(mqtts?|tcp|ssl|wss?):\/\/./.test(config.text(url)))
    config.fail(url, 'an mqtt:// or mqtts:// address');
  return {
    broker: {
      url: config.text(url),
      username: config.text('username', '') || undefined,
      password: config.text('password', '') || undefined,
    },
    presence,
  };
}

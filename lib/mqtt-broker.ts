import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';

export interface MqttBroker {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://` */
  url: string;
  /** 4 is MQTT 3.1.1. The embedded broker speaks nothing else. @default 4 */
  protocolVersion?: 4 | 5;
  username?: string;
  password?: string;
  /** PEM files. `ca`: whom to trust instead of the system's authorities; `cert` and `key`: who we are. */
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * What every client of ours says to mqtt.js: it connects again and again, and subscribes by itself when it did.
 * @throws Error of the file system where a PEM file cannot be read
 */
export function mqttOptions({ protocolVersion = 4, username, password, ca, cert, key }: MqttBroker) {
  return {
    protocolVersion,
    username,
    password,
    ...(ca && { ca: readFileSync(ca) }),
    ...(cert && key && { cert: readFileSync(cert), key: readFileSync(key) }),
    resubscribe: false,
    reconnectPeriod: 1_000,
    connectTimeout: 5_000,
    reconnectOnConnackError: true,
    // Else mqtt-packet makes a Buffer of every number up to 65 535 once: 10 MB, for this client and the embedded broker alike.
    writeCache: false,
  } satisfies IClientOptions;
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AclFile } from '../../bus/acl-file.ts';
import { type BrokerFacts, type BrokerTls, startBroker } from '../../bus/broker.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from '../../bus/limits.ts';
import { PasswordFile } from '../../bus/password-file.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Disposables } from '../../lib/disposables.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Listener } from '../../lib/listen.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MqttBroker } from '../../lib/mqtt-broker.ts';
import type { Options, Settings } from '../settings.ts';

/** Settings of the embedded broker's limits. */
const LIMITS = {
  'mqtt-client-messages-per-second': 'messagesPerSecond',
  'mqtt-client-bytes-per-second': 'bytesPerSecond',
  'mqtt-client-subscriptions': 'maxSubscriptions',
  'mqtt-connections': 'maxConnections',
  'mqtt-address-connections': 'maxAddressConnections',
  'mqtt-packet-bytes': 'maxPacketBytes',
  'mqtt-topic-bytes': 'maxTopicBytes',
  'mqtt-sessions': 'maxSessions',
  'mqtt-session-days': 'sessionDays',
  'mqtt-session-in-flight': 'maxInFlight',
  'mqtt-offline-messages': 'maxOfflineMessages',
  'mqtt-offline-bytes': 'maxOfflineBytes',
  'mqtt-all-offline-bytes': 'maxAllOfflineBytes',
  'mqtt-retained-topics': 'maxRetainedTopics',
  'mqtt-retained-bytes': 'maxRetainedBytes',
} as const satisfies Record<string, keyof BrokerLimits>;

const LIMIT_HELP: Record<keyof typeof LIMITS, string> = {
  'mqtt-client-messages-per-second': 'what it takes from one client, twice as much at once; 0: no limit',
  'mqtt-client-bytes-per-second': 'the same in bytes',
  'mqtt-client-subscriptions': 'most subscriptions of one client',
  'mqtt-connections': 'most connections',
  'mqtt-address-connections': 'most connections from one address',
  'mqtt-packet-bytes': 'longest packet',
  'mqtt-topic-bytes': 'longest topic',
  'mqtt-sessions': 'most persistent sessions',
  'mqtt-session-days': 'days after which the session of an absent client ends',
  'mqtt-session-in-flight': 'most messages that a session has not acknowledged',
  'mqtt-offline-messages': 'most messages kept for one session',
  'mqtt-offline-bytes': 'the same in bytes',
  'mqtt-all-offline-bytes': 'the same of all sessions together',
  'mqtt-retained-topics': 'most topics with a retained message',
  'mqtt-retained-bytes': 'most bytes of retained messages',
};

const LIMIT_OPTIONS: Options = Object.fromEntries(
  Object.entries(LIMITS).map(([name, limit]) => [
    name,
    {
      kind: 'number',
      default: DEFAULT_LIMITS[limit],
      minimum: limit.endsWith('PerSecond') ? 0 : 1,
      help: LIMIT_HELP[name as keyof typeof LIMITS],
    },
  ]),
);

/** The MQTT broker of an edge node: its own, or somebody else's. */
export const BUS_OPTIONS: Options = {
  'mqtt-listen': {
    kind: 'listener',
    help: 'where the embedded MQTT broker listens; without it none is started',
  },
  'mqtt-passwords': { kind: 'text', help: 'its users, a file of mosquitto_passwd' },
  'mqtt-acl': {
    kind: 'text',
    help: 'who may read and write which topics, a file in the format of mosquitto',
  },
  'mqtt-cert': { kind: 'text', help: 'its TLS certificate, PEM' },
  'mqtt-key': { kind: 'text', help: 'and the private key of that' },
  'mqtt-client-ca': { kind: 'text', help: 'authority whose certificates its clients must show, PEM' },
  ...LIMIT_OPTIONS,
  'mqtt-url': { kind: 'text', help: 'an external MQTT broker instead, mqtt:// or mqtts://host:port' },
  'mqtt-version': { kind: 'choice', choices: ['3.1.1', '5'], default: '3.1.1', help: 'what it speaks' },
  'mqtt-username': { kind: 'text', help: 'who we are there' },
  'mqtt-password-file': { kind: 'text', help: 'file with our password there' },
  'mqtt-ca': { kind: 'text', help: "authority of its certificate, PEM; the system's where it is left out" },
};

export interface Bus {
  /** For the node's own clients. */
  broker: MqttBroker;
  /** For everybody else. */
  address: string;
  /** Of the embedded one. */
  facts?: () => BrokerFacts;
}

export interface BusParts {
  dataDir: string;
  open: Disposables;
  logger: Logger;
}

/** Undefined where no setting asks for a bus. @throws OctographError `SETTINGS`, `PORT_TAKEN` */
export async function startBus(settings: Settings, parts: BusParts): Promise<Bus | undefined> {
  const listener = settings['mqtt-listen'] as Listener | undefined;
  if (listener) return startEmbedded(listener, settings, parts);
  const url = settings['mqtt-url'] as string | undefined;
  if (url === undefined) return undefined;
  const password = readSetting(settings, 'mqtt-password-file')?.replace(/\r?\n$/, '');
  return {
    address: url,
    broker: {
      url,
      protocolVersion: settings['mqtt-version'] === '5' ? 5 : 4,
      username: settings['mqtt-username'] as string | undefined,
      password,
      ca: settings['mqtt-ca'] as string | undefined,
    },
  };
}

async function startEmbedded(
  listener: Listener,
  settings: Settings,
  { dataDir, open, logger }: BusParts,
): Promise<Bus> {
  const tls = tlsFrom(settings);
  const users = readSetting(settings, 'mqtt-passwords');
  const rules = readSetting(settings, 'mqtt-acl');
  const isLoopback = /^(127\.|::1$|localhost$)/.test(listener.host);
  if (!isLoopback && (!tls || (users === undefined && tls.ca === undefined))) {
    throw new OctographError(
      'SETTINGS',
      `--mqtt-listen ${listener.host}:${listener.port} is not loopback: it needs --mqtt-cert and --mqtt-key, and --mqtt-passwords or --mqtt-client-ca`,
    );
  }
  const passwords =
    users === undefined ? undefined : new PasswordFile(users, settings['mqtt-passwords'] as string);
  mkdirSync(dataDir, { recursive: true });
  const owner = { username: 'octograph-node', password: randomBytes(24).toString('base64url') };
  const broker = open.use(
    await startBroker({
      ...listener,
      authenticate: passwords && ((username, password) => passwords.verify(username, password)),
      access: rules === undefined ? undefined : new AclFile(rules, settings['mqtt-acl'] as string),
      owner,
      tls,
      limits: limitsFrom(settings),
      sessionsPath: join(dataDir, 'broker.db'),
      clock: systemClock,
      logger,
    }),
  );
  return { address: broker.url, broker: { url: broker.ownUrl, ...owner }, facts: broker.facts };
}

const limitsFrom = (settings: Settings): Partial<BrokerLimits> =>
  Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [limit, settings[name]]));

function tlsFrom(settings: Settings): BrokerTls | undefined {
  const cert = readSetting(settings, 'mqtt-cert');
  const key = readSetting(settings, 'mqtt-key');
  const ca = readSetting(settings, 'mqtt-client-ca');
  if (cert && key) return { cert, key, ca };
  if (!cert && !key && !ca) return undefined;
  throw new OctographError(
    'SETTINGS',
    '--mqtt-cert and --mqtt-key go together, and --mqtt-client-ca needs both',
  );
}

/** The text of the file that a setting names. */
function readSetting(settings: Settings, name: string): string | undefined {
  const path = settings[name] as string | undefined;
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OctographError('SETTINGS', `--${name} ${path}: ${messageOf(error)}`);
  }
}

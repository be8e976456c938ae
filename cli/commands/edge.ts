import { join } from 'node:path';
import { startBroker } from '../../bus/broker.ts';
import { startEdgeNode } from '../../edge-node/edge-node.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import { hostInUrl, type Listener } from '../../lib/listen.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Mapper } from '../../mappers/contract.ts';
import type { Command } from '../command.ts';
import type { Settings } from '../settings.ts';
import { ACCESS_OPTIONS, accessFrom, listenerFrom } from './access.ts';
import { joinCloud, UPLINK_OPTIONS, uplinkFrom } from './uplink.ts';

export const edgeCommand: Command = {
  usage: 'octograph edge [settings], or octograph edge join --token TOKEN --cloud URL --node-name NAME',
  options: {
    ...UPLINK_OPTIONS,
    listen: { kind: 'listener', default: '127.0.0.1:4100', help: 'where the GraphQL API listens' },
    ...ACCESS_OPTIONS,
    'mqtt-listen': {
      kind: 'listener',
      help: 'where the embedded MQTT broker listens; without it none is started',
    },
    'mqtt-url': { kind: 'text', help: 'external MQTT broker for the MQTT devices, mqtt://host:port' },
  },
  async run({ settings, positionals, logger }) {
    const [action, ...rest] = positionals;
    if (action === 'join' && rest.length === 0) {
      await joinCloud(settings);
      return undefined;
    }
    if (action !== undefined) {
      throw new OctographError('SETTINGS', `edge ${positionals.join(' ')}: expected nothing, or join`);
    }
    const { nodeName, dataDir, target } = uplinkFrom(settings);
    const backoffCapMs = settings['reconnect-cap-ms'] as number | undefined;
    const open = new Disposables();
    try {
      const mqttUrl = await startBus(settings, open, logger);
      const node = open.use(
        await startEdgeNode({
          nodeName,
          dataDir,
          listen: listenerFrom(settings),
          access: accessFrom(settings, logger),
          graphiql: settings.graphiql as boolean,
          tunnel: target && { ...target, backoffCapMs },
          mappers: await loadMappers(dataDir, mqttUrl, logger),
          bus: mqttUrl === undefined ? undefined : { url: mqttUrl },
          clock: systemClock,
          random: Math.random,
          logger,
        }),
      );
      return {
        addresses: { graphql: node.url, ...(mqttUrl && { mqtt: mqttUrl }) },
        close: () => open.close(),
      };
    } catch (error) {
      await open.close();
      throw error;
    }
  },
};

async function startBus(settings: Settings, open: Disposables, logger: Logger): Promise<string | undefined> {
  const listener = settings['mqtt-listen'] as Listener | undefined;
  if (!listener) return settings['mqtt-url'] as string | undefined;
  const broker = open.use(await startBroker({ ...listener, logger }));
  return `mqtt://${hostInUrl(listener.host)}:${broker.port}`;
}

/** Drivers cost memory: each is loaded where it can have work, and OPC UA's has a process of its own. */
async function loadMappers(dataDir: string, mqttUrl: string | undefined, logger: Logger): Promise<Mapper[]> {
  const { createModbusMapper } = await import('../../mappers/modbus/mapper.ts');
  const { createOpcuaMapper } = await import('../../mappers/opcua/mapper.ts');
  const { createSimulatedMapper } = await import('../../mappers/simulated/mapper.ts');
  const shared = { clock: systemClock, random: Math.random };
  const mappers: Mapper[] = [
    createModbusMapper(shared),
    createOpcuaMapper({ ...shared, pkiDir: join(dataDir, 'opcua'), logger }),
    createSimulatedMapper(shared),
  ];
  if (mqttUrl) {
    const { createMqttMapper } = await import('../../mappers/mqtt/mapper.ts');
    mappers.push(createMqttMapper({ brokerUrl: mqttUrl, clock: systemClock, logger }));
  }
  return mappers;
}

import { startBroker } from '../../bus/broker.ts';
import { startEdgeNode } from '../../edge-node/edge-node.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Listener } from '../../lib/listen.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Mapper } from '../../mappers/contract.ts';
import type { Command } from '../command.ts';
import type { Settings } from '../settings.ts';
import { ACCESS_OPTIONS, accessFrom, listenerFrom, TUNNEL_TLS_OPTIONS, tunnelTlsFrom } from './access.ts';

export const edgeCommand: Command = {
  usage: 'octograph edge --node-name NAME [settings]',
  options: {
    'node-name': { kind: 'text', required: true, help: 'the name of this node in Kubernetes' },
    'data-dir': { kind: 'text', default: 'edge-data', help: "this node's store; one process, one directory" },
    listen: { kind: 'listener', default: '127.0.0.1:4100', help: 'where the GraphQL API listens' },
    ...ACCESS_OPTIONS,
    cloud: {
      kind: 'text',
      help: 'tunnel address of the cloud, wss://host:port; without it the node runs alone',
    },
    ...TUNNEL_TLS_OPTIONS,
    'reconnect-cap-ms': { kind: 'number', help: 'longest wait between two dials, milliseconds' },
    'mqtt-listen': {
      kind: 'listener',
      help: 'where the embedded MQTT broker listens; without it none is started',
    },
    'mqtt-url': { kind: 'text', help: 'external MQTT broker for the MQTT devices, mqtt://host:port' },
  },
  async run({ settings, logger }) {
    const open = new Disposables();
    try {
      const mqttUrl = await startBus(settings, open, logger);
      const node = open.use(
        await startEdgeNode({
          nodeName: settings['node-name'] as string,
          dataDir: settings['data-dir'] as string,
          listen: listenerFrom(settings),
          access: accessFrom(settings, logger),
          graphiql: settings.graphiql as boolean,
          tunnel: tunnelFrom(settings),
          mappers: await loadMappers(mqttUrl, logger),
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
  return `mqtt://${listener.host}:${broker.port}`;
}

function tunnelFrom(settings: Settings) {
  const url = settings.cloud as string | undefined;
  const tls = tunnelTlsFrom(settings);
  if (!url) return undefined;
  if (!tls) throw new OctographError('SETTINGS', '--cloud needs --tunnel-ca, --tunnel-cert and --tunnel-key');
  return { url, tls, backoffCapMs: settings['reconnect-cap-ms'] as number | undefined };
}

/** Drivers cost memory: each is loaded where it can have work. */
async function loadMappers(mqttUrl: string | undefined, logger: Logger): Promise<Mapper[]> {
  const { createModbusMapper } = await import('../../mappers/modbus/mapper.ts');
  const { createSimulatedMapper } = await import('../../mappers/simulated/mapper.ts');
  const shared = { clock: systemClock, random: Math.random };
  const mappers: Mapper[] = [createModbusMapper(shared), createSimulatedMapper(shared)];
  if (mqttUrl) {
    const { createMqttMapper } = await import('../../mappers/mqtt/mapper.ts');
    mappers.push(createMqttMapper({ brokerUrl: mqttUrl, clock: systemClock, logger }));
  }
  return mappers;
}

import { join } from 'node:path';
import { startEdgeNode } from '../../edge-node/edge-node.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MqttBroker } from '../../lib/mqtt-broker.ts';
import { growFreely } from '../../lib/small-process.ts';
import type { Mapper } from '../../mappers/contract.ts';
import type { Command } from '../command.ts';
import { ACCESS_OPTIONS, accessFrom, guardsFrom, listenerFrom } from './access.ts';
import { BUS_OPTIONS, startBus } from './bus.ts';
import { MESSAGE_OPTIONS, messagesFrom } from './messages.ts';
import { STORE_OPTIONS, storeFrom } from './store.ts';
import { joinCloud, UPLINK_OPTIONS, uplinkFrom } from './uplink.ts';

export const edgeCommand: Command = {
  usage: 'octograph edge [settings], or octograph edge join --token TOKEN --cloud URL --node-name NAME',
  options: {
    ...UPLINK_OPTIONS,
    listen: { kind: 'listener', default: '127.0.0.1:4100', help: 'where the GraphQL API listens' },
    ...ACCESS_OPTIONS,
    ...BUS_OPTIONS,
    ...MESSAGE_OPTIONS,
    ...STORE_OPTIONS,
    mapper: { kind: 'list', help: 'mappers beside our own: npm packages, or paths of modules' },
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
      const bus = await startBus(settings, { dataDir, open, logger });
      const mappers = [
        ...(await loadMappers(dataDir, bus?.broker, logger)),
        ...(await loadPackages((settings.mapper ?? []) as string[], dataDir, logger)),
      ];
      const node = open.use(
        await growFreely(() =>
          startEdgeNode({
            nodeName,
            dataDir,
            store: storeFrom(settings),
            listen: listenerFrom(settings),
            access: accessFrom(settings, logger),
            guards: guardsFrom(settings, logger),
            graphiql: settings.graphiql as boolean,
            tunnel: target && { ...target, backoffCapMs },
            mappers,
            bus: bus?.broker,
            brokerFacts: bus?.facts,
            messages: messagesFrom(settings),
            clock: systemClock,
            random: Math.random,
            logger,
          }),
        ),
      );
      const addresses = { graphql: node.url, ...(bus && { mqtt: bus.address }) };
      logger.info({ graphql: node.url }, 'edge node is ready');
      return { addresses, close: () => open.close() };
    } catch (error) {
      await open.close();
      throw error;
    }
  },
};

/** Drivers cost memory: each is loaded where it can have work, and OPC UA's has a process of its own. */
async function loadMappers(
  dataDir: string,
  broker: MqttBroker | undefined,
  logger: Logger,
): Promise<Mapper[]> {
  const { createModbusMapper } = await import('../../mappers/modbus/mapper.ts');
  const { createOpcuaMapper } = await import('../../mappers/opcua/mapper.ts');
  const { createSimulatedMapper } = await import('../../mappers/simulated/mapper.ts');
  const shared = { clock: systemClock, random: Math.random };
  const mappers: Mapper[] = [
    createModbusMapper(shared),
    createOpcuaMapper({ ...shared, pkiDir: join(dataDir, 'opcua'), logger }),
    createSimulatedMapper(shared),
  ];
  if (broker) {
    const { createMqttMapper } = await import('../../mappers/mqtt/mapper.ts');
    mappers.push(createMqttMapper({ broker, clock: systemClock, logger }));
  }
  return mappers;
}

/** @throws OctographError `SETTINGS` */
async function loadPackages(specifiers: string[], dataDir: string, logger: Logger): Promise<Mapper[]> {
  if (specifiers.length === 0) return [];
  const { loadMapperPackage } = await import('../../mappers/package/mapper.ts');
  return Promise.all(
    specifiers.map((specifier) =>
      loadMapperPackage({
        specifier,
        from: process.cwd(),
        dataDir: join(dataDir, 'mappers'),
        clock: systemClock,
        random: Math.random,
        logger,
      }),
    ),
  );
}

import { fileURLToPath } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { deviceId } from '../../twin/device-object.ts';
import { ConfigReader } from '../config-reader.ts';
import type { DeviceSession, Mapper, MapperDevice, MapperEvents } from '../contract.ts';
import { Shared } from '../shared.ts';
import { SharedChild } from '../shared-child.ts';
import { type OpcuaChild, OpcuaConnection } from './connection.ts';
import { type Endpoint, parseAddress } from './endpoint.ts';
import { parseMethods } from './method.ts';
import { OpcuaSession } from './session.ts';
import { parseVisitor } from './visitor.ts';

export interface OpcuaMapperOptions {
  /** Directory of our own certificate and of the trust list; made when it is first needed. */
  pkiDir: string;
  clock: Clock;
  /** 0 ≤ random() < 1; spreads restarts. */
  random: () => number;
  logger: Logger;
}

/** The program of the OPC UA process: the sources where we run from sources, a file of the bundle where we run from that. */
const CHILD = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('./child/main.ts', import.meta.url)
    : new URL('../opcua-child.js', import.meta.url),
);

/** How often a device's server is to publish where neither device nor properties say. */
const DEFAULT_PUBLISHING_MS = 1_000;

/** OPC UA servers. Devices on one server share a session; all sessions live in one process of their own. */
export function createOpcuaMapper({ pkiDir, clock, random, logger }: OpcuaMapperOptions): Mapper {
  const child: OpcuaChild = new SharedChild({
    name: 'opcua process',
    entry: CHILD,
    args: [pkiDir],
    clock,
    random,
    logger,
  });
  const connections = new Shared(
    (endpoint: Endpoint) => new OpcuaConnection(endpoint, child),
    (connection) => connection.close(),
  );
  return {
    protocol: 'opcua',
    delivery: 'event',
    async open(
      { namespace, name, protocol, properties }: MapperDevice,
      events: MapperEvents,
    ): Promise<DeviceSession> {
      const device = deviceId(namespace, name);
      const { endpoint, publishingMs } = parseAddress(protocol, device);
      const visitors = properties.flatMap((property) => parseVisitor(property, device) ?? []);
      const methods = parseMethods(new ConfigReader(protocol, device).sections('methods'), device);
      const fastest = Math.min(...visitors.map(({ samplingMs }) => samplingMs));
      return new OpcuaSession({
        device,
        publishingMs: publishingMs ?? (Number.isFinite(fastest) ? fastest : DEFAULT_PUBLISHING_MS),
        visitors,
        methods,
        events,
        clock,
        ...connections.acquire(endpoint),
      });
    },
    async close() {
      await connections.closeAll();
      await child.close();
    },
  };
}

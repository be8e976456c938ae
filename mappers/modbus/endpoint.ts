import { ConfigReader } from '../config-reader.ts';

/** One TCP connection, or one serial bus: everything behind it shares one queue. */
export type Endpoint =
  | { kind: 'tcp'; host: string; port: number }
  | {
      kind: 'rtu';
      path: string;
      baudRate: number;
      dataBits: 7 | 8;
      stopBits: 1 | 2;
      parity: 'none' | 'even' | 'odd';
    };

export interface ModbusAddress {
  endpoint: Endpoint;
  /** Unit id, KubeEdge's `slaveID`. */
  unit: number;
  /** How long one request may stay unanswered. */
  timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** The device's protocol configData: KubeEdge's modbus mapper's fields, and `host`, `unitId`, `timeoutMs`. */
export function parseAddress(protocol: Record<string, unknown>, device: string): ModbusAddress {
  const config = new ConfigReader(protocol, device);
  const mode = config.choice('communicateMode', ['TCP', 'RTU'], config.has('serialName') ? 'RTU' : 'TCP');
  return {
    endpoint: mode === 'TCP' ? tcpEndpoint(config) : rtuEndpoint(config),
    unit: config.integer(config.named('slaveID', 'slaveId', 'unitId'), { min: 0, max: 255 }, 1),
    timeoutMs: config.integer('timeoutMs', { min: 1, max: 60_000 }, DEFAULT_TIMEOUT_MS),
  };
}

function tcpEndpoint(config: ConfigReader): Endpoint {
  return {
    kind: 'tcp',
    host: config.text(config.named('ip', 'host')),
    port: config.integer('port', { min: 1, max: 65_535 }, 502),
  };
}

function rtuEndpoint(config: ConfigReader): Endpoint {
  return {
    kind: 'rtu',
    path: config.text('serialName'),
    baudRate: config.integer('baudRate', { min: 50, max: 4_000_000 }, 9600),
    dataBits: config.integer('dataBits', { min: 7, max: 8 }, 8) as 7 | 8,
    stopBits: config.integer('stopBits', { min: 1, max: 2 }, 1) as 1 | 2,
    parity: config.choice('parity', ['none', 'even', 'odd'], 'none'),
  };
}

/** `127.0.0.1:502`, or the serial port's path. */
export const endpointName = (endpoint: Endpoint): string =>
  endpoint.kind === 'tcp' ? `${endpoint.host}:${endpoint.port}` : endpoint.path;

import { Socket } from 'node:net';
import modbusSerial from 'modbus-serial';
import type { Clock } from '../../lib/clock.ts';
import { assertNever, messageOf } from '../../lib/errors.ts';
import { type Endpoint, endpointName } from './endpoint.ts';
import { unreachable } from './errors.ts';

// The package is CommonJS with types of an ES module: its class is the default of the default.
const ModbusRTU = modbusSerial.default;
export type ModbusClient = InstanceType<typeof ModbusRTU>;

/** An open wire, TCP or serial, with modbus-serial framing on it. */
export interface Line {
  readonly client: ModbusClient;
  /** Bytes that came in: what tells silence from garbage. */
  readonly receivedBytes: () => number;
  /** Called once, when the wire is gone for whatever reason. */
  onClosed: (reason: string) => void;
  close(): void;
}

export function openLine(endpoint: Endpoint, timeoutMs: number, clock: Clock): Promise<Line> {
  switch (endpoint.kind) {
    case 'tcp':
      return openTcpLine(endpoint, timeoutMs, clock);
    case 'rtu':
      return openRtuLine(endpoint);
    default:
      return assertNever(endpoint);
  }
}

/** Our own socket under the library: it reports neither a reset nor a connect that hangs. */
async function openTcpLine(
  endpoint: Extract<Endpoint, { kind: 'tcp' }>,
  timeoutMs: number,
  clock: Clock,
): Promise<Line> {
  const socket = new Socket();
  await connect(socket, endpoint, timeoutMs, clock);
  socket.setNoDelay(true).setKeepAlive(true, 30_000);
  const client = new ModbusRTU();
  const line: Line = {
    client,
    receivedBytes: () => socket.bytesRead,
    onClosed: () => {},
    close: () => socket.destroy(),
  };
  let failure = 'the device closed the connection';
  socket.on('error', (error) => {
    failure = messageOf(error);
  });
  socket.on('close', () => line.onClosed(failure));
  await client.linkTCP(socket, { port: endpoint.port });
  return line;
}

function connect(
  socket: Socket,
  endpoint: Extract<Endpoint, { kind: 'tcp' }>,
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      cancel();
      socket.destroy();
      reject(unreachable(`cannot connect to ${endpointName(endpoint)}: ${reason}`));
    };
    const cancel = clock.setTimer(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`));
    const onError = (error: Error) => fail(messageOf(error));
    socket.once('error', onError);
    socket.connect(endpoint.port, endpoint.host, () => {
      cancel();
      socket.off('error', onError);
      resolve();
    });
  });
}

/** Buffered: the unbuffered port loses bytes of long answers. */
async function openRtuLine({
  path,
  baudRate,
  dataBits,
  stopBits,
  parity,
}: Extract<Endpoint, { kind: 'rtu' }>): Promise<Line> {
  const client = new ModbusRTU();
  try {
    await client.connectRTUBuffered(path, { baudRate, dataBits, stopBits, parity });
  } catch (error) {
    throw unreachable(`cannot open the serial port ${path}: ${messageOf(error)}`, error);
  }
  const line: Line = {
    client,
    receivedBytes: () => 0,
    onClosed: () => {},
    close: () => client.close(() => {}),
  };
  client.on('error', (error) => line.onClosed(messageOf(error)));
  client.on('close', () => line.onClosed('the serial port was closed'));
  return line;
}

import { createServer, type Socket } from 'node:net';
import { type Listener, listen } from '../../lib/listen.ts';
import { answerRequest } from './modbus-request.ts';
import type { ModbusUnit } from './modbus-unit.ts';

export interface ModbusServerOptions extends Listener {
  /** By unit id. Like a device that is not on the bus, other ids get no answer. */
  units: ReadonlyMap<number, ModbusUnit>;
  /** What the port is for, in the error that names it taken. */
  what: string;
}

export interface ModbusServer {
  port: number;
  close(): Promise<void>;
}

/** Transaction id, protocol id, length; the unit id and the request follow. */
const HEADER_BYTES = 6;
const MAX_REQUEST_BYTES = 254;

/** Modbus TCP. */
export async function startModbusServer({
  host,
  port,
  units,
  what,
}: ModbusServerOptions): Promise<ModbusServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    // A client that resets its connection ends it: 'close' follows.
    socket.on('error', () => {});
    answerFrom(socket, units);
  });
  const boundPort = await listen(server, { host, port }, what);
  let closing: Promise<void> | undefined;
  return {
    port: boundPort,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closing;
    },
  };
}

function answerFrom(socket: Socket, units: ReadonlyMap<number, ModbusUnit>): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES) {
      const length = pending.readUInt16BE(4);
      if (pending.readUInt16BE(2) !== 0 || length < 2 || length > MAX_REQUEST_BYTES) {
        socket.destroy();
        return;
      }
      if (pending.length < HEADER_BYTES + length) return;
      const request = pending.subarray(0, HEADER_BYTES + length);
      pending = pending.subarray(HEADER_BYTES + length);
      const unit = units.get(request[6] ?? 0);
      if (unit) socket.write(envelope(request, answerRequest(unit, request.subarray(7))));
    }
  });
}

/** The request's own header and unit id around its answer. */
function envelope(request: Buffer, answer: Buffer): Buffer {
  const header = Buffer.from(request.subarray(0, HEADER_BYTES + 1));
  header.writeUInt16BE(answer.length + 1, 4);
  return Buffer.concat([header, answer]);
}

import { createServer, type Socket } from 'node:net';
import { listen } from '../../../lib/listen.ts';

/** One request as it came in, and the ways to answer it well or badly. */
export interface ScriptedRequest {
  transaction: number;
  unit: number;
  code: number;
  address: number;
  count: number;
  socket: Socket;
  /** Answers with the function code and what follows it, in a correct frame. */
  reply(code: number, ...body: number[]): void;
  exception(code: number): void;
  /** Answers a read with these registers. */
  registers(...values: number[]): void;
}

export interface ScriptedServer {
  port: number;
  /** How many connections came. */
  readonly connections: number;
  readonly requests: ReadonlyArray<Pick<ScriptedRequest, 'unit' | 'code' | 'address' | 'count'>>;
  close(): Promise<void>;
}

/** A Modbus TCP server that does what a test wants of it, right or wrong. */
export async function startScriptedServer(
  answer: (request: ScriptedRequest) => void,
  port = 0,
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const requests: ScriptedRequest[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (frame) => {
      for (let at = 0; at + 12 <= frame.length; at += 6 + frame.readUInt16BE(at + 4)) {
        const request = scripted(frame.subarray(at), socket);
        requests.push(request);
        answer(request);
      }
    });
  });
  const boundPort = await listen(server, { host: '127.0.0.1', port }, 'a test');
  return {
    port: boundPort,
    requests,
    get connections() {
      return connections;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function scripted(frame: Buffer, socket: Socket): ScriptedRequest {
  const unit = frame[6] ?? 0;
  const code = frame[7] ?? 0;
  const reply = (...pdu: number[]) => {
    const header = Buffer.from(frame.subarray(0, 6));
    header.writeUInt16BE(pdu.length + 1, 4);
    socket.write(Buffer.concat([header, Buffer.from([unit, ...pdu])]));
  };
  return {
    transaction: frame.readUInt16BE(0),
    unit,
    code,
    address: frame.readUInt16BE(8),
    count: frame.readUInt16BE(10),
    socket,
    reply,
    exception: (exception) => reply(code | 0x80, exception),
    registers: (...values) =>
      reply(code, values.length * 2, ...values.flatMap((value) => [value >> 8, value & 0xff])),
  };
}

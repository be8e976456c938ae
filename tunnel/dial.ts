import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Close } from '../lib/disposables.ts';
import { SUBPROTOCOL } from './handshake.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import type { TakeSocket } from './socket.ts';
import type { TlsFiles } from './tls-files.ts';
import { adaptWebSocket } from './ws-socket.ts';

/** What becomes of one attempt: exactly one of the two is called, unless the attempt is given up. */
export interface DialEvents {
  opened: TakeSocket;
  failed(error: unknown): void;
}

/** Begins one attempt; the returned function gives it up, and does nothing once the socket is open. */
export type Dial = (events: DialEvents) => Close;

/** The gateway answered the upgrade with an HTTP status; the message is its text. */
export class UpgradeRefused extends Error {}

export interface DialOptions {
  /** `wss://host:port` */
  url: string;
  tls: () => TlsFiles;
  timeoutMs: number;
}

export function webSocketDial({ url, tls, timeoutMs }: DialOptions): Dial {
  return ({ opened, failed }) => {
    const ws = new WebSocket(url, SUBPROTOCOL, {
      ...tls(),
      minVersion: 'TLSv1.2',
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: timeoutMs,
    });
    let settled = false;
    const fail = (error: unknown) => {
      if (settled) return;
      settled = true;
      failed(error);
    };
    ws.once('open', () => {
      settled = true;
      adaptWebSocket(ws, opened);
    });
    ws.once('unexpected-response', (request, response) => {
      readText(response, (text) => {
        fail(new UpgradeRefused(text || `HTTP ${response.statusCode}`));
        request.destroy();
      });
    });
    ws.on('error', fail);
    return () => {
      if (settled) return;
      settled = true;
      ws.terminate();
    };
  };
}

const REFUSAL_LIMIT = 1000;

function readText(response: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text = (text + chunk).slice(0, REFUSAL_LIMIT);
  });
  response.once('close', () => done(text.trim()));
}

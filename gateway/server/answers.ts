import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from './door.ts';

/** On every answer: nothing we serve is run, framed or sniffed by a page, unless its route says otherwise. */
const strictHeaders: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

export function setHeaders(response: ServerResponse, headers: Record<string, string>): void {
  for (const name in headers) response.setHeader(name, headers[name]!);
}

export const setStrictHeaders = (response: ServerResponse): void => setHeaders(response, strictHeaders);

export function sendText(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.statusCode = status;
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('cache-control', 'no-store');
  response.end(body);
}

/** A refusal in words, in the form of a GraphQL error, so that a client shows it like any other. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  setHeaders(response, refusal.headers ?? {});
  // Its body was not read: the connection cannot carry another request.
  response.setHeader('connection', 'close');
  sendText(response, refusal.status, refusalBody(refusal), 'application/json');
}

/** The same on a connection that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = refusalBody(refusal);
  const headers = {
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    ...refusal.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // The client may have gone already.
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`);
}

function refusalBody({ message, code }: Refusal): string {
  return `${JSON.stringify({ errors: [{ message, extensions: { code } }] })}\n`;
}

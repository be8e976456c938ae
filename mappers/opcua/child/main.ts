import { systemClock } from '../../../lib/clock.ts';
import { codeOf, messageOf } from '../../../lib/errors.ts';
import type { FromChild, ToChild } from '../messages.ts';
import { Pki } from './pki.ts';
import { OpcuaServer } from './server.ts';

/** The OPC UA process. It is told what to do over the channel to the edge process, and ends with it. */
const pki = new Pki(process.argv[2] as string);
const servers = new Map<number, OpcuaServer>();

/** Milliseconds for saying goodbye to all servers. */
const GOODBYE_MS = 1_500;

const send = (message: FromChild, sent: () => void = () => {}) => {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
};

process.on('message', (message) => handle(message as ToChild));
process.on('disconnect', () => {
  systemClock.setTimer(GOODBYE_MS, () => process.exit(0));
  void Promise.allSettled([...servers.values()].map((server) => server.close())).then(() => process.exit(0));
});
// A Ctrl-C in a terminal goes to the whole group; it is the edge process that decides about our end.
process.on('SIGINT', () => {});

function handle(message: ToChild): void {
  switch (message.type) {
    case 'ping':
      send({ type: 'pong' });
      return;
    case 'open':
      open(message.server, message.endpoint);
      return;
    case 'close':
      void servers.get(message.server)?.close();
      servers.delete(message.server);
      return;
    case 'subscribe':
      servers.get(message.server)?.subscribe(message);
      return;
    case 'unsubscribe':
      servers.get(message.server)?.unsubscribe(message.subscription);
      return;
    case 'request':
      void answer(message);
  }
}

function open(number: number, endpoint: Extract<ToChild, { type: 'open' }>['endpoint']): void {
  if (servers.has(number)) return;
  const server = new OpcuaServer({
    endpoint,
    pki,
    clock: systemClock,
    random: Math.random,
    onUp: () => send({ type: 'up', server: number }),
    onDown: (reason) => send({ type: 'down', server: number, reason }),
    onValues: (subscription, values, taken) =>
      send({ type: 'values', server: number, subscription, values }, taken),
  });
  servers.set(number, server);
}

async function answer({ server, id, request }: Extract<ToChild, { type: 'request' }>): Promise<void> {
  try {
    const result = await servers.get(server)?.request(request);
    send({ type: 'result', server, id, result });
  } catch (error) {
    // Without a code it is the library's: the session did not bring an answer.
    send({
      type: 'failure',
      server,
      id,
      code: codeOf(error) ?? 'DEVICE_TIMEOUT',
      message: messageOf(error),
    });
  }
}

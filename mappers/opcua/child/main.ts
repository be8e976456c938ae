import { systemClock } from '../../../lib/clock.ts';
import { codeOf, messageOf } from '../../../lib/errors.ts';
import { serveParent } from '../../shared-child-side.ts';
import type { FromChild, ToChild } from '../messages.ts';
import { packValues } from '../packed-values.ts';
import { Pki } from './pki.ts';
import { OpcuaServer } from './server.ts';

/** The OPC UA process. It is told what to do over the channel to the edge process, and ends with it. */
const pki = new Pki(process.argv[2] as string);
const servers = new Map<number, OpcuaServer>();

const send = serveParent<ToChild, FromChild>({
  receive: handle,
  goodbye: () => Promise.allSettled([...servers.values()].map((server) => server.close())),
});

function handle(message: ToChild): void {
  switch (message.type) {
    case 'open':
      open(message.user, message.endpoint);
      return;
    case 'close':
      void servers.get(message.user)?.close();
      servers.delete(message.user);
      return;
    case 'subscribe':
      servers.get(message.user)?.subscribe(message);
      return;
    case 'unsubscribe':
      servers.get(message.user)?.unsubscribe(message.subscription);
      return;
    case 'request':
      void answer(message);
  }
}

function open(user: number, endpoint: Extract<ToChild, { type: 'open' }>['endpoint']): void {
  if (servers.has(user)) return;
  const server = new OpcuaServer({
    endpoint,
    pki,
    clock: systemClock,
    random: Math.random,
    onUp: () => send({ type: 'up', user }),
    onDown: (reason) => send({ type: 'down', user, reason }),
    onValues: (subscription, values, taken) =>
      send({ type: 'values', user, subscription, values: packValues(values) }, taken),
  });
  servers.set(user, server);
}

async function answer({ user, id, request }: Extract<ToChild, { type: 'request' }>): Promise<void> {
  try {
    const result = await servers.get(user)?.request(request);
    send({ type: 'result', user, id, result });
  } catch (error) {
    // Without a code it is the library's: the session did not bring an answer.
    send({
      type: 'failure',
      user,
      id,
      code: codeOf(error) ?? 'DEVICE_TIMEOUT',
      message: messageOf(error),
    });
  }
}

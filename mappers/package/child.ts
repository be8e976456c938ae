import { mkdirSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import { createLogger } from '../../lib/logger.ts';
import { ConfigReader } from '../config-reader.ts';
import type { DeviceSession, Mapper, MapperDevice } from '../contract.ts';
import { serveParent } from '../shared-child-side.ts';
import type { MapperContext } from './context.ts';
import type { FromChild, SessionCall, ToChild } from './messages.ts';

/** The process of one mapper package. Arguments: the URL of its module, and its data directory. */
const [moduleUrl, dataDir] = process.argv.slice(2) as [string, string];
const mapper = load();
const sessions = new Map<number, Promise<DeviceSession>>();
const calls = new Map<string, AbortController>();

const send = serveParent<ToChild, FromChild>({ receive, goodbye });
// Whoever asks is told.
mapper.catch(() => {});

async function load(): Promise<Mapper> {
  mkdirSync(dataDir, { recursive: true });
  const context: MapperContext = {
    dataDir,
    clock: systemClock,
    random: Math.random,
    logger: createLogger('mapper'),
    config: (fields, where) => new ConfigReader(fields, where),
    error: (code, message) => new OctographError(code, message),
  };
  const factory: unknown = (await import(moduleUrl)).default;
  if (typeof factory !== 'function') throw misfit('default export', 'a function');
  const made: unknown = await factory(context);
  const { protocol, delivery, open } = (made ?? {}) as Partial<Mapper>;
  if (typeof protocol !== 'string' || protocol !== protocol.toLowerCase())
    throw misfit('protocol', 'text in lower case');
  if (delivery !== 'poll' && delivery !== 'event') throw misfit('delivery', 'poll or event');
  if (typeof open !== 'function') throw misfit('open', 'a function');
  return made as Mapper;
}

const misfit = (what: string, expectation: string) =>
  new OctographError('MAPPER_CONFIG', `its ${what} must be ${expectation}`);

function receive(message: ToChild): void {
  switch (message.type) {
    case 'describe':
      void describe(message.user);
      return;
    case 'open':
      void open(message.user, message.device);
      return;
    case 'call':
      void answer(message.user, message.id, message.call);
      return;
    case 'cancel':
      calls.get(keyOf(message.user, message.id))?.abort(new OctographError(message.code, message.message));
      return;
    case 'close':
      void sessions
        .get(message.user)
        ?.then((session) => session.close())
        .catch(() => {});
      sessions.delete(message.user);
  }
}

async function describe(user: number): Promise<void> {
  try {
    const { protocol, delivery } = await mapper;
    send({ type: 'described', user, protocol, delivery });
  } catch (error) {
    send({ type: 'refused', user, ...plain(error) });
  }
}

async function open(user: number, device: MapperDevice): Promise<void> {
  const opening = mapper.then((made) =>
    made.open(device, {
      report: (readings) => send({ type: 'report', user, readings }),
      state: (state, reason) => send({ type: 'state', user, state, reason }),
    }),
  );
  sessions.set(user, opening);
  try {
    const { methods, browse } = await opening;
    send({ type: 'opened', user, methods: [...(methods ?? [])], canBrowse: browse !== undefined });
  } catch (error) {
    send({ type: 'refused', user, ...plain(error) });
  }
}

async function answer(user: number, id: number, call: SessionCall): Promise<void> {
  const controller = new AbortController();
  calls.set(keyOf(user, id), controller);
  try {
    const session = await sessions.get(user);
    if (!session) throw new OctographError('DEVICE_UNREACHABLE', 'the session is closed');
    send({ type: 'result', user, id, result: await run(session, call, controller.signal) });
  } catch (error) {
    send({ type: 'failure', user, id, ...plain(error) });
  } finally {
    calls.delete(keyOf(user, id));
  }
}

function run(session: DeviceSession, call: SessionCall, signal: AbortSignal): Promise<unknown> | undefined {
  switch (call.kind) {
    case 'collect':
      return session.collect(call.properties, signal);
    case 'apply':
      return session.apply(call.property, call.value, signal);
    case 'invoke':
      return session.invoke?.(call.method, call.args, signal);
    case 'browse':
      return session.browse?.(call.node, signal);
  }
}

/** The parent gives up what lasts too long. */
async function goodbye(): Promise<void> {
  await Promise.allSettled([...sessions.values()].map(async (session) => (await session).close()));
  await (await mapper).close();
}

const keyOf = (user: number, id: number) => `${user} ${id}`;

const plain = (error: unknown) => ({ code: codeOf(error) ?? '', message: messageOf(error) });

import type { Aedes, AedesPublishPacket, Client } from 'aedes';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { publishStored } from './publish-stored.ts';
import { FROM_SESSION, keepSessions, type SessionMemory } from './session-memory.ts';
import { type RetainedStore, SessionStore } from './session-store.ts';
import { type SessionClient, type SessionFacts, type SessionLimits, Sessions } from './sessions.ts';

export interface BrokerSessionsOptions {
  limits: SessionLimits;
  clock: Clock;
  logger: Logger;
  /** SQLite file; without it sessions end with the process. */
  path?: string;
  isOwner(client: Client): boolean;
  isGranted(client: Client, filter: string): boolean;
}

/** Joins sessions, their file and aedes. */
export class BrokerSessions {
  readonly #options: BrokerSessionsOptions;
  readonly #file: SessionStore | undefined;
  readonly #sessions: Sessions;
  readonly #attached = new WeakMap<Client, SessionClient>();
  /** The last message that each client was told, by aedes' count: filters of one client that overlap make it come again at once. */
  readonly #lastTold = new WeakMap<Client, number>();
  #memory: SessionMemory | undefined;
  #isQueuedFor: (payload: object, clientId: string) => boolean = () => false;
  #publish: ReturnType<typeof publishStored> | undefined;

  constructor(options: BrokerSessionsOptions) {
    const { path, limits, clock, logger } = options;
    this.#options = options;
    this.#file = path === undefined ? undefined : new SessionStore({ path, clock, logger });
    this.#sessions = new Sessions({
      limits,
      clock,
      logger,
      file: this.#file,
      onExpired: (id) => {
        void this.#memory?.cleanSubscriptions({ id });
        void this.#memory?.cleanIncoming({ id });
      },
    });
  }

  get facts(): SessionFacts {
    return this.#sessions.facts;
  }

  /** Takes over from aedes, with what the file holds. @returns what was retained */
  async join(aedes: Aedes): Promise<Array<{ topic: string; bytes: number }>> {
    const { isOwner, isGranted } = this.#options;
    const { persistence: memory, clients } = aedes as unknown as {
      persistence: SessionMemory & RetainedStore;
      clients: Record<string, Client | undefined>;
    };
    const file = this.#file;
    const sessions = this.#sessions;
    const saved = () => file?.saved() ?? Promise.resolve();
    file?.restoreSessions(sessions);
    for (const { id, filters } of sessions) {
      const subscriptions = [...filters].map(([topic, qos]) => ({ topic, qos }));
      await memory.addSubscriptions({ id }, subscriptions);
    }
    const restored = (await file?.restoreRetained(memory)) ?? [];
    this.#memory = memory;
    this.#isQueuedFor = keepSessions(memory, {
      sessions,
      isGranted: (client, filter) => isGranted(client as Client, filter),
      isNeverHeldUp: (id) => {
        const client = clients[id];
        return client !== undefined && isOwner(client);
      },
      saved,
    });
    this.#publish = publishStored(aedes, saved);

    aedes.on('client', (client) => {
      if (!client.clean) sessions.open(client.id);
    });
    aedes.on('clientReady', (client) => {
      if (client.clean || client.closed) return;
      const attached: SessionClient = {
        id: client.id,
        tell({ topic, payload, qos }, position, isRepeated) {
          const message = { cmd: 'publish', topic, payload, qos, retain: false, dup: isRepeated };
          const packet = { ...message, brokerId: FROM_SESSION, brokerCounter: position };
          client.publish(packet as AedesPublishPacket, () => {});
        },
        disconnect: () => client.close(),
      };
      this.#attached.set(client, attached);
      sessions.attach(attached);
    });
    aedes.on('clientDisconnect', (client) => {
      if (!client.clean) sessions.detach(client.id, this.#attached.get(client));
    });
    return restored;
  }

  /** Before a client is let in. False where it wants a session, and there are as many as there may be. */
  admit(client: Client): boolean {
    // aedes takes every message with a lower count for a repeated one, though counts overtake each other on their way.
    Object.assign(client, { duplicates: FORGETFUL });
    return client.clean || this.#options.isOwner(client) || this.#sessions.admit(client.id);
  }

  dismiss(client: Client): void {
    this.#sessions.dismiss(client.id);
  }

  /** Once a message may be published: calls back when it may be acknowledged. */
  publish(client: Client | null, packet: AedesPublishPacket, done: (error?: Error | null) => void): void {
    this.#publish?.(client, packet, done);
  }

  /** Whether aedes is to hand a message to a client, which may have it. A session does so by itself. */
  mayForward(client: Client, { brokerId, brokerCounter, payload, retain }: AedesPublishPacket): boolean {
    if (brokerId === FROM_SESSION) return true;
    if (!client.clean && !retain && this.#isQueuedFor(payload as Buffer, client.id)) return false;
    if (this.#lastTold.get(client) === brokerCounter) return false;
    this.#lastTold.set(client, brokerCounter);
    return true;
  }

  /** A message that a client may not have. */
  withhold(client: Client, { brokerId, brokerCounter }: AedesPublishPacket): void {
    if (brokerId === FROM_SESSION) this.#sessions.forget(client.id, brokerCounter);
  }

  async close(): Promise<void> {
    this.#sessions.close();
    await this.#file?.close();
  }
}

/** Remembers nothing. */
const FORGETFUL = new Proxy({}, { set: () => true });

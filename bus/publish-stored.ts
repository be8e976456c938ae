import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Aedes, AedesPublishPacket, Client } from 'aedes';

type Done = (error?: Error | null) => void;

/**
 * aedes says that it has a message of QoS 1 before it does anything with it, and a message of QoS 2 when it is in memory. This
 * publishes first, and lets it say so when the message is on disk.
 * @param saved resolves when what was published before, or in this turn of the event loop, is on disk
 * @returns to be called once a message may be published: calls back when it may be acknowledged
 */
export function publishStored(
  aedes: Aedes,
  saved: () => Promise<void>,
): (client: Client | null, packet: AedesPublishPacket, done: Done) => void {
  /** Messages that were published already: aedes' own attempt, which follows the acknowledgement, waits for that. */
  const published = new WeakMap<object, Promise<Error | null | undefined>>();
  const publish = aedes.publish.bind(aedes) as (packet: object, client: unknown, done: Done) => void;

  aedes.publish = ((packet: AedesPublishPacket, client: unknown, done: Done) => {
    const before = published.get(packet);
    if (before) return void before.then(done);
    if (packet.qos !== 2 || !isClient(client)) return publish(packet, client, done);
    publish(Object.assign(packet, { clientId: client.id }), client, (error) => {
      if (error) return done(error);
      saved().then(() => done(), done);
    });
  }) as Aedes['publish'];

  return (client, packet, done) => {
    // A last will has no identifier, and nobody waits for its acknowledgement.
    if (packet.qos !== 1 || !client || packet.messageId === undefined) return done();
    // It tells aedes' persistence who must not wait for the queue.
    Object.assign(packet, { clientId: client.id });
    // Each in a turn of its own, as aedes does it: a retained message takes longer, and the next would pass it.
    const begun = nextTurn();
    published.set(
      packet,
      begun.then(() => new Promise((resolve) => publish(packet, client, resolve))),
    );
    begun.then(saved).then(() => done(), done);
  };
}

const isClient = (value: unknown): value is Client => typeof value === 'object' && value !== null;

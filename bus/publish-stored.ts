import type { Aedes, AedesPublishPacket, Client } from 'aedes';

type Done = (error?: Error | null) => void;

/** A message that was published before its acknowledgement, and aedes' own attempt, which follows that and waits for it. */
interface Attempt {
  isOver: boolean;
  error?: Error | null;
  waiting?: Done;
}

interface Due {
  client: Client;
  packet: AedesPublishPacket;
  acknowledge: Done;
}

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
  const attempts = new WeakMap<object, Attempt>();
  const publish = aedes.publish.bind(aedes) as (packet: object, client: unknown, done: Done) => void;
  let due: Due[] = [];

  aedes.publish = ((packet: AedesPublishPacket, client: unknown, done: Done) => {
    const attempt = attempts.get(packet);
    if (attempt?.isOver) return done(attempt.error);
    if (attempt) {
      attempt.waiting = done;
      return;
    }
    if (packet.qos !== 2 || !isClient(client)) return publish(packet, client, done);
    publish(Object.assign(packet, { clientId: client.id }), client, (error) => {
      if (error) return done(error);
      saved().then(() => done(), done);
    });
  }) as Aedes['publish'];

  /** All that came in one turn. A retained message takes longer, and what is behind it would pass it: that has a turn of its own. */
  const publishDue = () => {
    const retained = due.findIndex(({ packet }) => packet.retain);
    const now = retained < 0 ? due : due.slice(0, retained + 1);
    due = due.slice(now.length);
    if (due.length > 0) setImmediate(publishDue);
    for (const { client, packet } of now) {
      const attempt: Attempt = { isOver: false };
      attempts.set(packet, attempt);
      publish(packet, client, (error) => {
        Object.assign(attempt, { isOver: true, error });
        attempt.waiting?.(error);
      });
    }
    const tell = (error?: Error) => {
      for (const { acknowledge } of now) acknowledge(error);
    };
    saved().then(() => tell(), tell);
  };

  return (client, packet, done) => {
    // A last will has no identifier, and nobody waits for its acknowledgement.
    if (packet.qos !== 1 || !client || packet.messageId === undefined) return done();
    // It tells aedes' persistence who must not wait for the queue.
    Object.assign(packet, { clientId: client.id });
    if (due.push({ client, packet, acknowledge: done }) === 1) setImmediate(publishDue);
  };
}

const isClient = (value: unknown): value is Client => typeof value === 'object' && value !== null;

import type { EventBus } from '../bus/event-bus.ts';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { foreignTopicProblem } from '../lib/mqtt-topic.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { CloudSession } from '../tunnel/contract.ts';
import type { PublishDown } from '../tunnel/messages.ts';
import type { Publication, Refusal } from '../twin/message.ts';

export interface PublisherOptions {
  /** Undefined: the node has no bus. */
  bus: Pick<EventBus, 'publish' | 'isConnected'> | undefined;
  store: Pick<EdgeStore, 'messages' | 'durable'>;
  /** The cloud's time, milliseconds; undefined while it was not heard. */
  cloudNow(): number | undefined;
  clock: Clock;
  logger: Logger;
}

interface Batch {
  session: CloudSession;
  message: PublishDown;
}

/** Milliseconds between two looks at a broker that is away. */
const RETRY_MS = 250;

/**
 * [W33] Publishes on the node's bus what the cloud asks for, in its order. How far it got is kept in the store: what comes again
 * is not published again.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #session: CloudSession | undefined;
  /** The batch that came last; one that came before it comes again behind what this one lacks. */
  #next: Batch | undefined;
  #isRunning = false;
  /** Ends the pause that there is. */
  #wake: (() => void) | undefined;
  /** Of the batch that was worked on last, should it come again. */
  #refused = new Map<number, Refusal>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  onConnected(session: CloudSession): void {
    this.#session = session;
  }

  onPublish(session: CloudSession, message: PublishDown): void {
    this.#next = { session, message };
    void this.#run();
  }

  /** What was not begun comes again. */
  onDisconnected(): void {
    this.#session = undefined;
    this.#next = undefined;
    this.#wake?.();
  }

  close(): void {
    this.onDisconnected();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      try {
        await this.#publishAll(batch);
      } catch (error) {
        this.#options.logger.warn({ error: messageOf(error) }, 'messages of the cloud wait for the store');
        if (await this.#pause(batch.session)) this.#next ??= batch;
      }
    }
    this.#isRunning = false;
  }

  /** @returns false where the link ended while the disk refused */
  async #isDurable(session: CloudSession): Promise<boolean> {
    const { store, logger } = this.#options;
    for (;;) {
      try {
        await store.durable();
        return true;
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'messages of the cloud wait for the disk');
      }
      if (!(await this.#pause(session))) return false;
    }
  }

  /** @returns false where the link ended meanwhile */
  async #pause(session: CloudSession): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.setTimer(RETRY_MS, resolve);
    this.#wake = resolve;
    await promise;
    cancel();
    return this.#session === session;
  }

  async #publishAll({ session, message: { queue, publications } }: Batch): Promise<void> {
    const { messages } = this.#options.store;
    const known = messages.published();
    const done = known.queue === queue ? known.seq : 0;
    const refused = new Map(
      publications.flatMap(({ seq }) => {
        const refusal = known.queue === queue ? this.#refused.get(seq) : undefined;
        return refusal ? [[seq, refusal] as const] : [];
      }),
    );
    this.#refused = refused;
    let [reached, told] = [0, 0];
    const tell = async () => {
      // W33: what was acknowledged is never published again, whatever happens to this process.
      if (reached === told || !(await this.#isDurable(session))) return;
      told = reached;
      const refusals = Array.from(refused, ([seq, refusal]) => ({ seq, ...refusal }));
      session.send({ type: 'published', seq: reached, refused: refusals });
    };
    for (const publication of publications) {
      const { seq } = publication;
      if (seq > done) {
        if (this.#options.bus?.isConnected() === false) await tell();
        const outcome = await this.#publish(publication, session);
        if (outcome === 'left') return;
        if (outcome !== 'published') refused.set(seq, outcome);
        messages.markPublished(queue, seq);
      }
      reached = seq;
    }
    await tell();
  }

  /** `left`: the link ended while the broker was away; it comes again. */
  async #publish(publication: Publication, session: CloudSession): Promise<'published' | 'left' | Refusal> {
    const { bus, cloudNow } = this.#options;
    const { topic, qos, retain, expiresAt } = publication;
    if (!bus)
      return {
        code: 'BUS_ABSENT',
        message: 'the node has no MQTT bus: start it with --mqtt-listen or --mqtt-url',
      };
    const problem = foreignTopicProblem(topic);
    if (problem !== undefined)
      return { code: 'TOPIC_FORBIDDEN', message: `topic ${JSON.stringify(topic)}: ${problem}` };
    for (;;) {
      if ((cloudNow() ?? 0) >= expiresAt) {
        const at = new Date(expiresAt).toISOString();
        return { code: 'MESSAGE_EXPIRED', message: `${topic}: it was to be published before ${at}` };
      }
      if (bus.isConnected()) {
        try {
          await bus.publish({ topic, payload: Buffer.from(publication.payload) }, qos, retain);
          return 'published';
        } catch (error) {
          // A broker that went away has refused nothing, nor has one that the node leaves because it ends.
          const isRefused = codeOf(error) !== 'BUS_FULL' && bus.isConnected() && this.#session === session;
          if (isRefused) return { code: 'BUS_REFUSED', message: `${topic}: ${messageOf(error)}` };
        }
      }
      if (this.#session !== session || !(await this.#pause(session))) return 'left';
    }
  }
}

import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { TwinsUp } from '../tunnel/messages.ts';
import type { DeviceObject } from '../twin/device-object.ts';

export interface NodeAuthorizerOptions {
  device(namespace: string, name: string): DeviceObject | undefined;
  clock: Clock;
  logger: Logger;
}

interface Audit {
  /** Since this gateway started. */
  refused: number;
  /** Monotonic; the refusals since then are told with the next line. */
  loggedAt: number;
  sinceThen: Map<string, number>;
}

/** A node that goes on and on gets a line so often, with what came together. */
const LOG_EVERY_MS = 10_000;
/** Devices that one line names. */
const NAMED_DEVICES = 10;

/**
 * [W31] A node speaks for the devices that it holds, and for no other. Who it is comes from its certificate; what it says of
 * another device is taken out of its messages here, counted and logged.
 */
export class NodeAuthorizer {
  readonly #options: NodeAuthorizerOptions;
  readonly #audits = new Map<string, Audit>();

  constructor(options: NodeAuthorizerOptions) {
    this.#options = options;
  }

  /** What of the message may be acted on. Proposals stay as they are: their judge refuses each of them by name. */
  authorize(nodeName: string, message: TwinsUp): TwinsUp {
    const own = <T extends { device: string; uid: string }>(items: T[]): T[] => {
      const refused = items.filter((item) => this.#refusal(nodeName, item) !== undefined);
      if (refused.length === 0) return items;
      this.#audit(nodeName, message.type, refused);
      return items.filter((item) => !refused.includes(item));
    };
    switch (message.type) {
      case 'reports':
        return { ...message, updates: own(message.updates) };
      case 'states':
        return { ...message, states: own(message.states) };
      case 'snapshot':
        return { ...message, updates: own(message.updates), states: own(message.states) };
      case 'devices':
        return { ...message, devices: own(message.devices) };
      case 'digest':
        return message;
      case 'proposals':
        own(message.proposals);
        return message;
      case 'machine':
        return message;
    }
  }

  /** Things that nodes said of devices that they do not hold, by node. */
  *refused(): Iterable<readonly [nodeName: string, count: number]> {
    for (const [nodeName, { refused }] of this.#audits) yield [nodeName, refused];
  }

  /** Why the node may not speak for the device, or undefined. */
  #refusal(nodeName: string, { device, uid }: { device: string; uid: string }): string | undefined {
    const [namespace = '', name = ''] = device.split('/');
    const object = this.#options.device(namespace, name);
    if (!object) return 'no such device';
    const holder = object.spec.nodeName;
    if (holder !== nodeName) return holder ? `device of node ${holder}` : 'device of no node';
    return object.metadata.uid === uid ? undefined : 'an earlier device of that name';
  }

  #audit(
    nodeName: string,
    type: TwinsUp['type'],
    items: ReadonlyArray<{ device: string; uid: string }>,
  ): void {
    const { clock, logger } = this.#options;
    const audit = this.#audits.get(nodeName) ?? {
      refused: 0,
      loggedAt: Number.NEGATIVE_INFINITY,
      sinceThen: new Map<string, number>(),
    };
    this.#audits.set(nodeName, audit);
    audit.refused += items.length;
    for (const item of items) {
      const words = `${type} of ${item.device}: ${this.#refusal(nodeName, item)}`;
      const known = audit.sinceThen.get(words);
      if (known !== undefined || audit.sinceThen.size < NAMED_DEVICES)
        audit.sinceThen.set(words, (known ?? 0) + 1);
    }
    if (clock.monotonic() - audit.loggedAt < LOG_EVERY_MS) return;
    const refused = Object.fromEntries(audit.sinceThen);
    logger.warn(
      { node: nodeName, refused, refusedInAll: audit.refused },
      'a node spoke for devices that it does not hold',
    );
    audit.loggedAt = clock.monotonic();
    audit.sinceThen = new Map();
  }
}

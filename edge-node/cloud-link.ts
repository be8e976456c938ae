import { execute, subscribe } from 'graphql';
import { createErrorMask } from '../gateway/server/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import { VERSION } from '../lib/version.ts';
import type { Context } from '../resolvers/context.ts';
import { printSubgraph } from '../schema/federation.ts';
import { hashOfSdl } from '../schema/schema-hash.ts';
import { createEdgeSubgraph } from '../schema/schemas.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { LinkState } from '../tunnel/contract.ts';
import { timeoutOf } from '../tunnel/graphql-server.ts';
import type { CloudClock } from './cloud-clock.ts';
import { startUplink, type UplinkTarget } from './enrolment/uplink.ts';
import { readMachine } from './machine.ts';
import { MachineWatch } from './machine-watch.ts';
import type { MessageOutbox } from './message-outbox.ts';
import { createOutsideContext } from './outside-context.ts';
import type { Publisher } from './publisher.ts';
import type { EdgeSync } from './sync.ts';
import type { EdgeTwinReader } from './twin-reader.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface CloudLinkOptions {
  target: UplinkTarget & { backoffCapMs?: number; pingMs?: number };
  nodeName: string;
  dataDir: string;
  store: EdgeStore;
  registry: TwinRegistry;
  cloudClock: CloudClock;
  sync: EdgeSync;
  messageOutbox: MessageOutbox;
  publisher: Publisher;
  /** What is asked through the tunnel is answered with this, as far as it may leave the node. */
  base: Omit<Context, 'principal' | 'signal'>;
  /** Twins as they are read from outside. */
  outsideTwins: EdgeTwinReader;
  /** Milliseconds since the oldest report that was not acknowledged. */
  lagMs: () => number;
  onStateChange(state: LinkState): void;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

export interface CloudLink extends Closable {
  state(): LinkState;
}

/** Keeps the tunnel to the cloud: says who the node is, shares what comes among those whom it concerns, and serves its subgraph. */
export function startCloudLink(options: CloudLinkOptions): CloudLink {
  const { store, registry, cloudClock, sync, messageOutbox, publisher, clock, logger } = options;
  const { backoffCapMs, pingMs, ...target } = options.target;
  const open = new Disposables();
  const schema = createEdgeSubgraph();
  const schemaHash = hashOfSdl(printSubgraph(schema));
  const mask = createErrorMask(logger);
  const machine = new MachineWatch({
    read: () => readMachine(options.dataDir),
    tell: (changed) => sync.sendMachine(changed),
    clock,
  });
  open.add(() => machine.close());
  const uplink = open.use(
    startUplink({
      ...target,
      nodeName: options.nodeName,
      dataDir: options.dataDir,
      hello: () => ({
        ...store.identity,
        ...store.sync,
        lastSeq: store.lastSeq(),
        schemaHash,
        version: VERSION,
        machine: machine.hello(),
      }),
      handler: {
        onConnected(session) {
          cloudClock.hear(session.welcome.serverTime);
          sync.onConnected(session);
          messageOutbox.onConnected(session);
          publisher.onConnected(session);
        },
        onMessage(session, message) {
          if (message.type === 'taken') messageOutbox.onTaken(message.seq);
          else if (message.type === 'publish') publisher.onPublish(session, message);
          else sync.onMessage(session, message);
        },
        onDisconnected(reason, code) {
          sync.onDisconnected(reason, code);
          messageOutbox.onDisconnected();
          publisher.onDisconnected();
        },
      },
      lagMs: options.lagMs,
      serveGraphql: {
        schema,
        execute,
        subscribe,
        // Without it a code would get lost on the way, and the words of a bug would not.
        onNext: (_context, _id, _payload, _args, { errors, ...result }) => ({
          ...result,
          ...(errors && { errors: errors.map(mask) }),
        }),
        context: (_context, _id, payload) =>
          createOutsideContext(options.base, options.outsideTwins.within(timeoutOf(payload)), registry),
      },
      onStateChange: options.onStateChange,
      clock,
      random: options.random,
      logger,
      pingMs,
      backoff: backoffCapMs === undefined ? undefined : { capMs: backoffCapMs },
    }),
  );
  return { state: () => uplink.state(), close: () => open.close() };
}

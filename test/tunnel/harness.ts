import { buildSchema, GraphQLError } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import {
  createCertificateAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../lib/certificates.ts';
import type { Logger } from '../../lib/logger.ts';
import { silentLogger } from '../../lib/logger.ts';
import { startTunnelClient, type TunnelClientOptions } from '../../tunnel/client.ts';
import type {
  CloudSession,
  CloudSessionHandler,
  Hello,
  NodeSession,
  NodeSessionHandler,
} from '../../tunnel/contract.ts';
import type { WireMessage } from '../../tunnel/fragments.ts';
import { timeoutOf } from '../../tunnel/graphql-server.ts';
import type { DownMessage, ReportsUp, UpMessage } from '../../tunnel/messages.ts';
import type { NodeCertificate } from '../../tunnel/peer.ts';
import { startTunnelServer, type TunnelServerOptions } from '../../tunnel/server.ts';
import { SyncDecoder, SyncEncoder } from '../../tunnel/sync-payload.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';

const DAY_MS = 24 * 3600_000;

/** How often: `npm run test:tunnel:long` takes the time that a suite run by everybody does not have. */
export const times = (short: number, long: number): number =>
  process.env.OCTOGRAPH_TEST_LONG === '1' ? long : short;

export interface CertificateWish {
  commonName?: string;
  /** null leaves it out. */
  organization?: string | null;
  usage?: 'server' | 'client';
  hosts?: string[];
  now?: number;
  validForMs?: number;
}

/** An authority with the certificates that a tunnel needs. */
export async function createPki(name = 'octograph test') {
  const now = Date.now();
  const ca = await createCertificateAuthority({ commonName: name, now, validForMs: DAY_MS });
  const files = ({ certificatePem, keyPem }: KeyedCertificate): TlsFiles => ({
    ca: ca.certificatePem,
    cert: certificatePem,
    key: keyPem,
  });
  return {
    ca,
    async server(wish: CertificateWish = {}): Promise<TlsFiles> {
      const subject = { commonName: 'gateway' };
      const hosts = ['127.0.0.1'];
      return files(
        await issueCertificate({ ca, subject, hosts, usage: 'server', now, validForMs: DAY_MS, ...wish }),
      );
    },
    async node(
      nodeName: string,
      { commonName, organization = 'system:nodes', ...wish }: CertificateWish = {},
    ) {
      const subject = {
        commonName: commonName ?? `system:node:${nodeName}`,
        ...(organization !== null && { organization }),
      };
      return files(
        await issueCertificate({ ca, subject, usage: 'client', now, validForMs: DAY_MS, ...wish }),
      );
    },
  };
}

export type Pki = Awaited<ReturnType<typeof createPki>>;

export const HELLO: Hello = {
  storeId: 'store-1',
  epoch: 1,
  replicaId: 'replica-1',
  ackedSeq: 0,
  schemaHash: 'abc',
  version: '0.1.0',
};

export function reports(fromSeq: number, count: number, raw?: string): ReportsUp {
  return {
    type: 'reports',
    updates: Array.from({ length: count }, (_, index) => ({
      seq: fromSeq + index,
      device: `default/thermostat-${index % 12}`,
      uid: `2f1c0f9e-7b1a-4f0e-9d53-0000000000${10 + (index % 12)}`,
      property: 'temperature',
      reported: {
        value: 20 + (index % 50) / 10,
        quality: 'GOOD' as const,
        observedAt: 1_763_625_600_000 + index * 200,
        ...(raw === undefined ? {} : { raw }),
      },
      sync: { state: 'NONE' as const, since: 1_763_625_600_000 },
    })),
  };
}

/** A sync message of a connection that has carried none before, and back. */
export const encodeSync = (message: UpMessage | DownMessage): WireMessage =>
  new SyncEncoder().encode(message);
export const decodeSync = (message: WireMessage): unknown => new SyncDecoder().decode(message);

/** The cloud's handler: writes down what it hears, in order. */
export class RecordingCloud implements NodeSessionHandler {
  readonly log: string[] = [];
  readonly messages: UpMessage[] = [];
  session: NodeSession | undefined;
  /** Held while a handler is to be slow. */
  gate: Promise<void> | undefined;
  onUp: (message: UpMessage) => void | Promise<void> = () => {};

  onConnected(session: NodeSession): void {
    this.log.push(`connected ${session.nodeName} ${session.hello.storeId}/${session.hello.epoch}`);
    this.session = session;
  }

  async onMessage(_session: NodeSession, message: UpMessage): Promise<void> {
    await this.gate;
    this.messages.push(message);
    await this.onUp(message);
  }

  onDisconnected(session: NodeSession, reason: string): void {
    this.log.push(
      `disconnected ${session.nodeName} ${session.hello.storeId}/${session.hello.epoch}: ${reason}`,
    );
    if (this.session === session) this.session = undefined;
  }
}

/** The edge's handler, likewise. */
export class RecordingEdge implements CloudSessionHandler {
  readonly log: string[] = [];
  readonly messages: DownMessage[] = [];
  session: CloudSession | undefined;

  onConnected(session: CloudSession): void {
    this.log.push('connected');
    this.session = session;
  }

  onMessage(_session: CloudSession, message: DownMessage): void {
    this.messages.push(message);
  }

  onDisconnected(reason: string): void {
    this.log.push(`disconnected: ${reason}`);
    this.session = undefined;
  }
}

/** A subgraph with a query that answers, one that never does, and a subscription that the test feeds. */
export function createSubgraph() {
  const events = { ended: 0, started: 0, push: (_value: number) => {} };
  const schema = buildSchema(`
    type Query { hello(name: String): String  never: String  fails: String  timeoutMs: Int  big(size: Int!): String }
    type Subscription { numbers: Int }
  `);
  const serve: ServerOptions = {
    schema,
    context: (_context, _id, payload) => ({ timeoutMs: timeoutOf(payload) }),
    roots: {
      query: {
        hello: ({ name }: { name?: string }) => `hello ${name ?? 'you'}`,
        big: ({ size }: { size: number }) => 'x'.repeat(size),
        timeoutMs: (_args: unknown, context: { timeoutMs?: number }) => context.timeoutMs ?? null,
        never: () => {
          events.started++;
          return new Promise(() => {});
        },
        fails: () => {
          throw new GraphQLError('no such thing', { extensions: { code: 'NOT_FOUND' } });
        },
      },
      subscription: {
        numbers: async function* () {
          const waiting: number[] = [];
          let wake = () => {};
          events.push = (value) => {
            waiting.push(value);
            wake();
          };
          events.started++;
          try {
            for (;;) {
              while (waiting.length > 0) yield { numbers: waiting.shift() };
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
          } finally {
            events.ended++;
          }
        },
      },
    },
  };
  return { serve, events };
}

/** A logger that keeps what was said. */
export function createRecordingLogger() {
  const lines: Array<{ fields: object; message: string }> = [];
  const write = (fields: object, message: string) => void lines.push({ fields, message });
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return { logger, lines, text: () => lines.map((line) => JSON.stringify(line)).join('\n') };
}

/** A node as its certificate shows it, for what is below TLS. */
export const nodeCertificate = (nodeName: string): NodeCertificate => ({
  nodeName,
  serialNumber: `0${nodeName.length}`,
  validTo: Number.POSITIVE_INFINITY,
});

export const startCloud = (
  tls: TlsFiles,
  handler: NodeSessionHandler,
  options: Partial<TunnelServerOptions> = {},
) =>
  startTunnelServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: () => tls,
    replicaId: 'replica-1',
    handler,
    logger: silentLogger,
    retryAfterMs: 20,
    ...options,
  });

export const startEdge = (
  port: number,
  tls: TlsFiles,
  handler: CloudSessionHandler,
  options: Partial<TunnelClientOptions> = {},
) =>
  startTunnelClient({
    url: `wss://127.0.0.1:${port}`,
    tls: () => tls,
    hello: () => HELLO,
    handler,
    serveGraphql: createSubgraph().serve,
    logger: silentLogger,
    backoff: { baseMs: 20, capMs: 100 },
    ...options,
  });

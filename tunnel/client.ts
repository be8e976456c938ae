import type { ServerOptions } from 'graphql-ws';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import type { CloudSessionHandler, Hello, LinkState } from './contract.ts';
import { webSocketDial } from './dial.ts';
import { EdgeLink, type ReconnectOptions } from './edge-link.ts';
import { explainLinkError } from './link-error.ts';
import type { TlsFiles } from './tls-files.ts';

export interface TunnelClientOptions {
  /** `wss://host:port` */
  url: string;
  /** Asked anew for every connection. */
  tls: () => TlsFiles;
  /** Likewise. */
  hello: () => Hello;
  handler: CloudSessionHandler;
  /** What the cloud may ask of this node: schema, execute, subscribe and context. */
  serveGraphql: ServerOptions;
  /** Milliseconds since the oldest report that the cloud has not acknowledged was made; 0 without one. */
  lagMs?: () => number | undefined;
  /** Up, down, and every new reason for being down. */
  onStateChange?: (state: LinkState) => void;
  logger: Logger;
  clock?: Clock;
  /** 0 ≤ random() < 1 */
  random?: () => number;
  /** @default 10_000; a silent peer is given up after two of them and half a second */
  pingMs?: number;
  /** For dialling and for the welcome, each. @default 10_000 */
  handshakeTimeoutMs?: number;
  /** @default baseMs 500, capMs 60_000, resetAfterMs 60_000 */
  backoff?: Partial<ReconnectOptions>;
}

export interface TunnelClient extends Closable {
  state(): LinkState;
  /** Gives up the connection, and dials at once: there is a new certificate to show. */
  redial(reason: string): void;
}

/** Dials the gateway and keeps doing so; returns at once, connected or not. */
export function startTunnelClient({
  url,
  tls,
  clock = systemClock,
  random = Math.random,
  pingMs = 10_000,
  handshakeTimeoutMs = 10_000,
  backoff: { baseMs = 500, capMs = 60_000, resetAfterMs = 60_000 } = {},
  ...rest
}: TunnelClientOptions): TunnelClient {
  return new EdgeLink({
    ...rest,
    clock,
    random,
    pingMs,
    handshakeTimeoutMs,
    backoff: { baseMs, capMs, resetAfterMs },
    dial: webSocketDial({ url, tls, timeoutMs: handshakeTimeoutMs }),
    explain: (error) => explainLinkError(error, { url, tls: tls(), now: clock.now() }),
  });
}

import { backoffDelay } from '../lib/backoff.ts';
import type { Closable, Close } from '../lib/disposables.ts';
import { CLOSE } from './close-codes.ts';
import { CloudPeer, type CloudPeerOptions } from './cloud-peer.ts';
import type { ConnectionEnd } from './connection.ts';
import type { LinkState } from './contract.ts';
import type { Dial } from './dial.ts';
import type { SocketEvents, SocketLike } from './socket.ts';

export interface ReconnectOptions {
  /** The first retry comes after at most this long. */
  baseMs: number;
  capMs: number;
  /** A connection that lived so long makes the next retry a first one again. */
  resetAfterMs: number;
}

export interface EdgeLinkOptions extends CloudPeerOptions {
  dial: Dial;
  /** Why a dial failed, in words for an operator. */
  explain(error: unknown): string;
  onStateChange?: (state: LinkState) => void;
  random: () => number;
  backoff: ReconnectOptions;
}

/** The edge's end, whatever carries it: one connection after the other, until closed. */
export class EdgeLink implements Closable {
  readonly #options: EdgeLinkOptions;
  readonly #bytes = { in: 0, out: 0 };
  #peer: CloudPeer | undefined;
  #giveUpDial: Close = () => {};
  #cancelRetry: Close = () => {};
  #attempt = 0;
  /** [W29] What the cloud said last of how many others there are. */
  #windowMs = 0;
  #redialing = false;
  #timesUp = 0;
  #upAt = 0;
  #state: Pick<LinkState, 'up' | 'since' | 'lastError'>;
  #measured: Pick<LinkState, 'rttMs' | 'clockOffsetMs'> = {};
  #openSockets = 0;
  #closed = false;
  #closing: Promise<void> | undefined;
  #allGone: () => void = () => {};

  constructor(options: EdgeLinkOptions) {
    this.#options = options;
    this.#state = { up: false, since: options.clock.now() };
    this.#dial();
  }

  state(): LinkState {
    return {
      ...this.#state,
      ...this.#measured,
      reconnects: Math.max(0, this.#timesUp - 1),
      bytesIn: this.#bytes.in + (this.#peer?.connection.bytesIn ?? 0),
      bytesOut: this.#bytes.out + (this.#peer?.connection.bytesOut ?? 0),
    };
  }

  close(): Promise<void> {
    // First of all: what ends from here on is not dialled again.
    this.#closed = true;
    this.#closing ??= new Promise((resolve) => {
      this.#allGone = resolve;
      this.#cancelRetry();
      this.#giveUpDial();
      this.#peer?.connection.close(CLOSE.normal, 'the node is going away');
      if (this.#openSockets === 0) resolve();
    });
    return this.#closing;
  }

  /** Gives up the connection for a new one at once: there is a new certificate to show. What was not acknowledged comes again. */
  redial(reason: string): void {
    if (this.#closed) return;
    this.#redialing = true;
    this.#attempt = 0;
    this.#cancelRetry();
    if (this.#peer) this.#peer.connection.close(CLOSE.normal, reason);
    else {
      this.#giveUpDial();
      this.#dial();
    }
    this.#redialing = false;
  }

  #dial(): void {
    const { dial, explain } = this.#options;
    this.#giveUpDial = dial({
      opened: (socket) => this.#opened(socket),
      failed: (error) => this.#retry({ reason: explain(error) }),
    });
  }

  #opened(socket: SocketLike): SocketEvents {
    const peer = new CloudPeer(socket, this.#options, {
      live: () => this.#up(),
      pong: ({ peerWallTime, rttMs, reconnectWindowMs }) => {
        const clockOffsetMs = peerWallTime + rttMs / 2 - this.#options.clock.now();
        this.#measured = { rttMs, clockOffsetMs };
        this.#windowMs = Math.min(reconnectWindowMs ?? 0, MAX_WINDOW_MS);
      },
      ended: (end) => this.#ended(end),
    });
    this.#peer = peer;
    this.#openSockets++;
    peer.open();
    return {
      message: (data) => peer.connection.message(data),
      closed: (code, reason) => {
        peer.connection.closed(code, reason);
        if (--this.#openSockets === 0) this.#allGone();
      },
    };
  }

  #up(): void {
    const { clock, logger } = this.#options;
    this.#timesUp++;
    this.#upAt = clock.monotonic();
    logger.info({ reconnects: this.#timesUp - 1 }, 'link up');
    this.#change({ ...this.#state, up: true, since: clock.now() });
  }

  #ended(end: ConnectionEnd): void {
    const { clock, backoff } = this.#options;
    const { connection } = this.#peer!;
    this.#bytes.in += connection.bytesIn;
    this.#bytes.out += connection.bytesOut;
    this.#peer = undefined;
    if (this.#state.up && clock.monotonic() - this.#upAt >= backoff.resetAfterMs) this.#attempt = 0;
    this.#retry(end);
  }

  #retry({ reason, retryAfterMs }: Pick<ConnectionEnd, 'reason' | 'retryAfterMs'>): void {
    const { clock, logger } = this.#options;
    const since = this.#state.up ? clock.now() : this.#state.since;
    const lastError = this.#closed ? this.#state.lastError : reason;
    this.#change({ up: false, since, lastError });
    if (this.#closed) return;
    const delayMs = this.#delay(retryAfterMs);
    logger.warn({ reason, retryInMs: Math.round(delayMs) }, 'link down');
    this.#cancelRetry = clock.setTimer(delayMs, () => this.#dial());
  }

  /**
   * [W22][W29] The first attempt comes at any time in the window that the cloud told, as every node lost its link when the
   * gateway went. Not before the gateway asked for, and spread over as long again: a thousand nodes were told the same.
   */
  #delay(retryAfterMs = 0): number {
    if (this.#redialing) return 0;
    const { backoff, random } = this.#options;
    const windowMs = this.#attempt === 0 ? this.#windowMs : 0;
    const delayMs = Math.max(random() * windowMs, backoffDelay(this.#attempt++, { ...backoff, random }));
    const askedMs = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    return askedMs === 0 ? delayMs : Math.max(delayMs, askedMs + random() * Math.max(askedMs, windowMs));
  }

  #change(state: Pick<LinkState, 'up' | 'since' | 'lastError'>): void {
    const changed = state.up !== this.#state.up || state.lastError !== this.#state.lastError;
    this.#state = state;
    if (changed) this.#options.onStateChange?.(this.state());
  }
}

const MAX_WINDOW_MS = 60_000;

/** What a gateway may ask for at most: a node must not be talked out of coming back. */
const MAX_RETRY_AFTER_MS = 10 * 60_000;

import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { assertNever, messageOf } from '../lib/errors.ts';
import { CLOSE, closeReason, ProtocolError } from './close-codes.ts';
import type { WireMessage } from './fragments.ts';
import { type Channel, encodeFrame, type Frame, parseFrame } from './frame.ts';
import type { Goodbye, WireHello, WireWelcome } from './handshake.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import type { DownMessage, UpMessage } from './messages.ts';
import { Receiver } from './receiver.ts';
import { SendScheduler } from './send-scheduler.ts';
import { outcomeOf, type SessionState } from './session-state.ts';
import type { SocketEvents, SocketLike } from './socket.ts';
import { SyncDecoder, SyncEncoder } from './sync-payload.ts';

/** How a connection ended, in words for the other parts and for an operator. */
export interface ConnectionEnd {
  code: number;
  reason: string;
  /** The peer asked not to be dialled for so long. */
  retryAfterMs?: number;
}

export interface PongAnswer {
  /** The peer's wall clock, milliseconds, when it answered. */
  peerWallTime: number;
  rttMs: number;
  /** [W29] From the cloud. */
  reconnectWindowMs: number | undefined;
}

export interface ConnectionEvents {
  hello(hello: WireHello): void;
  welcome(welcome: WireWelcome): void;
  /** One decoded sync message at a time; a rejection ends the connection. */
  sync(message: unknown): void | Promise<void>;
  graphql(text: string): void;
  /** The peer answered a ping. */
  pong(answer: PongAnswer): void;
  /** Exactly once; no other event comes after it. */
  ended(end: ConnectionEnd): void;
}

export interface ConnectionOptions {
  socket: SocketLike;
  role: 'cloud' | 'edge';
  clock: Clock;
  pingMs: number;
  handshakeTimeoutMs: number;
  /** At the edge: goes with every ping. */
  lagMs?: () => number | undefined;
  /** In the cloud: goes with every pong. */
  reconnectWindowMs?: () => number;
  events: ConnectionEvents;
}

/** How long a peer may take to answer a close frame before the socket is torn down. */
const CLOSE_WAIT_MS = 1000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One WebSocket, from open to closed: joins the pure parts with the socket and the clock. */
export class Connection implements SocketEvents {
  readonly #options: ConnectionOptions;
  readonly #scheduler: SendScheduler;
  readonly #receivers: Record<Channel, Receiver>;
  readonly #heartbeat: Heartbeat;
  readonly #encoder = new SyncEncoder();
  readonly #decoder = new SyncDecoder();
  #state: SessionState;
  #cancelTimer: Close;
  #goodbye: Goodbye | undefined;
  #rttMs: number | undefined;
  #peerLagMs: number | undefined;
  #bytesIn = 0;

  constructor(options: ConnectionOptions) {
    const { socket, role, clock, pingMs, handshakeTimeoutMs, events } = options;
    this.#options = options;
    this.#state = role === 'cloud' ? 'awaitingHello' : 'awaitingWelcome';
    this.#scheduler = new SendScheduler({
      socket,
      overflow: (waiting) => this.close(CLOSE.tooSlow, `${waiting} wait for a peer that does not read`),
    });
    this.#receivers = {
      sync: this.#receiver('sync', (message) => events.sync(this.#decoder.decode(message))),
      graphql: this.#receiver('graphql', ({ bytes }) => events.graphql(decodeText(bytes))),
    };
    this.#heartbeat = startHeartbeat({
      clock,
      pingMs,
      pings: role === 'edge' ? 'regularly' : 'when-silent',
      ping: () => this.ping(),
      dead: (silentMs) => {
        socket.terminate();
        this.#end({
          code: 1006,
          reason: `silent for ${Math.round(silentMs)} ms: the link is half-open or too slow`,
        });
      },
    });
    const waitsFor = role === 'cloud' ? 'hello' : 'welcome';
    this.#cancelTimer = clock.setTimer(handshakeTimeoutMs, () =>
      this.close(CLOSE.handshakeTimeout, `no ${waitsFor} within ${handshakeTimeoutMs} ms`),
    );
  }

  /** Bytes of frames, without what TLS and WebSocket add. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#scheduler.bytesSent;
  }

  /** Milliseconds of the last ping's way there and back, as whichever end pinged last measured it. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** How far behind the peer said it is, with its last ping. */
  get peerLagMs(): number | undefined {
    return this.#peerLagMs;
  }

  get bufferedBytes(): number {
    return this.#scheduler.bufferedBytes;
  }

  sendHello(hello: WireHello): void {
    this.#control({ type: 'hello', hello });
  }

  sendWelcome(welcome: WireWelcome): void {
    this.#control({ type: 'welcome', welcome });
  }

  ping(): void {
    const { clock, lagMs } = this.#options;
    this.#control({ type: 'ping', sentAt: clock.monotonic(), rttMs: this.#rttMs, lagMs: lagMs?.() });
  }

  /** @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` */
  sendSync(message: UpMessage | DownMessage): void {
    if (this.#state === 'live') this.#scheduler.sendMessage('sync', this.#encoder.encode(message));
  }

  /** `taken` is called when the socket has the text; never, when the connection ends before. */
  sendGraphql(text: string, taken?: () => void): void {
    if (this.#state !== 'live') return;
    this.#scheduler.sendMessage('graphql', { bytes: Buffer.from(text), deflated: false }, taken);
  }

  /** Ends the connection at once for us, and politely for the peer, which learns the reason in full. */
  close(code: number, reason: string, retryAfterMs?: number): void {
    this.#close({ code, reason }, { reason: reason.slice(0, 1000), retryAfterMs });
  }

  #close(end: ConnectionEnd, goodbye: Goodbye): void {
    if (this.#state === 'closing') return;
    const { socket, clock } = this.#options;
    this.#control({ type: 'goodbye', goodbye });
    this.#end(end);
    socket.close(end.code, closeReason(goodbye.reason));
    this.#cancelTimer = clock.setTimer(CLOSE_WAIT_MS, () => socket.terminate());
  }

  message(data: unknown): void {
    if (this.#state === 'closing') return;
    try {
      const frame = parseFrame(data);
      this.#bytesIn += (data as Uint8Array).byteLength;
      this.#heartbeat.heard();
      this.#receive(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  closed(code: number, reason: string): void {
    // Ours or theirs: the socket is gone, nobody has to tear it down any more.
    if (this.#state === 'closing') {
      this.#cancelTimer();
      return;
    }
    this.#end({
      code,
      reason: this.#goodbye?.reason ?? (reason || `the connection was lost (${code})`),
      retryAfterMs: this.#goodbye?.retryAfterMs,
    });
  }

  #receive(frame: Frame): void {
    const outcome = outcomeOf(this.#state, frame.type);
    if (outcome.kind === 'ignore') return;
    if (outcome.kind === 'refuse') throw new ProtocolError(`${frame.type}: ${outcome.reason}`);
    if (outcome.next === 'live') {
      this.#cancelTimer();
      this.#state = 'live';
    }
    this.#handle(frame);
  }

  #handle(frame: Frame): void {
    const { clock, events } = this.#options;
    switch (frame.type) {
      case 'hello':
        events.hello(frame.hello);
        return;
      case 'welcome':
        events.welcome(frame.welcome);
        return;
      case 'goodbye':
        this.#goodbye = frame.goodbye;
        return;
      case 'ping':
        this.#rttMs = frame.rttMs ?? this.#rttMs;
        this.#peerLagMs = frame.lagMs;
        this.#control({
          type: 'pong',
          sentAt: frame.sentAt,
          wallTime: clock.now(),
          reconnectWindowMs: this.#options.reconnectWindowMs?.(),
        });
        return;
      case 'pong':
        this.#rttMs = Math.max(0, clock.monotonic() - frame.sentAt);
        events.pong({
          peerWallTime: frame.wallTime,
          rttMs: this.#rttMs,
          reconnectWindowMs: frame.reconnectWindowMs,
        });
        return;
      case 'credit':
        this.#scheduler.grant(frame.channel, frame.bytes);
        return;
      case 'sync':
      case 'graphql':
        this.#receivers[frame.type].receive(frame);
        return;
      default:
        assertNever(frame);
    }
  }

  #receiver(channel: Channel, handle: (message: WireMessage) => void | Promise<void>): Receiver {
    return new Receiver({
      channel,
      handle,
      grant: (bytes) => this.#control({ type: 'credit', channel, bytes }),
      failed: (error) => this.#fail(error),
    });
  }

  #control(frame: Frame): void {
    this.#scheduler.sendControl(encodeFrame(frame));
  }

  #fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.close(CLOSE.protocolViolation, error.message);
      return;
    }
    // What went wrong inside is for our log, not for the peer.
    const code = CLOSE.internalError;
    this.#close({ code, reason: `a handler failed: ${messageOf(error)}` }, { reason: 'internal error' });
  }

  #end(end: ConnectionEnd): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#cancelTimer();
    this.#heartbeat.close();
    this.#scheduler.close();
    this.#receivers.sync.close();
    this.#receivers.graphql.close();
    this.#options.events.ended(end);
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ProtocolError('graphql: the text is not UTF-8');
  }
}

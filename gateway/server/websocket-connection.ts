import type { Duplex } from 'node:stream';
import type { GraphQLError } from 'graphql';
import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type AccessOptions, authenticate, type Credentials, type Principal } from './authentication.ts';
import { limitError } from './document-limits.ts';
import { formatError } from './errors.ts';
import type { Limits } from './limits.ts';
import type { OperationStream } from './operation-stream.ts';
import type { OperationParams, Operations } from './operations.ts';
import type { Payload } from './payload.ts';
import type { Sessions } from './sessions.ts';
import { type DeliveryTurns, WebSocketDelivery } from './websocket-delivery.ts';
import { type ClientMessage, CloseCode, parseClientMessage } from './websocket-message.ts';
import { WebSocketOutlet } from './websocket-outlet.ts';

export interface WebSocketConnectionOptions {
  operations: Operations;
  access: AccessOptions;
  sessions: Sessions;
  limits: Limits;
  turns: DeliveryTurns;
  clock: Clock;
  logger: Logger;
}

/** An operation by its id; what it has to say goes out through its delivery. */
interface Running {
  abort: AbortController;
  delivery?: WebSocketDelivery;
}

const refusalCodes = {
  missing: CloseCode.Unauthorized,
  rejected: CloseCode.Forbidden,
  unavailable: CloseCode.TryAgainLater,
};

/** One client of graphql-transport-ws. */
export class WebSocketConnection {
  readonly #options: WebSocketConnectionOptions;
  readonly #outlet: WebSocketOutlet;
  /** As the upgrade had them: the request itself is not held. */
  readonly #upgrade: Credentials;
  readonly #stopWaiting: Close;
  #phase: 'opened' | 'initialising' | 'ready' = 'opened';
  #principal: Principal | undefined;
  #stopWatching: Close | undefined;
  readonly #operations = new Map<string, Running>();
  /** Operations that have not settled, also those that the client has given up. */
  #runningCount = 0;

  constructor(socket: WebSocket, duplex: Duplex, upgrade: Credentials, options: WebSocketConnectionOptions) {
    const { limits, clock, logger } = options;
    this.#options = options;
    this.#upgrade = upgrade;
    this.#outlet = new WebSocketOutlet(socket, duplex, { limits, clock, onRoom: () => this.#deliver() });
    this.#stopWaiting = clock.setTimer(limits.initTimeoutMs, () => {
      this.close(CloseCode.InitTimeout, 'Connection initialisation timeout');
    });
    socket.on('error', (error) => logger.debug({ reason: messageOf(error) }, 'WebSocket failed'));
    socket.on('message', (data) => this.#receive(String(data)));
    socket.once('close', () => {
      this.#stopWaiting();
      this.#stopWatching?.();
      this.#endAll();
    });
  }

  /** Ends what runs, and says why. */
  close(code: number, reason: string): void {
    this.#outlet.close(code, reason);
    this.#endAll();
  }

  #receive(text: string): void {
    // Frames that were on their way when the connection was closed.
    if (!this.#outlet.open) return;
    let message: ClientMessage;
    try {
      message = parseClientMessage(text);
    } catch (error) {
      this.close(CloseCode.BadRequest, messageOf(error));
      return;
    }
    this.#handle(message).catch((error) => {
      this.#options.logger.error({ err: error }, 'WebSocket message failed');
      this.close(CloseCode.InternalError, 'Internal server error');
    });
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'connection_init':
        return this.#initialise(message.payload);
      case 'ping':
        return this.#send({ type: 'pong', payload: message.payload });
      case 'pong':
        return;
      case 'subscribe':
        return this.#subscribe(message.id, message.payload);
      case 'complete':
        return this.#giveUp(message.id);
    }
  }

  async #initialise(params: Record<string, unknown> | undefined): Promise<void> {
    if (this.#phase !== 'opened') {
      return this.close(CloseCode.TooManyInitRequests, 'Too many initialisation requests');
    }
    this.#phase = 'initialising';
    this.#stopWaiting();
    const { forwarded, authorization } = this.#upgrade;
    const credentials = { forwarded, authorization: authorizationOf(params) ?? authorization };
    const authentication = await authenticate(credentials, this.#options.access);
    if (!this.#outlet.open) return;
    if (authentication.kind !== 'authenticated') {
      this.close(refusalCodes[authentication.kind], authentication.reason);
      return;
    }
    const { principal } = authentication;
    const end = (reason: string) => this.close(CloseCode.Forbidden, reason);
    this.#stopWatching = this.#options.sessions.watch({ credentials, principal, end });
    this.#principal = principal;
    this.#phase = 'ready';
    this.#send({ type: 'connection_ack' });
  }

  async #subscribe(id: string, params: OperationParams): Promise<void> {
    const principal = this.#principal;
    if (!principal) return this.close(CloseCode.Unauthorized, 'Unauthorized');
    if (this.#operations.has(id)) {
      return this.close(CloseCode.SubscriberExists, `Subscriber for ${id} already exists`);
    }
    if (this.#runningCount >= this.#options.limits.operationsPerConnection) {
      return this.#refuse(id, [tooManyOperations(this.#runningCount)]);
    }
    const running: Running = { abort: new AbortController() };
    this.#operations.set(id, running);
    this.#runningCount++;
    const started = await this.#options.operations.start(params, { principal, abort: running.abort });
    const payload = started.kind === 'result' ? await started.payload : undefined;
    const isGivenUp = this.#operations.get(id) !== running;
    if (started.kind === 'stream' && !isGivenUp) return this.#deliverFrom(id, running, started.stream);
    // What is given up counts until it has ended: it has, here.
    this.#runningCount--;
    if (isGivenUp) return;
    if (payload) return this.#answer(id, running, payload);
    this.#forget(id, running);
    if (started.kind === 'refused') this.#refuse(id, started.errors);
  }

  #deliverFrom(id: string, running: Running, stream: OperationStream): void {
    const { turns } = this.#options;
    const complete = () => this.#complete(id, running);
    const delivery = new WebSocketDelivery(id, stream, this.#outlet, complete);
    running.delivery = delivery;
    stream.onReady = () => turns.schedule(delivery);
    turns.schedule(delivery);
  }

  #giveUp(id: string): void {
    const running = this.#operations.get(id);
    if (running) this.#forget(id, running);
  }

  #answer(id: string, running: Running, payload: Payload): void {
    this.#outlet.write(`{"id":${JSON.stringify(id)},"type":"next","payload":${payload.json}}`);
    this.#complete(id, running);
  }

  #refuse(id: string, errors: readonly GraphQLError[]): void {
    this.#send({ id, type: 'error', payload: errors.map(formatError) });
  }

  #complete(id: string, running: Running): void {
    if (this.#operations.get(id) !== running) return;
    this.#forget(id, running);
    this.#send({ id, type: 'complete' });
  }

  #forget(id: string, running: Running): void {
    this.#operations.delete(id);
    if (running.delivery) this.#runningCount--;
    running.abort.abort();
  }

  #deliver(): void {
    for (const { delivery } of this.#operations.values()) {
      if (delivery) this.#options.turns.schedule(delivery);
    }
  }

  #endAll(): void {
    for (const [id, running] of this.#operations) this.#forget(id, running);
  }

  #send(message: object): void {
    this.#outlet.write(JSON.stringify(message));
  }
}

function authorizationOf(params: Record<string, unknown> | undefined): string | undefined {
  const value = params?.authorization ?? params?.Authorization;
  // What is there but no string is wrong credentials, not missing ones.
  return value === undefined || value === null ? undefined : String(value);
}

function tooManyOperations(running: number): GraphQLError {
  return limitError(
    'LIMIT_OPERATIONS',
    `${running} operations are running on this connection, as many as are allowed: complete one first.`,
  );
}

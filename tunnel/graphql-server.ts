import {
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  MessageType,
  makeServer,
  type ServerOptions,
  type SubscribePayload,
} from 'graphql-ws';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export interface GraphqlServerOptions {
  /** Schema, execute, subscribe and context: what the edge answers with. */
  serve: ServerOptions;
  /** Resolves when the socket has the text: a subscription's source is not asked for more before. */
  send(text: string): Promise<void>;
  /** The cloud broke graphql-transport-ws. */
  fault(reason: string): void;
  logger: Logger;
}

/** The edge's end of the graphql channel: graphql-ws's server without a WebSocket of its own. */
export class GraphqlServer {
  readonly #options: GraphqlServerOptions;
  readonly #closed: (code: number, reason: string) => Promise<void>;
  #onMessage: (text: string) => Promise<void> = async () => {};

  constructor(options: GraphqlServerOptions) {
    this.#options = options;
    // The handshake's own timeout covers a cloud that never speaks.
    this.#closed = makeServer({ ...options.serve, connectionInitWaitTimeout: 0 }).opened(
      {
        protocol: GRAPHQL_TRANSPORT_WS_PROTOCOL,
        send: options.send,
        close: (_code, reason) => options.fault(`graphql: ${reason}`),
        onMessage: (receive) => {
          this.#onMessage = receive;
        },
      },
      {},
    );
  }

  receive(text: string): void {
    this.#onMessage(text).catch((error) => this.#failed(text, error));
  }

  close(code: number, reason: string): void {
    this.#closed(code, reason).catch((error) =>
      this.#options.logger.warn({ error: messageOf(error) }, 'a subscription did not end cleanly'),
    );
  }

  /** What throws outside of a resolver, such as a syntax error, ends its operation and no other. */
  #failed(text: string, error: unknown): void {
    const id = subscribeIdOf(text);
    if (id === undefined) this.#options.fault(`graphql: ${messageOf(error)}`);
    else
      void this.#options.send(
        JSON.stringify({ id, type: MessageType.Error, payload: [{ message: messageOf(error) }] }),
      );
  }
}

/** Milliseconds that the cloud still waits for an operation's answer; undefined where it does not say, as older ones do not. */
export function timeoutOf({ extensions }: SubscribePayload): number | undefined {
  const timeoutMs = extensions?.timeoutMs;
  return typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : undefined;
}

function subscribeIdOf(text: string): string | undefined {
  const { type, id } = JSON.parse(text) as { type?: unknown; id?: unknown };
  return type === MessageType.Subscribe && typeof id === 'string' ? id : undefined;
}

/** The few things that a connection needs of a WebSocket; memory-pair.ts is the other implementation. */
export interface SocketLike {
  /** `taken` is called once the transport has taken the bytes; never, when it ends before. */
  send(bytes: Uint8Array, taken: () => void): void;
  /** Bytes given to `send` that the transport has not taken yet. */
  readonly bufferedBytes: number;
  /** Asks the peer to close as well; harmless when it is closed already. */
  close(code: number, reason: string): void;
  /** Ends the transport now, without a word to the peer. */
  terminate(): void;
}

/** What a socket tells. `closed` comes exactly once and is the last. */
export interface SocketEvents {
  message(data: unknown): void;
  closed(code: number, reason: string): void;
}

/** Takes an open socket; what it returns hears of everything from the first byte on. */
export type TakeSocket = (socket: SocketLike) => SocketEvents;

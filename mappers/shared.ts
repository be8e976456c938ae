/**
 * Connections that several devices use: opened for the first, closed after the last.
 * Equal options mean the same connection.
 */
export class Shared<Options, Connection> {
  readonly #open: (options: Options) => Connection;
  readonly #close: (connection: Connection) => void | Promise<void>;
  readonly #used = new Map<string, { connection: Connection; users: number }>();

  constructor(
    open: (options: Options) => Connection,
    close: (connection: Connection) => void | Promise<void>,
  ) {
    this.#open = open;
    this.#close = close;
  }

  /** `release` gives the connection back; calling it twice is harmless. */
  acquire(options: Options): { connection: Connection; release: () => Promise<void> } {
    const key = JSON.stringify(options);
    const used = this.#used.get(key) ?? { connection: this.#open(options), users: 0 };
    this.#used.set(key, used);
    used.users++;
    let released = false;
    const release = async () => {
      if (released) return;
      released = true;
      if (--used.users > 0 || this.#used.get(key) !== used) return;
      this.#used.delete(key);
      await this.#close(used.connection);
    };
    return { connection: used.connection, release };
  }

  /** Closes all of them, whoever uses them. */
  async closeAll(): Promise<void> {
    const connections = [...this.#used.values()].map(({ connection }) => connection);
    this.#used.clear();
    await Promise.all(connections.map((connection) => this.#close(connection)));
  }
}

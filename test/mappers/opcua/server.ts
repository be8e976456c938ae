import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface OpcuaServerOptions {
  /** Own certificate and trust list of the server. */
  pkiDir: string;
  port?: number;
  trustsAll?: boolean;
  items?: number;
  everyMs?: number;
}

/** node-opcua's server, with a boiler on it, in a process of its own. */
export class TestServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(options: OpcuaServerOptions): Promise<TestServer> {
    mkdirSync(options.pkiDir, { recursive: true });
    const args = JSON.stringify({ port: 0, trustsAll: true, ...options });
    const child = fork(join(import.meta.dirname, '../../fixtures/opcua-server.ts'), [args], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    const [message] = (await once(child, 'message')) as [{ port: number }];
    return new TestServer(child, message.port);
  }

  get url(): string {
    return `opc.tcp://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Resolves when the node has the value. */
  async set(node: string, value: unknown, facts: { status?: string; at?: number } = {}): Promise<void> {
    this.#child.send({ set: node, value, ...facts });
    await once(this.#child, 'message');
  }

  /** Without a goodbye. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { NodeObject } from '../../twin/node-object.ts';
import type { Twin } from '../../twin/twin.ts';

/** A process of the bench that answers at an address. */
export interface Server {
  url: string;
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A node's store as its cloud and its devices left it. */
export async function fillStore(
  dataDir: string,
  objects: NodeObject[],
  twins: Iterable<Omit<Twin, 'seq'>> = [],
): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const store = openSqliteStore({ path: join(dataDir, 'edge.db'), clock: systemClock, logger: silentLogger });
  store.putObjects(objects, []);
  for (const twin of twins) store.putTwin({ ...twin, seq: store.nextSeq() }, { outbox: false });
  await store.durable();
  await store.close();
}

/** `dist/octograph.js edge`; it may not answer yet. */
export async function startEdge(dataDir: string, ...settings: string[]): Promise<Server> {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = join(import.meta.dirname, '../../dist/octograph.js');
  const child = spawn(
    process.execPath,
    [
      ...[program, 'edge', '--node-name', 'bench', '--data-dir', dataDir],
      ...['--listen', listen, '--anonymous', 'write', '--log-level', 'error', ...settings],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return serverOf(child, `http://${listen}/graphql`);
}

/** Node's own HTTP server and nothing else: it reads the request, and answers these bytes. */
export async function startBare(answer: string): Promise<Server> {
  const port = await freePort();
  const program = `require('node:http').createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(process.argv[2]);
    });
  }).listen(process.argv[1], '127.0.0.1')`;
  const child = spawn(process.execPath, ['-e', program, `${port}`, answer], { stdio: 'inherit' });
  return serverOf(child, `http://127.0.0.1:${port}/graphql`);
}

const children = new Set<ChildProcess>();
// A bench that fails leaves nobody behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function serverOf(child: ChildProcess, url: string): Server {
  children.add(child);
  return {
    url,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      children.delete(child);
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One operation over a connection that is kept. @throws where the server does not listen, or answers errors */
export function ask(url: string, query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text += part));
        response.on('end', () =>
          text.includes('"errors"') ? reject(new Error(`${query}: ${text}`)) : resolve(text),
        );
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
}

/** The first answer of a process that was just started. */
export async function firstAnswer(url: string, query: string): Promise<string> {
  for (;;) {
    try {
      return await ask(url, query);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** Milliseconds of each of so many operations, one after the other. */
export async function timesOf(url: string, count: number, queryOf: (n: number) => string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await ask(url, queryOf(n));
    times.push(performance.now() - startedAt);
  }
  return times;
}

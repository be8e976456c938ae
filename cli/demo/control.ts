import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Closable } from '../../lib/disposables.ts';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';

/** How `demo link` talks to a running demo: one line in, one line out, over a socket in its state directory. */
export async function startControl(
  path: string,
  handle: (words: string[]) => Promise<string>,
): Promise<Closable> {
  // A socket left by a demo that was killed: nobody answers on it, and it would be in the way.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setEncoding('utf8');
    // Who asked is gone: there is nobody to tell.
    socket.on('error', () => {});
    socket.once('data', (line: string) => {
      handle(line.trim().split(/\s+/)).then(
        (answer) => socket.end(`ok ${answer}\n`),
        (error) => socket.end(`error ${messageOf(error)}\n`),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** @throws OctographError `DEMO` when no demo runs there, or it could not do what was asked */
export function askControl(path: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${words.join(' ')}\n`));
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', (error) => {
      const isAbsent = codeOf(error) === 'ENOENT' || codeOf(error) === 'ECONNREFUSED';
      const message = isAbsent
        ? `no demo is running here (${path}): start it with npm run demo`
        : messageOf(error);
      reject(new OctographError('DEMO', message));
    });
    socket.on('end', () => {
      const [, verdict, text = ''] = /^(ok|error) (.*)$/s.exec(answer.trim()) ?? [];
      if (verdict === 'ok') resolve(text);
      else reject(new OctographError('DEMO', text || 'the demo gave no answer'));
    });
  });
}

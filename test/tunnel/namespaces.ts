import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Disposables } from '../../lib/disposables.ts';
import { waitFor } from '../harness/wait.ts';

const run = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' });

/** Why there can be no network of our own here; undefined where there can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const name = `octo-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.error) return 'needs the ip command';
  if (made.status !== 0) return 'the kernel gives no network namespaces here';
  const veth = spawnSync('ip', ['-n', name, 'link', 'add', 'probe', 'type', 'veth', 'peer', 'name', 'eborp']);
  spawnSync('ip', ['netns', 'del', name]);
  return veth.status === 0 ? undefined : 'the kernel gives no virtual cables here';
}

/**
 * Two machines and a router between them, each a network namespace. A cut drops what the router would pass on, without a word
 * to anybody: what a pulled cable two hops away looks like.
 */
export function createNetwork(open: Disposables) {
  const id = `octo-${process.pid}`;
  const router = `${id}-router`;
  const ends = { edge: '10.99.1', cloud: '10.99.2' };
  const add = (name: string) => {
    run('netns', 'add', name);
    open.add(() => void run('netns', 'del', name));
  };
  add(router);
  for (const [end, prefix] of Object.entries(ends)) {
    const name = `${id}-${end}`;
    add(name);
    run('-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', end, 'netns', router);
    run('-n', name, 'address', 'add', `${prefix}.2/24`, 'dev', 'eth0');
    run('-n', name, 'link', 'set', 'eth0', 'up');
    run('-n', router, 'address', 'add', `${prefix}.1/24`, 'dev', end);
    run('-n', router, 'link', 'set', end, 'up');
    run('-n', name, 'route', 'add', 'default', 'via', `${prefix}.1`);
  }
  run('netns', 'exec', router, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
  const blackhole = (verb: 'add' | 'del') => {
    for (const prefix of Object.values(ends)) run('-n', router, 'route', verb, 'blackhole', `${prefix}.2/32`);
  };
  return {
    /** Name of the edge's namespace. */
    edge: `${id}-edge`,
    address: { edge: `${ends.edge}.2`, cloud: `${ends.cloud}.2` },
    cut: () => blackhole('add'),
    mend: () => blackhole('del'),
    /** A program of this folder on one of the machines; what it prints are its events, as JSON lines. */
    start(end: keyof typeof ends, program: string, input: object) {
      const path = fileURLToPath(new URL(program, import.meta.url));
      const child = spawn('ip', ['netns', 'exec', `${id}-${end}`, process.execPath, path], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const events: string[] = [];
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n');
        text = lines.pop() ?? '';
        events.push(...lines);
      });
      child.stdin.end(JSON.stringify(input));
      open.add(async () => {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        if (child.exitCode !== null) return;
        child.kill('SIGKILL');
        await exited;
      });
      return {
        /** The next event that begins so, after those already asked for. */
        async next(begin: string) {
          const found = await waitFor(`${end}: ${begin}`, () =>
            events.find((event) => event.startsWith(begin)),
          );
          events.splice(0, events.indexOf(found) + 1);
          return found;
        },
      };
    },
  };
}

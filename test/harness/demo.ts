import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoLayout, DemoNode } from '../../cli/demo/layout.ts';
import { waitFor } from './wait.ts';

/** The demo as a user starts it: real processes, on ports of its own. */
export interface Demo {
  layout: DemoLayout;
  cloudUrl: string;
  edge(name: string): DemoNode & { url: string };
  link(nodeName: string, state: 'up' | 'down'): Promise<void>;
  /** The process of that name, as it runs now. */
  pidOf(name: string): number;
  /** Ends it as a power cut would; the demo starts it again. */
  kill(name: string): Promise<void>;
  stop(): Promise<void>;
}

const CLI = join(import.meta.dirname, '../../cli/octograph.ts');

/** @param env settings of all its processes, `OCTOGRAPH_…` */
export async function startDemo(env: Record<string, string> = {}): Promise<Demo> {
  const stateDir = mkdtempSync(join(tmpdir(), 'octograph-demo-'));
  const child = spawn(process.execPath, [CLI, 'demo', '--free-ports', '--state-dir', stateDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = collectOutput(child);
  try {
    await waitFor(
      'the demo to be up, or to end',
      () => child.exitCode !== null || output().includes('Octograph is up'),
      {
        timeoutMs: 60_000,
      },
    );
    if (child.exitCode !== null) throw new Error(`the demo ended: ${output()}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const { layout } = JSON.parse(readFileSync(join(stateDir, 'demo.json'), 'utf8')) as { layout: DemoLayout };
  const url = (port: number) => `http://127.0.0.1:${port}/graphql`;
  const edge = (name: string) => {
    const node = layout.nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`no edge node ${name} in the demo`);
    return { ...node, url: url(node.graphqlPort) };
  };
  const pidOf = (name: string) => {
    const { processes } = JSON.parse(readFileSync(layout.file, 'utf8')) as {
      processes: Record<string, number>;
    };
    return processes[name] ?? -1;
  };
  return {
    layout,
    cloudUrl: url(layout.cloudPort),
    edge,
    link: (nodeName, state) => runCli(['demo', 'link', nodeName, state, '--state-dir', stateDir]),
    pidOf,
    async kill(name) {
      const pid = pidOf(name);
      process.kill(pid, 'SIGKILL');
      await waitFor(
        `${name} to be started again`,
        () => pidOf(name) !== pid && output().includes(`${name} is back`),
      );
    },
    async stop() {
      if (child.exitCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGINT');
        await exited;
      }
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Runs `octograph <args>` to its end. */
export async function runCli(args: string[]): Promise<void> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collectOutput(child);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`octograph ${args.join(' ')} ended with ${code}: ${output()}`);
}

export function collectOutput(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

export const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

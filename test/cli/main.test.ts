import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../lib/version.ts';
import { waitFor } from '../harness/wait.ts';

const CLI = join(import.meta.dirname, '../../cli/octograph.ts');

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output.err += text;
  });
  const ready = new Promise<{ addresses: Record<string, string> }>((resolve) =>
    child.once('message', (message) => resolve(message as { addresses: Record<string, string> })),
  );
  return {
    child,
    output,
    ready,
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
  };
}

async function run(args: string[], env?: Record<string, string>) {
  const { output, ended } = start(args, env);
  const code = await ended;
  return { code, ...output };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'octograph-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('octograph', () => {
  it('without a command tells which there are', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    expect(out).toContain(`octograph ${VERSION}`);
    for (const command of ['cloud', 'edge', 'kube', 'demo', 'simulate'])
      expect(out).toContain(`octograph ${command} `);
  });

  it.each(['clod', 'constructor', '__proto__'])('names an unknown command: %s', async (command) => {
    const { code, out, err } = await run([command]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`unknown command ${command}`);
  });

  it('shows the settings of a command, and asks for nothing while it does', async () => {
    const { code, out } = await run(['edge', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--node-name');
  });

  it('prints its settings with where each comes from, and starts nothing', async () => {
    const file = join(folder(), 'kube.yaml');
    writeFileSync(file, 'state-dir: /from/file\nkubeconfig: /from/file/too\n');
    const env = { OCTOGRAPH_KUBECONFIG: '/from/env' };
    const { code, out } = await run(['kube', '--config', file, '--listen', '[::1]:0', '--print-config'], env);
    expect(code).toBe(0);
    expect(out.trim().split('\n').sort()).toEqual([
      `config: "${file}" # --config`,
      'kubeconfig: "/from/env" # OCTOGRAPH_KUBECONFIG',
      'listen: {"host":"::1","port":0} # --listen',
      'log-level: "info" # default',
      'node-grace-ms: 40000 # default',
      'print-config: true # --print-config',
      `state-dir: "/from/file" # state-dir in ${file}`,
    ]);
  });

  it('ends with 2 and one line of words where a setting is wrong', async () => {
    const { code, err } = await run(['kube', '--listen', 'nowhere']);
    expect(code).toBe(2);
    expect(err).toBe(
      'octograph kube: --listen is "nowhere": expected host:port for listen, like 127.0.0.1:4000 (SETTINGS)\n',
    );
  });

  it('does not overlook a word that is no setting', async () => {
    const { code, err } = await run(['kube', 'listen', '4000']);
    expect(code).toBe(2);
    expect(err).toBe('octograph kube: listen 4000: expected settings only, each with its -- (SETTINGS)\n');
  });

  it('names a setting that it does not know, and those that it does', async () => {
    const { code, err } = await run(['kube', '--lisen', '4000']);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^octograph kube: --lisen is no setting; known are: config, .*listen, .*\(SETTINGS\)\n$/,
    );
  });

  it('says what a gateway without a cluster lacks', async () => {
    const settings = ['--listen', '127.0.0.1:0', '--tunnel-listen', '127.0.0.1:0'];
    const { code, err } = await run(['cloud', ...settings], { KUBERNETES_SERVICE_HOST: '' });
    expect([code, err]).toEqual([
      1,
      'octograph cloud: no kubeconfig is named, and this is no pod of a cluster, as KUBERNETES_SERVICE_HOST is not set: expected one of the two (KUBERNETES_CONFIG)\n',
    ]);
  });

  it('says when an edge node is ready, and where', async () => {
    const { output, ready } = start([
      'edge',
      ...['--listen', '127.0.0.1:0'],
      ...['--node-name', 'edge-x'],
      ...['--data-dir', folder()],
    ]);
    const { addresses } = await ready;
    await waitFor('its log to say so', () => output.err.includes('"msg":"edge node is ready"'));
    expect(output.err).toContain(`"graphql":"${addresses.graphql}"`);
  });

  it('names the port that is taken', async () => {
    const dir = folder();
    const kube = (listen: string, name: string) =>
      start([
        'kube',
        '--listen',
        listen,
        '--state-dir',
        join(dir, name),
        '--kubeconfig',
        join(dir, `${name}.yaml`),
      ]);
    const first = kube('127.0.0.1:0', 'first');
    const { addresses } = await first.ready;
    const { port } = new URL(addresses.api ?? '');
    const second = kube(`127.0.0.1:${port}`, 'second');
    expect(await second.ended).toBe(1);
    expect(second.output.err).toContain(`port ${port} on 127.0.0.1`);
    expect(second.output.err).toContain('(PORT_TAKEN)\n');
  });

  it('ends by a signal with 0', async () => {
    const dir = folder();
    const { child, ended, ready } = start([
      'kube',
      ...['--listen', '127.0.0.1:0'],
      ...['--state-dir', dir],
      ...['--kubeconfig', join(dir, 'kubeconfig')],
    ]);
    await ready;
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('a process with a supervisor', () => {
  it('ends with it, also while it waits for what it needs to start', async () => {
    const dir = folder();
    const kubeconfig = join(dir, 'kubeconfig');
    writeFileSync(kubeconfig, KUBECONFIG_OF_NOBODY);
    const { child, output } = start([
      'cloud',
      ...['--listen', '127.0.0.1:0'],
      ...['--tunnel-listen', '127.0.0.1:0'],
      ...['--kubeconfig', kubeconfig],
    ]);
    await waitFor('it to look for Kubernetes', () => output.err.includes('cannot follow nodes'));
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([1, null]);
  });
});

/** Nobody listens on port 1. */
const KUBECONFIG_OF_NOBODY = `apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: nobody, user: {} }]
contexts: [{ name: none, context: { cluster: none, user: nobody } }]
current-context: none
`;

describe('the demo', () => {
  it('that is ended while it starts leaves no process behind', async () => {
    const stateDir = folder();
    const { child, ended } = start(['demo', '--free-ports', '--state-dir', stateDir]);
    const ours = () => pidsNaming(stateDir).filter((pid) => pid !== child.pid);
    await waitFor('its first processes', () => ours().length > 2);
    child.kill('SIGINT');
    await ended;
    await waitFor('them to end', () => ours().length === 0, { timeoutMs: 20_000 });
  });
});

/** The processes whose command line names `text`. */
function pidsNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(text))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It ended meanwhile.
  }
}

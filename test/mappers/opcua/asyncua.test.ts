import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { listen } from '../../../lib/listen.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { startMapperHost } from '../../../mappers/host.ts';
import { createOpcuaMapper } from '../../../mappers/opcua/mapper.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { RecordingSink } from '../recording-sink.ts';

/** Python with asyncua: the system's, or the one that PYTHON_WITH_ASYNCUA names. */
const python = [process.env.PYTHON_WITH_ASYNCUA, 'python3', '/usr/bin/python3'].find((command) => {
  try {
    if (command) execFileSync(command, ['-c', 'import asyncua'], { stdio: 'ignore' });
    return command !== undefined;
  } catch {
    return false;
  }
});

const disposables = new Disposables();
afterAll(() => disposables.close());

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'a probe');
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!python)(`asyncua's server${python ? '' : ' (needs python3 with asyncua)'}`, () => {
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    const script = join(import.meta.dirname, '../../fixtures/asyncua-server.py');
    const child = spawn(python as string, [script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    disposables.add(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    url = `opc.tcp://127.0.0.1:${port}/tank/`;
  });

  it('tells, obeys and is called', async () => {
    const pkiDir = mkdtempSync(join(tmpdir(), 'octograph-asyncua-'));
    disposables.add(() => rmSync(pkiDir, { recursive: true, force: true }));
    const sink = new RecordingSink();
    const mapper = createOpcuaMapper({ pkiDir, clock: systemClock, random: () => 0, logger: silentLogger });
    const host = disposables.use(
      startMapperHost({ mappers: [mapper], sink, clock: systemClock, random: () => 0, logger: silentLogger }),
    );
    const node = (name: string) => `nsu=urn:octograph:tank;s=Tank${name}`;
    host.setDevices([
      device('tank', {
        protocolName: 'opcua',
        protocol: { url, methods: { fill: { objectID: node(''), methodID: node('.Fill') } } },
        properties: [
          property('level', { visitor: { nodeID: node('.Level') } }),
          property('valve', { type: 'INT', visitor: { nodeID: node('.Valve') } }),
        ],
      }),
    ]);
    await waitFor('some levels', () => new Set(sink.values('tank', 'level')).size > 3);
    expect(await host.apply('default/tank', 'valve', 65_535, 5000)).toBe(65_535);
    expect(await host.invoke('default/tank', { method: 'fill', args: { arg0: 21 } }, 5000)).toBe(42);
    const nodes = await host.browse('default/tank', node(''), 5000);
    expect(nodes.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      'method Fill',
      'variable Level',
      'variable Valve',
    ]);
  });
});

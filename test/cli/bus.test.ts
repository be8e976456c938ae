import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, it } from 'vitest';
import { BUS_OPTIONS, startBus } from '../../cli/commands/bus.ts';
import { readSettings } from '../../cli/settings.ts';
import { Disposables } from '../../lib/disposables.ts';
import { silentLogger } from '../../lib/logger.ts';

it('gives the embedded broker the limits of its settings', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'octograph-bus-'));
  const open = new Disposables();
  try {
    const argv = [
      '--mqtt-listen',
      '127.0.0.1:0',
      '--mqtt-client-subscriptions',
      '1',
      '--mqtt-connections',
      '2',
    ];
    const { settings } = readSettings(BUS_OPTIONS, { argv, env: {}, readFile: () => '' });
    const bus = await startBus(settings, { dataDir, open, logger: silentLogger });
    const client = await connectAsync(bus?.address ?? '', { reconnectPeriod: 0 }, false);
    open.add(() => client.endAsync(true));
    await client.subscribeAsync('a');
    await expect(client.subscribeAsync('b')).rejects.toThrow();
    expect(bus?.facts?.()).toMatchObject({ clients: 1, refusals: 1 });
    const own = await connectAsync(
      bus?.broker.url ?? '',
      { ...bus?.broker, reconnectPeriod: 0 } as never,
      false,
    );
    open.add(() => own.endAsync(true));
    await own.subscribeAsync(['a', 'b', 'c']);
    await expect(connectAsync(bus?.address ?? '', { reconnectPeriod: 0 }, false)).rejects.toThrow();
  } finally {
    await open.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

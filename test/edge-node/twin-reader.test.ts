import { describe, expect, it, vi } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { EdgeTwinReader } from '../../edge-node/twin-reader.ts';
import { OctographError } from '../../lib/errors.ts';
import { deviceObject } from '../harness/objects.ts';
import { EdgeFixture, MODEL, PUMP } from './fixture.ts';

const pump = { namespace: 'default', name: 'pump', nodeName: 'edge-a' };

function start({ settled }: { settled?: () => Promise<void> } = {}) {
  const edge = new EdgeFixture();
  const orphan = deviceObject('orphan', { model: 'unknown' });
  const device = deviceObject('pump', { desired: { setpoint: '21', temperature: '5' } });
  const metadata = new MetadataCache([device, orphan, MODEL]);
  for (const object of metadata.devices()) edge.registry.setDevice(object, metadata.modelOf(object));
  edge.registry.setState({ device: PUMP, uid: 'uid-pump', state: 'online' });
  const link = { up: false, since: 1 };
  const read = vi.fn(async (): Promise<unknown> => undefined);
  const reader = new EdgeTwinReader({
    registry: edge.registry,
    metadata,
    devices: { read },
    link: () => link,
    clock: edge.clock,
    settled,
  });
  return { edge, reader, read, link };
}

describe('the edge’s reader', () => {
  it('answers from the node’s own store, link up or down', async () => {
    const { edge, reader, link } = start();
    edge.registry.report(PUMP, 'temperature', edge.reported(20));
    edge.registry.collected(PUMP, [], edge.clock.now() - 50);
    for (const up of [false, true]) {
      link.up = up;
      const [temperature] = (await reader.read(pump, ['temperature'], 'AUTO')) ?? [];
      expect(temperature).toMatchObject({
        reported: { value: 20 },
        freshness: { source: 'EDGE', ageMs: 50, stale: false, link: up ? 'UP' : 'DOWN', linkSince: 1 },
      });
    }
  });

  it('gives a device no more time to answer than the one who asks has left', async () => {
    const { edge, reader, read } = start();
    const names = ['temperature'];
    for (const left of [800, undefined, 60_000]) await reader.within(left).read(pump, names, 'DEVICE');
    const late = reader.within(1_000);
    await edge.clock.advance(700);
    await late.read(pump, names, 'DEVICE');
    await edge.clock.advance(700);
    await late.read(pump, names, 'DEVICE');
    expect(read.mock.calls.map((call: unknown[]) => call[2])).toEqual([800, 5000, 5000, 300, 0]);
  });

  it('answers all properties of the model in its order, said or not', async () => {
    const { reader } = start();
    const twins = await reader.read(pump, undefined, 'REPLICA');
    expect(twins?.map(({ model }) => model.name)).toEqual(['temperature', 'setpoint', 'mode']);
    expect(twins?.[2]).toMatchObject({ seq: 0, sync: { state: 'NONE' }, freshness: { stale: true } });
  });

  it('answers the named properties in the order of their names', async () => {
    const { reader } = start();
    const twins = await reader.read(pump, ['mode', 'temperature'], 'EDGE');
    expect(twins?.map(({ model }) => model.name)).toEqual(['mode', 'temperature']);
  });

  it('refuses a property that the model lacks, and says what it has', async () => {
    const { reader } = start();
    await expect(reader.read(pump, ['speed'], 'AUTO')).rejects.toMatchObject({
      code: 'PROPERTY_NOT_FOUND',
      message: expect.stringContaining('its model thermostat has: temperature, setpoint, mode'),
    });
  });

  it('names the device, or its model, that is missing', async () => {
    const { reader } = start();
    await expect(reader.read({ ...pump, name: 'ghost' }, undefined, 'AUTO')).rejects.toMatchObject({
      code: 'DEVICE_NOT_FOUND',
    });
    await expect(reader.read({ ...pump, name: 'orphan' }, undefined, 'AUTO')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'device default/orphan has no model: DeviceModel unknown does not exist',
    });
    expect(reader.known({ ...pump, name: 'ghost' })).toBeUndefined();
    expect(reader.known({ ...pump, name: 'orphan' })).toEqual([]);
  });

  it('has the device read where that is asked for, and answers what it said', async () => {
    const { edge, reader, read } = start();
    read.mockImplementation(async () => {
      edge.registry.report(PUMP, 'temperature', edge.reported(22));
    });
    const [temperature] = (await reader.read(pump, ['temperature'], 'DEVICE')) ?? [];
    expect(read).toHaveBeenCalledWith(PUMP, ['temperature'], 5000);
    expect(temperature).toMatchObject({ reported: { value: 22 }, freshness: { source: 'DEVICE' } });
  });

  it('does not ask the device in any other mode', async () => {
    const { reader, read } = start();
    for (const mode of ['AUTO', 'REPLICA', 'EDGE'] as const) await reader.read(pump, undefined, mode);
    expect(read).not.toHaveBeenCalled();
  });

  it('fails with the device’s words when it does not answer', async () => {
    const { reader, read } = start();
    read.mockRejectedValue(new OctographError('DEVICE_TIMEOUT', 'no answer'));
    await expect(reader.read(pump, undefined, 'DEVICE')).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
  });

  it('answers only what is durable where it must', async () => {
    const disk = Promise.withResolvers<void>();
    const { reader } = start({ settled: () => disk.promise });
    let isDone = false;
    const reading = reader.read(pump, undefined, 'EDGE').finally(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    disk.resolve();
    expect(await reading).toHaveLength(3);
  });

  it('tells the device’s state, unknown where nothing is', () => {
    const { reader } = start();
    expect(reader.state(pump)).toMatchObject({ state: 'online' });
    expect(reader.state({ ...pump, name: 'ghost' })).toMatchObject({ state: 'unknown' });
  });

  it('wakes who waits for a change of one device, until they close', () => {
    const { edge, reader } = start();
    const woken = vi.fn();
    const close = reader.onChange(pump, woken);
    edge.registry.setDevice(deviceObject('fan'), MODEL);
    edge.registry.report('default/fan', 'temperature', edge.reported(1));
    expect(woken).not.toHaveBeenCalled();
    edge.registry.report(PUMP, 'temperature', edge.reported(1));
    expect(woken).toHaveBeenCalledTimes(1);
    close();
    edge.registry.report(PUMP, 'temperature', edge.reported(2));
    expect(woken).toHaveBeenCalledTimes(1);
  });
});

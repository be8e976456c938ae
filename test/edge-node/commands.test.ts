import { describe, expect, it, vi } from 'vitest';
import { createEdgeCommands } from '../../edge-node/commands.ts';
import type { Change } from '../../twin/change.ts';
import { encodeDesired } from '../../twin/desired.ts';
import type { Proposal } from '../../twin/twin.ts';
import { deviceObject } from '../harness/objects.ts';
import { EdgeFixture, MODEL } from './fixture.ts';

const change = (values: Change['values'], device = 'pump'): Change => ({
  id: 'chg-1',
  namespace: 'default',
  device,
  uid: 'uid-pump',
  values,
  createdAt: 7,
  createdBy: 'operator',
});

function start() {
  const edge = new EdgeFixture();
  const onProposed = vi.fn<(proposals: Proposal[]) => void>();
  return { edge, onProposed, commands: createEdgeCommands(edge.registry, edge.store, onProposed) };
}

describe('setDesired at the edge', () => {
  it('acts at once, and is accepted when it is durable, not before', async () => {
    const { edge, commands, onProposed } = start();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    const accepted = commands.accept(change([{ property: 'setpoint', value: 25 }]));
    expect(edge.state('setpoint')).toBe('DELIVERED');
    expect(onProposed).not.toHaveBeenCalled();
    edge.store.flush();
    await accepted;
    expect(onProposed).toHaveBeenCalledTimes(1);
    await edge.restart();
    expect([...edge.registry.proposals()]).toMatchObject([{ change: 'chg-1', property: 'setpoint' }]);
  });

  it('names what it replaces, for the cloud to judge: value and change', async () => {
    const { edge, commands, onProposed } = start();
    const standing = encodeDesired({ value: 21, change: 'chg-0' });
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: standing } }), MODEL);
    const accepted = commands.accept(
      change([
        { property: 'setpoint', value: 25 },
        { property: 'mode', value: null },
      ]),
    );
    edge.store.flush();
    await accepted;
    expect(onProposed.mock.calls[0]?.[0]).toMatchObject([
      {
        property: 'setpoint',
        uid: 'uid-pump',
        base: 21,
        baseChange: 'chg-0',
        desired: { value: 25, change: 'chg-1', setBy: 'operator', setAt: 7 },
      },
      { property: 'mode', base: null, desired: { value: null } },
    ]);
  });

  it('proposes nothing where one of the values cannot be', async () => {
    const { edge, commands } = start();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    const values = [
      { property: 'setpoint', value: 25 },
      { property: 'speed', value: 1 },
    ];
    await expect(commands.accept(change(values))).rejects.toMatchObject({ code: 'PROPERTY_NOT_FOUND' });
    expect([...edge.registry.proposals()]).toEqual([]);
    await expect(commands.accept(change(values, 'ghost'))).rejects.toMatchObject({
      code: 'DEVICE_NOT_FOUND',
    });
  });
});

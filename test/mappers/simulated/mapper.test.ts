import { describe, expect, it } from 'vitest';
import { createSimulatedMapper } from '../../../mappers/simulated/mapper.ts';
import type { PropertyModel } from '../../../twin/model.ts';
import { ManualClock } from '../../harness/manual-clock.ts';
import { device, property } from '../models.ts';

const signal = new AbortController().signal;
const ignoreEvents = { report() {}, state() {} };

const open = (properties: PropertyModel[], random = () => 0.75) =>
  createSimulatedMapper({ clock: new ManualClock(), random }).open(device('a', { properties }), ignoreEvents);

describe('a simulated device', () => {
  it('walks with what is read only, within its range', async () => {
    const session = await open([
      property('load', { accessMode: 'READ_ONLY', minimum: 0, maximum: 10, visitor: { start: 9, step: 2 } }),
    ]);
    const values = [];
    for (let n = 0; n < 3; n++) values.push((await session.collect(['load'], signal))[0]?.value);
    expect(values).toEqual([10, 10, 10]);
  });

  it('keeps what it is set to, as precisely as it can', async () => {
    const session = await open([
      property('setPoint'),
      property('level', { type: 'INT' }),
      property('on', { type: 'BOOLEAN' }),
    ]);
    expect(await session.apply('setPoint', 21.337, signal)).toBe(21.34);
    expect(await session.apply('level', 3, signal)).toBe(3);
    expect(await session.apply('on', true, signal)).toBe(true);
    expect(await session.collect(['setPoint', 'on'], signal)).toMatchObject([
      { value: 21.34 },
      { value: true },
    ]);
  });

  it('refuses to be set where it walks', async () => {
    const session = await open([property('load', { accessMode: 'READ_ONLY' })]);
    await expect(session.apply('load', 1, signal)).rejects.toMatchObject({ code: 'DEVICE_REFUSED' });
  });

  it('refuses a configuration by name', async () => {
    await expect(
      open([property('text', { type: 'STRING', visitor: { behaviour: 'walk' } })]),
    ).rejects.toThrow('default/a, property text: behaviour must be hold, for STRING; got "walk"');
  });
});

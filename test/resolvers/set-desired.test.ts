import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { OctographError } from '../../lib/errors.ts';
import { type SetDesiredInput, setDesired } from '../../resolvers/set-desired.ts';
import { FakeContext } from './fake-context.ts';

const OURS = { change: 'chg-1' };

function ask(fake: FakeContext, input: Partial<SetDesiredInput> = {}) {
  return setDesired(
    {
      device: { namespace: 'default', name: 'pump' },
      values: [{ property: 'setpoint', value: 21 }],
      ...input,
    },
    fake.context,
  );
}

/** Asks, and lets the change be accepted before the test goes on. */
async function asking(fake: FakeContext, input: Partial<SetDesiredInput> = {}) {
  const result = ask(fake, { waitFor: 'REPORTED', ...input });
  await fake.clock.advance(0);
  return { result };
}

function expectNothingLeft(fake: FakeContext): void {
  expect(fake.listeners.size).toBe(0);
  expect(fake.clock.pending).toBe(0);
}

describe('setDesired that waits for ACCEPTED', () => {
  it('settles as soon as the change stands, and says who asked for what', async () => {
    const fake = new FakeContext();
    const result = await ask(fake);
    expect(result).toMatchObject({
      kind: 'Settled',
      change: { id: 'chg-1', createdBy: 'tester', state: 'ACCEPTED', results: [{ property: 'setpoint' }] },
    });
    expect(fake.accepted).toMatchObject([
      {
        namespace: 'default',
        device: 'pump',
        uid: 'uid-pump',
        values: [{ property: 'setpoint', value: 21 }],
      },
    ]);
    expectNothingLeft(fake);
  });

  it('settles with the link down too: nothing more was asked for', async () => {
    const fake = new FakeContext();
    fake.isReachable = false;
    expect((await ask(fake)).kind).toBe('Settled');
  });

  it('fails when the change could not be made to stand', async () => {
    const fake = new FakeContext();
    fake.accept = () => {
      throw new OctographError('KUBERNETES_UNREACHABLE', 'no answer');
    };
    await expect(ask(fake)).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' });
    expectNothingLeft(fake);
  });
});

describe('setDesired that waits for more', () => {
  it('settles when the device reported the value', async () => {
    const fake = new FakeContext();
    const { result } = await asking(fake);
    fake.stand('setpoint', { value: 21, ...OURS }, 'PENDING');
    fake.stand('setpoint', { value: 21, ...OURS }, 'DELIVERED');
    fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    expect(await result).toMatchObject({
      kind: 'Settled',
      change: { state: 'REPORTED', settledAt: fake.clock.now() },
    });
    expectNothingLeft(fake);
  });

  it('settles on delivery where that is all that was asked for', async () => {
    const fake = new FakeContext();
    const { result } = await asking(fake, { waitFor: 'DELIVERED' });
    fake.stand('setpoint', { value: 21, ...OURS }, 'DELIVERED');
    expect(await result).toMatchObject({
      kind: 'Settled',
      change: { state: 'DELIVERED', settledAt: undefined },
    });
    expectNothingLeft(fake);
  });

  it('settles at once where everything happened while the change was accepted', async () => {
    const fake = new FakeContext();
    fake.accept = () => fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    expect((await ask(fake, { waitFor: 'REPORTED' })).kind).toBe('Settled');
    expectNothingLeft(fake);
  });

  it('settles several values together, with the last of them', async () => {
    const fake = new FakeContext();
    const values = [
      { property: 'setpoint', value: 21 },
      { property: 'mode', value: 'eco' },
    ];
    const { result } = await asking(fake, { values });
    fake.arrive({ setpoint: { value: 21, ...OURS }, mode: { value: 'eco', ...OURS } });
    fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    fake.stand('mode', { value: 'eco', ...OURS }, 'DELIVERED');
    expect(fake.listeners.size).toBe(1);
    fake.stand('mode', { value: 'eco', ...OURS }, 'IN_SYNC');
    expect(await result).toMatchObject({
      kind: 'Settled',
      change: {
        results: [
          { property: 'setpoint', state: 'REPORTED' },
          { property: 'mode', state: 'REPORTED' },
        ],
      },
    });
  });

  it('is rejected as a whole when the device refuses one of the values, in its words', async () => {
    const fake = new FakeContext();
    const values = [
      { property: 'setpoint', value: 21 },
      { property: 'mode', value: 'eco' },
    ];
    const { result } = await asking(fake, { values });
    fake.arrive({ setpoint: { value: 21, ...OURS }, mode: { value: 'eco', ...OURS } });
    fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    fake.stand('mode', { value: 'eco', ...OURS }, 'REJECTED', 'illegal data value');
    expect(await result).toMatchObject({
      kind: 'Rejected',
      code: 'REJECTED',
      property: 'mode',
      message: 'illegal data value',
      change: { id: 'chg-1' },
    });
    expectNothingLeft(fake);
  });

  it('takes the removal of a desired value as reported when the node let go of it', async () => {
    const fake = new FakeContext();
    fake.stand('setpoint', { value: 19 }, 'IN_SYNC');
    const { result } = await asking(fake, { values: [{ property: 'setpoint', value: null }] });
    expect(fake.listeners.size).toBe(1);
    fake.stand('setpoint', undefined, 'NONE');
    expect(await result).toMatchObject({ kind: 'Settled', change: { state: 'REPORTED' } });
  });

  it('does not take the value that stood there before for a later one', async () => {
    const fake = new FakeContext();
    fake.stand('setpoint', { value: 19, change: 'chg-0' }, 'IN_SYNC');
    const { result } = await asking(fake);
    fake.tell();
    expect(fake.listeners.size).toBe(1);
    fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    expect((await result).kind).toBe('Settled');
  });

  it('is rejected as superseded when another value takes its place', async () => {
    const fake = new FakeContext();
    const { result } = await asking(fake);
    fake.stand('setpoint', { value: 21, ...OURS }, 'DELIVERED');
    fake.stand('setpoint', { value: 22, change: 'chg-2' }, 'PENDING');
    expect(await result).toMatchObject({ kind: 'Rejected', code: 'SUPERSEDED', property: 'setpoint' });
    expectNothingLeft(fake);
  });

  it('is pending at once with the link down', async () => {
    const fake = new FakeContext();
    fake.isReachable = false;
    expect(await ask(fake, { waitFor: 'REPORTED' })).toMatchObject({
      kind: 'Pending',
      change: { state: 'ACCEPTED' },
    });
    expectNothingLeft(fake);
  });

  it('is pending as soon as the link goes down', async () => {
    const fake = new FakeContext();
    const { result } = await asking(fake);
    fake.isReachable = false;
    fake.tell();
    expect((await result).kind).toBe('Pending');
    expectNothingLeft(fake);
  });

  it('times out after timeoutMs, not before, with how far it got', async () => {
    const fake = new FakeContext();
    const { result } = await asking(fake, { timeoutMs: 1000 });
    fake.stand('setpoint', { value: 21, ...OURS }, 'DELIVERED', 'no answer yet');
    await fake.clock.advance(999);
    expect(fake.listeners.size).toBe(1);
    await fake.clock.advance(1);
    expect(await result).toMatchObject({ kind: 'TimedOut', change: { state: 'DELIVERED' } });
    expectNothingLeft(fake);
  });

  it('ends when its caller goes away', async () => {
    const fake = new FakeContext();
    const caller = new AbortController();
    fake.signal = caller.signal;
    const { result } = await asking(fake);
    caller.abort();
    expect((await result).kind).toBe('TimedOut');
    expectNothingLeft(fake);
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('ends at once when its caller had gone before it began to wait', async () => {
    const fake = new FakeContext();
    const caller = new AbortController();
    fake.signal = caller.signal;
    fake.accept = () => caller.abort();
    expect((await ask(fake, { waitFor: 'REPORTED' })).kind).toBe('TimedOut');
    expectNothingLeft(fake);
  });

  it('leaves nothing at its caller when it settles', async () => {
    const fake = new FakeContext();
    const caller = new AbortController();
    fake.signal = caller.signal;
    const { result } = await asking(fake);
    fake.stand('setpoint', { value: 21, ...OURS }, 'IN_SYNC');
    await result;
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('does not settle when the device is deleted while it waits', async () => {
    const fake = new FakeContext();
    fake.stand('setpoint', { value: 19 }, 'IN_SYNC');
    const { result } = await asking(fake, { values: [{ property: 'setpoint', value: null }] });
    fake.device = undefined;
    fake.tell();
    expect((await result).kind).toBe('Rejected');
    expectNothingLeft(fake);
  });
});

describe('setDesired that cannot be', () => {
  it.each<[string, Partial<SetDesiredInput>, object]>([
    [
      'of a device that does not exist',
      { device: { namespace: 'default', name: 'ghost' } },
      { code: 'DEVICE_NOT_FOUND', message: 'device default/ghost does not exist' },
    ],
    ['of no values', { values: [] }, { code: 'NO_VALUES' }],
    [
      'of a property that the model lacks',
      { values: [{ property: 'speed', value: 1 }] },
      { code: 'PROPERTY_NOT_FOUND', property: 'speed' },
    ],
    [
      'of a READ_ONLY property',
      { values: [{ property: 'temperature', value: 1 }] },
      { code: 'PROPERTY_READ_ONLY', property: 'temperature' },
    ],
    ['of another type', { values: [{ property: 'setpoint', value: 'warm' }] }, { code: 'INVALID_VALUE' }],
    ['above the maximum', { values: [{ property: 'setpoint', value: 31 }] }, { code: 'INVALID_VALUE' }],
    [
      'of one property twice',
      {
        values: [
          { property: 'setpoint', value: 20 },
          { property: 'setpoint', value: 21 },
        ],
      },
      { code: 'INVALID_VALUE', property: 'setpoint' },
    ],
    [
      'of one good and one bad value',
      {
        values: [
          { property: 'mode', value: 'eco' },
          { property: 'setpoint', value: 4 },
        ],
      },
      { code: 'INVALID_VALUE', property: 'setpoint' },
    ],
    [
      'with ifReported of a property that the model lacks',
      { ifReported: [{ property: 'speed', value: { lt: 3 } }] },
      { code: 'PROPERTY_NOT_FOUND', property: 'speed' },
    ],
    [
      'with ifDesired of a property that the model lacks',
      { ifDesired: [{ property: 'speed', value: null }] },
      { code: 'PROPERTY_NOT_FOUND', property: 'speed' },
    ],
    [
      'with an end that has passed',
      { expiresAt: Date.UTC(1960, 0) },
      { code: 'EXPIRED', message: 'expiresAt is 1960-01-01T00:00:00.000Z: expected a time to come' },
    ],
  ])('is rejected before it becomes a change: %s', async (_what, input, expected) => {
    const fake = new FakeContext();
    const result = await ask(fake, { waitFor: 'REPORTED', ...input });
    expect(result).toMatchObject({ kind: 'Rejected', ...expected });
    expect(result.change).toBeUndefined();
    expect(fake.accepted).toEqual([]);
    expectNothingLeft(fake);
  });

  it('is not judged by the clock of an edge node, which may be wrong', async () => {
    const fake = new FakeContext();
    const { context: cloud } = fake;
    const context = { ...cloud, place: { ...cloud.place, kind: 'EDGE' as const } };
    const values = [{ property: 'setpoint', value: 21 }];
    const device = { namespace: 'default', name: 'pump' };
    await setDesired({ device, values, expiresAt: Date.UTC(1960, 0) }, context);
    expect(fake.accepted).toHaveLength(1);
  });

  it('with an end that has passed since is answered as it was the first time, by its key', async () => {
    const fake = new FakeContext();
    const request = { expiresAt: fake.clock.now() + 1000, idempotencyKey: 'order-1' };
    const { change } = await ask(fake, request);
    await fake.clock.advance(2000);
    expect((await ask(fake, request)).change?.id).toBe(change?.id);
    expect(fake.accepted).toHaveLength(1);
  });

  it('names the DeviceModel that is missing', async () => {
    const fake = new FakeContext();
    fake.model = undefined;
    expect(await ask(fake)).toMatchObject({ kind: 'Rejected', code: 'MODEL_NOT_FOUND' });
  });

  it.each([-1, 60_001])('refuses a timeout of %d ms with what is expected', async (timeoutMs) => {
    const fake = new FakeContext();
    await expect(ask(fake, { timeoutMs })).rejects.toThrow(`timeoutMs is ${timeoutMs}: expected 0 to 60000`);
    expect(fake.accepted).toEqual([]);
  });
});

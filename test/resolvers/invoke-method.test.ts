import { describe, expect, it } from 'vitest';
import type { Context } from '../../resolvers/context.ts';
import { type InvokeMethodInput, invokeMethod } from '../../resolvers/invoke-method.ts';
import { FakeContext } from './fake-context.ts';

/** What reaches the device, and what the caller gets. */
function caller(principal = 'tester') {
  const keys: (string | undefined)[] = [];
  const devices: unknown[] = [];
  const { context } = new FakeContext();
  const device = context.objects.device('default', 'pump')!;
  const spec = { ...device.spec, nodeName: '', methods: [{ name: 'flush' }] };
  const ours = {
    ...context,
    principal: { ...context.principal, name: principal },
    objects: { ...context.objects, device: () => ({ ...device, spec }) },
    methods: {
      async invoke(key: unknown, { idempotencyKey }: { idempotencyKey?: string }) {
        devices.push(key);
        keys.push(idempotencyKey);
        return true;
      },
    },
  } as unknown as Context;
  const call = (input: Partial<InvokeMethodInput> = {}) =>
    invokeMethod({ device: { namespace: 'default', name: 'pump' }, method: 'flush', ...input }, ours);
  return { keys, devices, call };
}

describe('invokeMethod', () => {
  it('names the methods that there are where it is asked for another', async () => {
    const { call, keys } = caller();
    expect(await call({ method: 'flood' })).toMatchObject({
      kind: 'MethodFailed',
      code: 'METHOD_NOT_FOUND',
      message: 'device default/pump has no method flood; it has: flush',
    });
    expect(keys).toEqual([]);
  });

  it.each([
    ['an empty key', { idempotencyKey: '' }, 'idempotencyKey has 0 characters: expected 1 to 256'],
    [
      'a key without end',
      { idempotencyKey: 'k'.repeat(257) },
      'idempotencyKey has 257 characters: expected 1 to 256',
    ],
    ['no time at all', { timeoutMs: 0 }, 'timeoutMs is 0: expected 1 to 60000'],
    ['too much time', { timeoutMs: 60_001 }, 'timeoutMs is 60001: expected 1 to 60000'],
  ])('refuses %s before anything reaches the device', async (_what, input, message) => {
    const { call, keys } = caller();
    await expect(call(input)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message });
    expect(keys).toEqual([]);
  });

  it('calls a device with an empty nodeName as one that no node has', async () => {
    const { call, devices } = caller();
    await call();
    expect(devices).toEqual([{ namespace: 'default', name: 'pump', nodeName: null }]);
  });

  it('keeps the keys of principals apart, whatever their names hold', async () => {
    const [one, other] = [caller('line'), caller('line 2')];
    await one.call({ idempotencyKey: '2 flush' });
    await other.call({ idempotencyKey: 'flush' });
    expect(one.keys[0]).toBeDefined();
    expect(one.keys[0]).not.toBe(other.keys[0]);
  });
});

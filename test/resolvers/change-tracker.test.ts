import { describe, expect, it } from 'vitest';
import { change, subscribeChange } from '../../resolvers/change.ts';
import { setDesired } from '../../resolvers/set-desired.ts';
import { FakeContext } from './fake-context.ts';

const ask = (fake: FakeContext, fields: object = {}) =>
  setDesired(
    {
      device: { namespace: 'default', name: 'pump' },
      values: [{ property: 'setpoint', value: 21 }],
      ...fields,
    },
    fake.context,
  );
const asked = { value: 21, change: 'chg-1' };

describe('a change', () => {
  it('is found by its id, with how far it got', async () => {
    const fake = new FakeContext();
    await ask(fake);
    expect(await change('chg-1', fake.context)).toMatchObject({ id: 'chg-1', state: 'ACCEPTED' });
    fake.stand('setpoint', asked, 'DELIVERED');
    expect(await change('chg-1', fake.context)).toMatchObject({ state: 'DELIVERED', settledAt: undefined });
    fake.stand('setpoint', asked, 'IN_SYNC');
    expect(await change('chg-1', fake.context)).toMatchObject({
      state: 'REPORTED',
      settledAt: fake.clock.now(),
    });
    expect(await change('chg-2', fake.context)).toBeNull();
  });

  it('keeps its end when another takes its place afterwards', async () => {
    const fake = new FakeContext();
    await ask(fake);
    fake.stand('setpoint', asked, 'IN_SYNC');
    fake.stand('setpoint', { value: 5, change: 'chg-9' }, 'DELIVERED');
    expect((await change('chg-1', fake.context))?.state).toBe('REPORTED');
  });

  it('is superseded when another takes its place before its end', async () => {
    const fake = new FakeContext();
    await ask(fake);
    fake.stand('setpoint', asked, 'DELIVERED');
    fake.stand('setpoint', { value: 5, change: 'chg-9' }, 'DELIVERED');
    expect((await change('chg-1', fake.context))?.state).toBe('SUPERSEDED');
  });

  it('can be followed to its end', async () => {
    const fake = new FakeContext();
    await ask(fake);
    const steps = subscribeChange('chg-1', fake.context);
    fake.stand('setpoint', asked, 'DELIVERED');
    fake.stand('setpoint', asked, 'IN_SYNC');
    const seen: string[] = [];
    for await (const { state } of steps) seen.push(state);
    expect(seen).toEqual(['ACCEPTED', 'DELIVERED', 'REPORTED']);
  });

  it('is told as ended only when its end is kept', async () => {
    const fake = new FakeContext();
    await ask(fake);
    fake.stand('setpoint', asked, 'IN_SYNC');
    let keep = () => {};
    fake.durable = () => new Promise((resolve) => (keep = resolve));
    let isTold = false;
    const told = change('chg-1', fake.context).finally(() => (isTold = true));
    await fake.clock.advance(0);
    expect(isTold).toBe(false);
    keep();
    expect((await told)?.state).toBe('REPORTED');
  });

  it('that nobody made cannot be followed', () => {
    expect(() => subscribeChange('chg-7', new FakeContext().context)).toThrow(
      'change chg-7 is not known here',
    );
  });
});

describe('an idempotency key', () => {
  it('makes the same request the same change, once accepted', async () => {
    const fake = new FakeContext();
    const first = await ask(fake, { idempotencyKey: 'k' });
    const second = await ask(fake, { idempotencyKey: 'k' });
    expect(second).toMatchObject({ kind: 'Settled', change: { id: 'chg-1' } });
    expect(first).toMatchObject({ change: { id: 'chg-1' } });
    expect(fake.accepted).toHaveLength(1);
  });

  it('is refused for another request', async () => {
    const fake = new FakeContext();
    await ask(fake, { idempotencyKey: 'k' });
    const other = await ask(fake, { idempotencyKey: 'k', values: [{ property: 'setpoint', value: 22 }] });
    expect(other).toMatchObject({ kind: 'Rejected', code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(fake.accepted).toHaveLength(1);
  });

  it('is free again after a day', async () => {
    const fake = new FakeContext();
    await ask(fake, { idempotencyKey: 'k' });
    await fake.clock.advance(24 * 3_600_000 + 1);
    await ask(fake, { idempotencyKey: 'k', values: [{ property: 'setpoint', value: 22 }] });
    expect(fake.accepted).toHaveLength(2);
  });
});

describe('preconditions', () => {
  it('refuse a request whose ifDesired does not hold', async () => {
    const fake = new FakeContext();
    fake.stand('setpoint', { value: 19 }, 'IN_SYNC');
    const refused = await ask(fake, { ifDesired: [{ property: 'setpoint', value: 18 }] });
    expect(refused).toMatchObject({ kind: 'Rejected', code: 'PRECONDITION_FAILED', property: 'setpoint' });
    expect(fake.accepted).toEqual([]);
    await ask(fake, { ifDesired: [{ property: 'setpoint', value: 19 }] });
    expect(fake.accepted).toHaveLength(1);
  });
});

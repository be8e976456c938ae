import { describe, expect, it } from 'vitest';
import { CloudFixture, PUMP, ScriptedNode, snapshot, state, twin } from './fixture.ts';

const DAY_MS = 24 * 3600_000;

function start() {
  const cloud = new CloudFixture();
  cloud.cluster.putDevice('pump');
  cloud.replica.connect('edge-a', 'store-1');
  const value = (property = 'temperature') =>
    cloud.replica.twin('edge-a', PUMP, 'uid-pump', property)?.reported?.value;
  return { ...cloud, cloud, value };
}

describe('the replica', () => {
  it('takes what is newer by position, whatever the clocks say', () => {
    const { replica, value, taken } = start();
    replica.apply('edge-a', [
      twin(1, 20),
      twin(2, 21, { reported: { value: 21, quality: 'GOOD', observedAt: 5 } }),
    ]);
    expect(value()).toBe(21);
    expect(taken.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('ignores what comes twice, or late', () => {
    const { replica, value, taken } = start();
    replica.apply('edge-a', [twin(5, 20)]);
    expect(replica.apply('edge-a', [twin(5, 99), twin(4, 98)])).toEqual([]);
    expect(value()).toBe(20);
    expect(taken).toHaveLength(1);
  });

  it('orders each property for itself', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(5, 20), twin(3, 7, { property: 'setpoint' })]);
    expect(value('setpoint')).toBe(7);
  });

  it('refuses, and names, a device that the node does not hold', () => {
    const { cloud, replica, taken } = start();
    cloud.cluster.putDevice('fan', { nodeName: 'edge-b' });
    const foreign = [
      twin(1, 1, { device: 'default/fan', uid: 'uid-fan' }),
      twin(2, 1, { device: 'default/ghost', uid: 'uid-ghost' }),
      twin(3, 1, { uid: 'uid-of-an-older-pump' }),
    ];
    expect(replica.apply('edge-a', [...foreign, twin(4, 20)])).toEqual(foreign);
    expect(taken.map(({ seq }) => seq)).toEqual([4]);
  });

  it('knows a node from its first connection on', () => {
    const { replica } = start();
    expect(replica.knows('edge-a')).toBe(true);
    expect(replica.knows('edge-b')).toBe(false);
    expect(() => replica.apply('edge-b', [])).not.toThrow();
    expect(() => replica.applyStates('edge-b', [], 0, 0)).toThrow('node edge-b never connected');
  });

  it('forgets a device that was deleted or moved', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(1, 20)]);
    replica.applyStates('edge-a', [state()], 0, 0);
    replica.removeDevice('edge-a', PUMP);
    expect(value()).toBeUndefined();
    expect(replica.state('edge-a', PUMP, 'uid-pump')).toBeUndefined();
    replica.removeDevice('edge-z', PUMP);
  });

  it('shows nothing of a device that was created again under the name', () => {
    const { replica } = start();
    replica.apply('edge-a', [twin(1, 20)]);
    replica.applyStates('edge-a', [state()], 0, 0);
    expect(replica.twin('edge-a', PUMP, 'uid-2', 'temperature')).toBeUndefined();
    expect(replica.state('edge-a', PUMP, 'uid-2')).toBeUndefined();
  });
});

describe('a node that comes back with another store', () => {
  it('starts another history: low positions count again, and what was known stays until then', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(500, 20)]);
    replica.connect('edge-a', 'store-2');
    expect(value()).toBe(20);
    replica.apply('edge-a', [twin(1, 21)]);
    expect(value()).toBe(21);
    expect(replica.isWhole('edge-a')).toBe(false);
  });

  it('and with the same one goes on where it was', () => {
    const { replica, value } = start();
    replica.applySnapshot('edge-a', snapshot([twin(500, 20)]), 0);
    replica.connect('edge-a', 'store-1');
    replica.apply('edge-a', [twin(1, 21)]);
    expect(value()).toBe(20);
    expect(replica.isWhole('edge-a')).toBe(true);
  });
});

describe('a snapshot', () => {
  it('removes what it does not name, with its last part', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(1, 20), twin(2, 7, { property: 'setpoint' })]);
    replica.connect('edge-a', 'store-2');
    replica.applySnapshot('edge-a', snapshot([twin(1, 21)], { last: false }), 0);
    expect(value('setpoint')).toBe(7);
    expect(replica.isWhole('edge-a')).toBe(false);
    replica.applySnapshot('edge-a', snapshot([], { first: false }), 0);
    expect(value()).toBe(21);
    expect(value('setpoint')).toBeUndefined();
    expect(replica.isWhole('edge-a')).toBe(true);
  });

  it('[T22] what it does not name is forgotten and told, and its position is not: what comes again is nothing new', () => {
    const { replica, value, taken, forgotten } = start();
    replica.apply('edge-a', [twin(7, 20), twin(8, 21)]);
    replica.applySnapshot('edge-a', snapshot([]), 0);
    expect(value()).toBeUndefined();
    expect(forgotten.map(({ property, seq }) => `${property} ${seq}`)).toEqual(['temperature 8']);
    replica.connect('edge-a', 'store-1');
    replica.apply('edge-a', [twin(7, 20), twin(8, 21)]);
    replica.applySnapshot('edge-a', snapshot([]), 0);
    expect(value()).toBeUndefined();
    expect(taken).toHaveLength(2);
    expect(forgotten).toHaveLength(1);
    replica.apply('edge-a', [twin(9, 22)]);
    expect(value()).toBe(22);
  });

  it('[T22] the position goes with the device, and counts for no other store', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(8, 21)]);
    replica.applySnapshot('edge-a', snapshot([]), 0);
    replica.connect('edge-a', 'store-2');
    replica.apply('edge-a', [twin(1, 22)]);
    expect(value()).toBe(22);
    replica.connect('edge-a', 'store-1');
    replica.apply('edge-a', [twin(8, 23)]);
    replica.applySnapshot('edge-a', snapshot([]), 0);
    replica.removeDevice('edge-a', PUMP);
    replica.apply('edge-a', [twin(8, 24)]);
    expect(value()).toBe(24);
  });

  it('does not take back what came after it was made', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(9, 25)]);
    replica.applySnapshot('edge-a', snapshot([twin(5, 20)]), 0);
    expect(value()).toBe(25);
  });

  it('that was cut off removes nothing when the next one begins', () => {
    const { replica, value } = start();
    replica.apply('edge-a', [twin(2, 7, { property: 'setpoint' })]);
    replica.applySnapshot('edge-a', snapshot([], { last: false }), 0);
    replica.connect('edge-a', 'store-1');
    replica.applySnapshot('edge-a', snapshot([], { first: false, last: true }), 0);
    expect(value('setpoint')).toBe(7);
    expect(replica.isWhole('edge-a')).toBe(false);
    replica.applySnapshot('edge-a', snapshot([twin(2, 7, { property: 'setpoint' })]), 0);
    expect(value('setpoint')).toBe(7);
    expect(replica.isWhole('edge-a')).toBe(true);
  });

  it('brings the device states', () => {
    const { replica } = start();
    replica.applySnapshot('edge-a', snapshot([], { states: [state({ reason: 'fine' })] }), 0);
    expect(replica.state('edge-a', PUMP, 'uid-pump')).toMatchObject({ state: 'online', reason: 'fine' });
  });
});

describe('device states', () => {
  it.each([-400, 0, 400])('count ages on the cloud’s clock, with the node’s %d days off', (days) => {
    const { replica, clock } = start();
    const nodeNow = clock.now() + days * DAY_MS;
    replica.applyStates('edge-a', [state({ aliveAt: nodeNow - 300 })], nodeNow, clock.now());
    expect(replica.state('edge-a', PUMP, 'uid-pump')?.aliveAt).toBe(clock.now() - 300);
  });

  it('never lie in the cloud’s future', () => {
    const { replica } = start();
    replica.applyStates('edge-a', [state({ aliveAt: 2000 })], 1000, 50);
    expect(replica.state('edge-a', PUMP, 'uid-pump')?.aliveAt).toBe(50);
  });

  it('of devices that the node does not hold are not taken', () => {
    const { replica, states } = start();
    replica.applyStates('edge-a', [state({ device: 'default/ghost' }), state({ uid: 'old' })], 0, 0);
    expect(states).toEqual([]);
  });

  it('are told where state or reason changed, not with every age', () => {
    const { replica, states } = start();
    replica.applyStates('edge-a', [state({ aliveAt: 1 })], 1, 1);
    replica.applyStates('edge-a', [state({ aliveAt: 2 })], 2, 2);
    replica.applyStates('edge-a', [state({ state: 'offline' })], 3, 3);
    replica.applyStates('edge-a', [state({ state: 'offline', reason: 'no answer' })], 4, 4);
    expect(states.map((each) => [each.state, each.reason])).toEqual([
      ['online', undefined],
      ['offline', undefined],
      ['offline', 'no answer'],
    ]);
    expect(replica.state('edge-a', PUMP, 'uid-pump')?.state).toBe('offline');
  });
});

describe('links', () => {
  it('tell since when they are what they are, and forget no version', async () => {
    const { links, clock } = new CloudFixture();
    const node = new ScriptedNode();
    expect(links.edgeNode('edge-a')).toBeNull();
    links.up(node);
    await clock.advance(1000);
    links.synced('edge-a');
    expect(links.edgeNode('edge-a')).toMatchObject({
      version: '9.9.9',
      link: { state: 'UP', since: clock.now() - 1000, lastSyncAt: clock.now() },
    });
    await clock.advance(1000);
    expect(links.down(node, 'reset')).toBe(true);
    expect(links.edgeNode('edge-a')?.link).toMatchObject({ state: 'DOWN', since: clock.now() });
    expect(() => links.requireSession('edge-a')).toThrow(/edge node edge-a is offline since 2023-/);
    expect(() => links.requireSession('edge-z')).toThrow('was never seen by this gateway');
  });

  it('do not go down with a session that another one has replaced', () => {
    const { links } = new CloudFixture();
    const [old, fresh] = [new ScriptedNode(), new ScriptedNode()];
    links.up(old);
    links.up(fresh);
    expect(links.down(old, 'reset')).toBe(false);
    expect(links.session('edge-a')).toBe(fresh);
    expect([...links.sessions()]).toEqual([fresh]);
  });
});

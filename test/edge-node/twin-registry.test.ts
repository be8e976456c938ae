import { describe, expect, it } from 'vitest';
import { encodeDesired } from '../../twin/desired.ts';
import type { Twin } from '../../twin/twin.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { EdgeFixture, MODEL, PUMP, proposal } from './fixture.ts';

describe('what a device reports', () => {
  it('becomes its twin, with a position that grows', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    expect(edge.registry.report(PUMP, 'temperature', edge.reported(20))).toBe(true);
    expect(edge.registry.report(PUMP, 'temperature', edge.reported(21))).toBe(true);
    expect(edge.twin('temperature')).toMatchObject({ uid: 'uid-pump', seq: 2, reported: { value: 21 } });
  });

  it('is refused for a property that the model lacks, and for a device that is not here', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    expect(edge.registry.report(PUMP, 'speed', edge.reported(1))).toBe(false);
    expect(edge.registry.report('default/ghost', 'temperature', edge.reported(1))).toBe(false);
    expect([...edge.registry.all()]).toEqual([]);
  });

  it('is there again after a restart, and positions go on behind', async () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report(PUMP, 'temperature', edge.reported(20));
    const before = edge.twin('temperature');
    await edge.restart();
    expect(edge.twin('temperature')).toEqual(before);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report(PUMP, 'temperature', edge.reported(21));
    expect(edge.twin('temperature')?.seq).toBe(2);
  });

  it('is told to listeners at once, until they close', () => {
    const edge = new EdgeFixture();
    const heard: Twin[] = [];
    const close = edge.registry.onChange((twin) => heard.push(twin));
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report(PUMP, 'temperature', edge.reported(20));
    close();
    edge.registry.report(PUMP, 'temperature', edge.reported(21));
    expect(heard).toMatchObject([{ reported: { value: 20 } }]);
  });
});

describe('what the Device object desires', () => {
  it('is delivered once, however often the object arrives', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    const delivered = edge.twin('setpoint');
    expect(delivered).toMatchObject({ observedDesired: { value: 21 }, sync: { state: 'DELIVERED' } });
    edge.registry.setDevice(
      deviceObject('pump', { desired: { setpoint: '21' }, resourceVersion: '2' }),
      MODEL,
    );
    expect(edge.twin('setpoint')).toBe(delivered);
  });

  it('is confirmed, drifts, and comes back', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.confirm(PUMP, 'setpoint', 21);
    expect(edge.twin('setpoint')).toMatchObject({ reported: { value: 21 }, sync: { state: 'IN_SYNC' } });
    edge.registry.report(PUMP, 'setpoint', edge.reported(19));
    expect(edge.state('setpoint')).toBe('DRIFTED');
    edge.registry.report(PUMP, 'setpoint', edge.reported(21));
    expect(edge.state('setpoint')).toBe('IN_SYNC');
  });

  it('is rejected with the device’s reason', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.refuse(PUMP, 'setpoint', 'illegal data value');
    expect(edge.twin('setpoint')?.sync).toMatchObject({ state: 'REJECTED', reason: 'illegal data value' });
  });

  it('is rejected unseen by the device where it does not fit the model', () => {
    const edge = new EdgeFixture();
    const states: string[] = [];
    edge.registry.onChange((twin) => states.push(twin.sync.state));
    const desired = { setpoint: '99', temperature: '5' };
    edge.registry.setDevice(deviceObject('pump', { desired }), MODEL);
    expect(states).toEqual(['REJECTED', 'REJECTED']);
    expect(edge.twin('setpoint')?.sync.reason).toContain('above the maximum 30');
    expect(edge.twin('temperature')?.sync.reason).toContain('READ_ONLY');
  });

  it('is let go when it is cleared', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    expect(edge.twin('setpoint')).toMatchObject({ observedDesired: undefined, sync: { state: 'NONE' } });
  });

  it('is judged anew when the model changes', () => {
    const edge = new EdgeFixture();
    const device = deviceObject('pump', { desired: { setpoint: '40' } });
    edge.registry.setDevice(device, MODEL);
    expect(edge.state('setpoint')).toBe('REJECTED');
    const wider = modelObject('thermostat', [
      { name: 'setpoint', type: 'DOUBLE', accessMode: 'ReadWrite', maximum: '50' },
    ]);
    edge.registry.setDevice(device, wider);
    expect(edge.state('setpoint')).toBe('DELIVERED');
    expect(edge.registry.report(PUMP, 'temperature', edge.reported(1))).toBe(false);
  });

  it('waits for a model that is not there yet', () => {
    const edge = new EdgeFixture();
    const device = deviceObject('pump', { desired: { setpoint: '21' } });
    edge.registry.setDevice(device, undefined);
    expect(edge.twin('setpoint')).toBeUndefined();
    edge.registry.setDevice(device, MODEL);
    expect(edge.state('setpoint')).toBe('DELIVERED');
  });
});

describe('a device', () => {
  it('that is created again under its name is another one: nothing of the old one is said of it', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.report(PUMP, 'temperature', edge.reported(20));
    edge.registry.confirm(PUMP, 'setpoint', 21);
    edge.registry.propose(proposal({ property: 'mode', value: 'eco' }));
    edge.registry.setState({ device: PUMP, uid: 'uid-pump', state: 'online' });
    edge.registry.setDevice(deviceObject('pump', { uid: 'uid-2', desired: { setpoint: '21' } }), MODEL);
    expect(edge.twin('temperature')).toBeUndefined();
    expect(edge.twin('setpoint')).toMatchObject({ uid: 'uid-2', sync: { state: 'DELIVERED' } });
    expect(edge.twin('setpoint')?.reported).toBeUndefined();
    expect(edge.registry.state(PUMP)).toMatchObject({ uid: 'uid-2', state: 'unknown' });
    expect([...edge.registry.proposals()]).toEqual([]);
  });

  it('that was created again while the process was down is noticed at its next start', async () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report(PUMP, 'temperature', edge.reported(20));
    await edge.restart();
    edge.registry.setDevice(deviceObject('pump', { uid: 'uid-2' }), MODEL);
    expect(edge.twin('temperature')).toBeUndefined();
  });

  it('that goes away leaves nothing, on disk neither', async () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.propose(proposal());
    edge.registry.removeDevice(PUMP);
    expect([...edge.registry.all(), ...edge.registry.states(), ...edge.registry.proposals()]).toEqual([]);
    await edge.restart();
    expect([...edge.registry.all(), ...edge.registry.states(), ...edge.registry.proposals()]).toEqual([]);
  });

  it('has an age that counts from its last collection', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.setState({ device: PUMP, uid: 'uid-pump', state: 'online' });
    edge.registry.collected(PUMP, [], 5);
    expect(edge.registry.state(PUMP)).toMatchObject({ state: 'online', aliveAt: 5, lastOnlineAt: 5 });
  });
});

describe('a proposal', () => {
  it('goes before what the cloud wants, at once', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.propose(proposal({ base: 21 }));
    expect(edge.twin('setpoint')).toMatchObject({
      observedDesired: { value: 25, change: 'chg-1', setBy: 'operator' },
      sync: { state: 'DELIVERED', change: 'chg-1' },
    });
  });

  it('ends when the cloud refuses it: its own value counts again', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.propose(proposal({ base: 20 }));
    edge.registry.judge('chg-1', PUMP, 'setpoint', { accepted: false });
    expect(edge.twin('setpoint')?.observedDesired).toMatchObject({ value: 21 });
    expect([...edge.registry.proposals()]).toEqual([]);
  });

  it('that the cloud took holds until the Device object says so', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.propose(proposal({ base: 21 }));
    edge.registry.judge('chg-1', PUMP, 'setpoint', { accepted: true });
    edge.registry.setDevice(
      deviceObject('pump', { desired: { setpoint: '21' }, resourceVersion: '2' }),
      MODEL,
    );
    expect(edge.twin('setpoint')?.observedDesired?.value).toBe(25);
    const taken = encodeDesired(proposal().desired);
    edge.registry.confirm(PUMP, 'setpoint', 25);
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: taken } }), MODEL);
    expect([...edge.registry.proposals()]).toEqual([]);
    expect(edge.state('setpoint')).toBe('IN_SYNC');
  });

  it('ends with its verdict where the Device object was faster', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.propose(proposal());
    edge.registry.setDevice(
      deviceObject('pump', { desired: { setpoint: encodeDesired(proposal().desired) } }),
      MODEL,
    );
    expect([...edge.registry.proposals()]).toHaveLength(1);
    edge.registry.judge('chg-1', PUMP, 'setpoint', { accepted: true });
    expect([...edge.registry.proposals()]).toEqual([]);
    expect(edge.twin('setpoint')?.observedDesired?.value).toBe(25);
  });

  it('may clear what is desired', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    edge.registry.propose(proposal({ value: null, base: 21 }));
    expect(edge.twin('setpoint')).toMatchObject({ observedDesired: undefined, sync: { state: 'NONE' } });
  });

  it('is not touched by the verdict on an earlier one', () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.propose(proposal());
    edge.registry.propose(proposal({ change: 'chg-2', value: 26 }));
    edge.registry.judge('chg-1', PUMP, 'setpoint', { accepted: false });
    expect(edge.twin('setpoint')?.observedDesired?.value).toBe(26);
  });

  it('is there again after a restart, the last one of its property alone', async () => {
    const edge = new EdgeFixture();
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    // Their ids sort the other way round: the order on disk must not decide.
    edge.registry.propose(proposal({ change: 'chg-z', value: 25 }));
    edge.registry.propose(proposal({ change: 'chg-a', value: 26 }));
    await edge.restart();
    expect([...edge.registry.proposals()]).toMatchObject([{ change: 'chg-a', desired: { value: 26 } }]);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    expect(edge.twin('setpoint')?.observedDesired?.value).toBe(26);
  });
});

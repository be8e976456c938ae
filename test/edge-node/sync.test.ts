import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EdgeSync } from '../../edge-node/sync.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import { CLOSE } from '../../tunnel/close-codes.ts';
import type { CloudSession, Welcome } from '../../tunnel/contract.ts';
import type { ReportsUp, SnapshotUp, UpMessage } from '../../tunnel/messages.ts';
import { bucketOf } from '../../twin/digest.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import type { Twin } from '../../twin/twin.ts';
import { deviceObject, machine } from '../harness/objects.ts';
import { EdgeFixture, MODEL, PUMP, proposal } from './fixture.ts';

/** The cloud as the test plays it: it writes down what came up. */
class ScriptedCloud implements CloudSession {
  readonly messages: UpMessage[] = [];
  readonly welcome: Welcome;
  readonly minor: number;
  bufferedBytes = 0;
  /** Updates that one message holds at most. */
  limit = Number.POSITIVE_INFINITY;

  constructor(replicaId = 'replica-1', minor = 1) {
    this.minor = minor;
    this.welcome = { replicaId, serverTime: 0 };
  }

  send(message: UpMessage): void {
    if ('updates' in message && message.updates.length > this.limit) {
      throw new OctographError('TUNNEL_MESSAGE_TOO_LARGE', 'too large');
    }
    this.messages.push(structuredClone(message));
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  get reports(): ReportsUp[] {
    return this.messages.filter((message) => message.type === 'reports');
  }

  get snapshots(): SnapshotUp[] {
    return this.messages.filter((message) => message.type === 'snapshot');
  }

  /** The reported values that came, in their order. */
  get values(): unknown[] {
    return this.reports.flatMap(({ updates }) => updates.map(({ reported }) => reported?.value));
  }

  get lastSeq(): number {
    return this.reports.at(-1)?.updates.at(-1)?.seq ?? 0;
  }
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

function start(edge = new EdgeFixture()) {
  const onObjects = vi.fn();
  const sync = new EdgeSync({
    store: edge.store,
    registry: edge.registry,
    onObjects,
    clock: edge.clock,
    logger: silentLogger,
  });
  onTestFinished(() => sync.close());
  edge.registry.setDevice(deviceObject('pump'), MODEL);
  const connect = (cloud = new ScriptedCloud()) => {
    sync.onConnected(cloud);
    return cloud;
  };
  const ack = (cloud: ScriptedCloud, seq: number, snapshot?: boolean) =>
    sync.onMessage(cloud, { type: 'acked', seq, snapshot });
  /** A cloud that knows this node: its snapshot is behind it. */
  const connectKnown = () => {
    const cloud = connect();
    ack(cloud, 0, true);
    cloud.messages.length = 0;
    return cloud;
  };
  const disconnect = (code: number = CLOSE.goingAway) => sync.onDisconnected('the test', code);
  return { edge, sync, onObjects, connect, connectKnown, ack, disconnect };
}

describe('what is reported', () => {
  it('goes up in order, as soon as it is durable and no sooner', () => {
    const { edge, connectKnown } = start();
    const cloud = connectKnown();
    edge.registry.report(PUMP, 'temperature', edge.reported(1));
    edge.registry.report(PUMP, 'temperature', edge.reported(2));
    expect(cloud.messages).toEqual([]);
    edge.store.flush();
    expect(cloud.values).toEqual([1, 2]);
    edge.reportNumbers(3, 2);
    expect(cloud.values).toEqual([1, 2, 3, 4]);
  });

  it('while the link is down goes up afterwards, each value once, in order', () => {
    const { edge, connectKnown, connect, ack, disconnect } = start();
    const before = connectKnown();
    edge.reportNumbers(1, 10);
    ack(before, before.lastSeq);
    disconnect();
    edge.reportNumbers(11, 490);
    const after = connect();
    edge.reportNumbers(501, 3);
    while (after.values.length < 493) ack(after, after.lastSeq);
    expect([...before.values, ...after.values]).toEqual(numbers(1, 503));
  });

  it('and not acknowledged when the link went down goes up again', () => {
    const { edge, connectKnown, connect, ack, disconnect } = start();
    const before = connectKnown();
    edge.reportNumbers(1, 5);
    ack(before, before.lastSeq - 2);
    disconnect();
    expect(connect().values).toEqual([4, 5]);
  });

  it('goes up again after a restart where it was not acknowledged', async () => {
    const { edge, connectKnown, sync, ack } = start();
    const before = connectKnown();
    edge.reportNumbers(1, 5);
    ack(before, before.lastSeq - 2);
    sync.close();
    await edge.restart();
    expect(start(edge).connect().values).toEqual([4, 5]);
  });

  it('leaves the outbox with its acknowledgement', () => {
    const { edge, connectKnown, ack } = start();
    const cloud = connectKnown();
    edge.reportNumbers(1, 5);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(edge.clock.now()).items).toBe(0);
  });

  it('[W38] waits for acknowledgements: few are on their way at first, 4000 at most', () => {
    const { edge, connectKnown, connect, disconnect, ack } = start();
    connectKnown();
    disconnect();
    for (const value of numbers(1, 20_000)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    const cloud = connect();
    expect(cloud.values).toEqual(numbers(1, 64));
    edge.reportNumbers(20_001, 1);
    expect(cloud.values).toHaveLength(64);
    const onTheirWay: number[] = [];
    for (let acked = cloud.values.length; cloud.values.length < 20_001; acked = cloud.values.length) {
      ack(cloud, cloud.lastSeq);
      onTheirWay.push(cloud.values.length - acked);
    }
    expect(onTheirWay.slice(0, 7)).toEqual([128, 256, 512, 1024, 2048, 4000, 4000]);
    expect(cloud.values).toEqual(numbers(1, 20_001));
    expect(Math.max(...cloud.reports.map(({ updates }) => updates.length))).toBe(500);
  });

  it('waits while the socket takes nothing, and never for nothing', () => {
    const { edge, connectKnown, connect, ack, disconnect } = start();
    connectKnown();
    disconnect();
    for (const value of numbers(1, 1500)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    const cloud = new ScriptedCloud();
    cloud.bufferedBytes = 32 * 1024 * 1024;
    connect(cloud);
    expect(cloud.values).toEqual(numbers(1, 32));
    edge.reportNumbers(1501, 1);
    expect(cloud.values).toHaveLength(32);
    ack(cloud, cloud.lastSeq);
    expect(cloud.values).toEqual(numbers(1, 96));
    cloud.bufferedBytes = 0;
    while (cloud.values.length < 1501) ack(cloud, cloud.lastSeq);
    expect(cloud.values).toEqual(numbers(1, 1501));
  });

  it('that is too long for one message goes up in several', () => {
    const { edge, connectKnown } = start();
    const cloud = connectKnown();
    cloud.limit = 3;
    for (const value of numbers(1, 10)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    expect(cloud.values).toEqual(numbers(1, 10));
    edge.reportNumbers(11, 1);
    expect(cloud.values).toEqual(numbers(1, 11));
  });
});

describe('[W38] beside a backlog', () => {
  /** 9000 reports of one property that wait, at a cloud that knows the node and has acknowledged nothing of them. */
  const behind = () => {
    const { edge, connectKnown, connect, sync, ack, disconnect } = start();
    connectKnown();
    disconnect();
    for (const value of numbers(1, 9000)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    const report = (property: string, value: number) => {
      edge.registry.report(PUMP, property, edge.reported(value));
      edge.store.flush();
    };
    return { edge, cloud: connect(), connect, sync, ack, disconnect, report };
  };
  /** As a replica takes them: a position that is not higher is nothing new. */
  const valuesOf = (wanted: string, { reports }: ScriptedCloud) => {
    const taken = new Map<number, Twin>();
    for (const twin of reports.flatMap(({ updates }) => updates))
      if (twin.property === wanted && twin.seq > ([...taken.keys()].at(-1) ?? 0)) taken.set(twin.seq, twin);
    return Array.from(taken.values(), ({ reported }) => reported?.value);
  };

  it('a property without one goes up with its commit, behind no more than what is on its way', () => {
    const { cloud, report } = behind();
    expect(cloud.values).toHaveLength(64);
    report('setpoint', 21);
    report('temperature', 9001);
    report('setpoint', 22);
    expect(cloud.messages.slice(-2)).toMatchObject([
      { ahead: true, updates: [{ property: 'setpoint', reported: { value: 21 } }] },
      { ahead: true, updates: [{ property: 'setpoint', reported: { value: 22 } }] },
    ]);
    expect(valuesOf('temperature', cloud)).toEqual(numbers(1, 64));
  });

  it('what went ahead goes up again only where it ends a message, and all of it leaves the outbox', () => {
    const { edge, cloud, report, ack } = behind();
    for (const value of numbers(1, 50)) report('setpoint', value);
    report('temperature', 9001);
    while (!cloud.values.includes(9001)) ack(cloud, cloud.lastSeq);
    for (const value of numbers(51, 3)) report('setpoint', value);
    ack(cloud, cloud.lastSeq);
    expect(valuesOf('temperature', cloud)).toEqual(numbers(1, 9001));
    expect(valuesOf('setpoint', cloud)).toEqual(numbers(1, 53));
    const twice = cloud.values.length - 9001 - 53;
    expect(twice).toBeLessThanOrEqual(cloud.reports.filter(({ ahead }) => !ahead).length);
    expect(cloud.reports.at(-1)?.ahead).toBeUndefined();
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
  });

  it('the last of all is acknowledged in its order, though it went ahead', () => {
    const { edge, cloud, report, ack } = behind();
    report('setpoint', 21);
    const inOrder = () =>
      cloud.reports
        .filter(({ ahead }) => !ahead)
        .at(-1)
        ?.updates.at(-1);
    while (inOrder()?.property !== 'setpoint') ack(cloud, inOrder()?.seq ?? 0);
    ack(cloud, inOrder()?.seq ?? 0);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
  });

  it('what went ahead and was cut goes up again in its order', () => {
    const { cloud, connect, report, disconnect, ack } = behind();
    report('setpoint', 21);
    ack(cloud, cloud.reports[0]?.updates.at(-1)?.seq ?? 0);
    disconnect();
    const after = connect();
    report('setpoint', 22);
    while (after.lastSeq < 9002) ack(after, after.lastSeq);
    expect(valuesOf('setpoint', after)).toEqual([21, 22]);
  });

  it('waits with it while the socket takes nothing: then the link itself is slow', () => {
    const { cloud, report, ack } = behind();
    cloud.bufferedBytes = 2 * 1024 * 1024;
    report('setpoint', 21);
    cloud.bufferedBytes = 0;
    report('setpoint', 22);
    expect(valuesOf('setpoint', cloud)).toEqual([]);
    while (cloud.lastSeq < 9002) ack(cloud, cloud.lastSeq);
    expect(valuesOf('setpoint', cloud)).toEqual([21, 22]);
  });

  it('is little on its way where the line is slow', async () => {
    const { edge, cloud, ack } = behind();
    ack(cloud, cloud.lastSeq);
    ack(cloud, cloud.lastSeq);
    const before = cloud.lastSeq;
    await edge.clock.advance(4000);
    ack(cloud, cloud.lastSeq);
    expect(cloud.lastSeq - before).toBeLessThanOrEqual(32);
  });

  it('states and proposals go up as ever', async () => {
    const { edge, cloud, sync } = behind();
    sync.markState(PUMP);
    edge.registry.propose(proposal());
    sync.sendProposals([...edge.registry.proposals()]);
    await edge.clock.advance(500);
    expect(new Set(cloud.types)).toEqual(new Set(['states', 'reports', 'proposals']));
    expect(valuesOf('temperature', cloud)).toEqual(numbers(1, 64));
  });
});

describe('[T24] what is local only', () => {
  const keep = (edge: EdgeFixture, value?: string) => {
    const annotations = value === undefined ? undefined : { [LOCAL_ONLY]: value };
    edge.registry.setDevice(deviceObject('pump', { annotations }), MODEL);
  };
  const heard = ({ messages }: ScriptedCloud) =>
    messages
      .flatMap((message) => ('updates' in message ? message.updates : []))
      .map(({ property }) => property);

  it('does not go up: no report, no snapshot, no proposal; and holds up nothing else', async () => {
    const { edge, connect, ack, sync } = start();
    keep(edge, 'temperature,mode');
    edge.registry.propose(proposal({ property: 'mode', value: 'eco' }));
    edge.reportNumbers(1, 100);
    edge.registry.report(PUMP, 'setpoint', edge.reported(21));
    const cloud = connect();
    sync.sendProposals([...edge.registry.proposals()]);
    await edge.clock.advance(15_000);
    expect(new Set(heard(cloud))).toEqual(new Set(['setpoint']));
    expect(cloud.types).not.toContain('proposals');
    ack(cloud, 0, true);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
    for (const value of numbers(101, 10_000)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    edge.registry.report(PUMP, 'setpoint', edge.reported(22));
    edge.store.flush();
    expect(cloud.values).toEqual([21, 22]);
  });

  it('goes up with the commit that it is in, without being read back, between others that stay', () => {
    const { edge, connectKnown } = start();
    keep(edge, 'temperature');
    const cloud = connectKnown();
    edge.reportNumbers(1, 1);
    const read = vi.spyOn(edge.store, 'readOutbox');
    for (const value of numbers(1, 10)) {
      edge.registry.report(PUMP, 'setpoint', edge.reported(value));
      edge.reportNumbers(100 * value, 1);
    }
    expect(cloud.values).toEqual(numbers(1, 10));
    expect(read).not.toHaveBeenCalled();
  });

  it('as a device says nothing of its state either, until it is that no more', async () => {
    const { edge, connectKnown, sync } = start();
    keep(edge, 'true');
    const cloud = connectKnown();
    edge.registry.setState({ device: PUMP, uid: 'uid-pump', state: 'online' });
    sync.markState(PUMP);
    await edge.clock.advance(2000);
    expect(cloud.types).toEqual([]);
    keep(edge);
    await edge.clock.advance(500);
    expect(cloud.messages).toMatchObject([{ type: 'states', states: [{ state: 'online' }] }]);
  });

  it('since it waits in the outbox does not leave it but to be forgotten, and what is behind it goes up', () => {
    const { edge, connectKnown, connect, ack, disconnect } = start();
    connectKnown();
    disconnect();
    for (const value of numbers(1, 1200)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.registry.report(PUMP, 'setpoint', edge.reported(21));
    for (const value of numbers(1201, 1200)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    keep(edge, 'temperature');
    const cloud = connect();
    expect(heard(cloud)).toEqual(['setpoint']);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
  });

  it('[T26] no more goes up as it stands, with the wishes that are open', async () => {
    const { edge, connectKnown } = start();
    keep(edge, 'true');
    edge.registry.propose(proposal());
    edge.reportNumbers(1, 3);
    const cloud = connectKnown();
    keep(edge);
    edge.store.flush();
    expect(cloud.reports.flatMap(({ updates }) => updates)).toMatchObject([
      { property: 'setpoint', observedDesired: { value: 25 } },
      { property: 'temperature', reported: { value: 3 } },
    ]);
    await edge.clock.advance(15_000);
    expect(cloud.types).toContain('proposals');
  });
});

describe('a gateway that compares digests', () => {
  it('[W35] gets one behind the backlog, and only its word that it has everything empties the outbox', () => {
    const { edge, connect, ack } = start();
    edge.reportNumbers(1, 3);
    const cloud = connect();
    expect(cloud.types).toEqual(['states', 'reports', 'digest']);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(3);
    ack(cloud, 0, true);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
    expect(edge.store.sync).toMatchObject({ replicaId: 'replica-1', ackedSeq: cloud.lastSeq });
  });

  it('[W35] that knows the node gets one too, and acknowledges meanwhile', () => {
    const { edge, connectKnown, connect, disconnect, ack } = start();
    connectKnown();
    disconnect();
    const cloud = connect();
    edge.reportNumbers(1, 1);
    expect(cloud.types).toEqual(['states', 'digest', 'reports']);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
  });

  it('[W35] gets nothing of the whole while a backlog waits for its acknowledgements', () => {
    const { edge, connect, ack } = start();
    for (const value of numbers(1, 4500)) edge.registry.report(PUMP, 'temperature', edge.reported(value));
    edge.store.flush();
    const cloud = connect();
    while (cloud.values.length < 4500) {
      expect(cloud.types).not.toContain('digest');
      ack(cloud, cloud.lastSeq);
    }
    expect(cloud.types.at(-1)).toBe('digest');
  });

  it('[W35] gets the devices of the buckets that differ, and all of those that it wants', () => {
    const { edge, sync, connect } = start();
    for (const name of ['pump', 'fan', 'lamp']) {
      edge.registry.setDevice(deviceObject(name), MODEL);
      for (const property of ['temperature', 'setpoint'])
        edge.registry.report(`default/${name}`, property, edge.reported(1));
    }
    const cloud = connect();
    const differing = bucketOf('default/fan');
    cloud.messages.length = 0;
    sync.onMessage(cloud, { type: 'differ', buckets: [differing] });
    expect(cloud.messages).toMatchObject([
      {
        type: 'devices',
        buckets: [differing],
        devices: [{ device: 'default/fan', uid: 'uid-fan' }],
        last: true,
      },
    ]);
    cloud.messages.length = 0;
    sync.onMessage(cloud, { type: 'wanted', devices: ['default/fan', 'default/gone'] });
    expect(cloud.snapshots[0]).toMatchObject({
      first: true,
      devices: ['default/fan', 'default/gone'],
      states: [],
      seq: edge.store.lastSeq(),
    });
    expect(cloud.snapshots.at(-1)?.last).toBe(true);
    expect(cloud.snapshots.flatMap(({ updates }) => updates.map(({ device }) => device))).toEqual([
      'default/fan',
      'default/fan',
    ]);
  });

  it('[W35] gets what it asked for when the socket takes something again', async () => {
    const { edge, sync, connect } = start();
    const cloud = connect();
    edge.reportNumbers(1, 1);
    cloud.bufferedBytes = 32 * 1024 * 1024;
    sync.onMessage(cloud, { type: 'wanted', devices: [PUMP] });
    expect(cloud.snapshots).toEqual([]);
    cloud.bufferedBytes = 0;
    await edge.clock.advance(500);
    expect(cloud.snapshots.at(-1)?.last).toBe(true);
  });

  it('[W37] that found the store set back ends a history; any other end does not', () => {
    const { edge, connect, disconnect, ack } = start();
    const { storeId } = edge.store.identity;
    ack(connect(), 0, true);
    disconnect(CLOSE.goingAway);
    expect(edge.store.identity.storeId).toBe(storeId);
    connect();
    disconnect(CLOSE.storeWentBack);
    expect(edge.store.identity.storeId).not.toBe(storeId);
    expect(edge.store.sync).toEqual({ replicaId: undefined, ackedSeq: 0 });
  });
});

const older = (replicaId?: string) => new ScriptedCloud(replicaId, 0);

describe('[W36] a gateway of tunnel 1.0, whose replica is not the one of last time,', () => {
  it('gets the backlog, then everything, and only its acknowledgement empties the outbox', () => {
    const { edge, connect, ack } = start();
    edge.reportNumbers(1, 3);
    const cloud = connect(older());
    expect(cloud.types).toEqual(['states', 'reports', 'snapshot', 'snapshot', 'snapshot']);
    expect(cloud.snapshots.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(cloud.snapshots.flatMap(({ updates }) => updates)).toMatchObject([{ reported: { value: 3 } }]);
    expect(cloud.snapshots[0]?.states).toMatchObject([{ device: PUMP }]);
    ack(cloud, cloud.lastSeq);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(3);
    ack(cloud, 0, true);
    edge.store.flush();
    expect(edge.store.outboxStats(0).items).toBe(0);
    expect(edge.store.sync).toMatchObject({ replicaId: 'replica-1', ackedSeq: cloud.lastSeq });
  });

  it('hears nothing of the machine beside the hello', () => {
    const { sync, connect, disconnect } = start();
    const cloud = connect(older());
    expect(sync.sendMachine(machine())).toBe(true);
    expect(cloud.types).not.toContain('machine');
    disconnect();
    const newer = connect();
    expect(sync.sendMachine(machine())).toBe(true);
    expect(newer.types).toContain('machine');
  });

  it('gets it once, even where the first commit is the snapshot’s own', () => {
    const { edge, connect } = start();
    edge.registry.report(PUMP, 'temperature', edge.reported(1));
    const cloud = connect(older());
    expect(cloud.snapshots.filter(({ last }) => last)).toHaveLength(1);
    expect(cloud.values).toEqual([1]);
  });

  it('gets it anew when the link is cut before it acknowledged', () => {
    const { edge, connect, ack, disconnect } = start();
    edge.reportNumbers(1, 3);
    const first = connect(older());
    ack(first, first.lastSeq);
    disconnect();
    const second = connect(older());
    expect(second.values).toEqual([1, 2, 3]);
    expect(second.snapshots.at(-1)?.last).toBe(true);
  });

  it('gets no snapshot when it is known again', () => {
    const { connectKnown, connect, disconnect } = start();
    connectKnown();
    disconnect();
    expect(connect(older()).snapshots).toEqual([]);
    disconnect();
    expect(connect(older('replica-2')).snapshots).not.toEqual([]);
  });

  it('gets a snapshot of a node that has nothing, too', () => {
    const { connect, edge } = start();
    edge.registry.removeDevice(PUMP);
    const cloud = connect(older());
    expect(cloud.snapshots.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('gets it in messages that are not too long', () => {
    const { edge, connect } = start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      edge.registry.setDevice(deviceObject(name), MODEL);
      edge.registry.report(`default/${name}`, 'temperature', edge.reported(1));
    }
    const cloud = older();
    cloud.limit = 2;
    connect(cloud);
    expect(cloud.snapshots.flatMap(({ updates }) => updates)).toHaveLength(5);
    expect(cloud.snapshots.filter(({ first }) => first)).toHaveLength(1);
    expect(cloud.snapshots.at(-1)?.last).toBe(true);
  });
});

describe('device states', () => {
  it('go up together, twice a second, and only where something changed', async () => {
    const { edge, connectKnown, sync } = start();
    const cloud = connectKnown();
    sync.markState(PUMP);
    sync.markState(PUMP);
    await edge.clock.advance(500);
    await edge.clock.advance(5000);
    expect(cloud.messages).toMatchObject([
      { type: 'states', states: [{ device: PUMP }], sentAt: 1_700_000_000_500 },
    ]);
  });

  it('go up at once when that matters', () => {
    const { connectKnown, sync, edge } = start();
    const cloud = connectKnown();
    edge.registry.setState({ device: PUMP, uid: 'uid-pump', state: 'offline' });
    sync.markState(PUMP);
    sync.flushStates();
    expect(cloud.messages).toMatchObject([{ type: 'states', states: [{ state: 'offline' }] }]);
  });

  it('all go up with a new connection, before any backlog', () => {
    const { edge, connect } = start();
    edge.reportNumbers(1, 1);
    expect(connect().messages[0]).toMatchObject({ type: 'states', states: [{ device: PUMP }] });
  });
});

describe('proposals', () => {
  it('go up again with a new connection while they are open, and not once they were taken', () => {
    const { edge, connect, sync, disconnect } = start();
    edge.registry.propose(proposal());
    edge.registry.propose(proposal({ change: 'chg-2', property: 'mode', value: 'eco' }));
    const first = connect();
    expect(first.messages[0]).toMatchObject({
      type: 'proposals',
      proposals: [{ change: 'chg-1' }, { change: 'chg-2' }],
    });
    sync.onMessage(first, {
      type: 'verdicts',
      verdicts: [
        { change: 'chg-1', device: PUMP, property: 'setpoint', accepted: true },
        { change: 'chg-2', device: PUMP, property: 'mode', accepted: false, reason: 'the cloud wins' },
      ],
    });
    expect(edge.state('mode')).toBe('NONE');
    disconnect();
    expect(connect().types).not.toContain('proposals');
  });

  it('go up again while no verdict comes: Kubernetes may have been away', async () => {
    const { edge, connectKnown, sync } = start();
    const cloud = connectKnown();
    edge.registry.propose(proposal());
    await edge.clock.advance(15_000);
    expect(cloud.types.filter((type) => type === 'proposals')).toHaveLength(1);
    const verdict = { change: 'chg-1', device: PUMP, property: 'setpoint', accepted: true };
    sync.onMessage(cloud, { type: 'verdicts', verdicts: [verdict] });
    await edge.clock.advance(60_000);
    expect(cloud.types.filter((type) => type === 'proposals')).toHaveLength(1);
  });

  it('made with the link down are not lost: nothing is sent, nothing fails', () => {
    const { sync, connect, edge } = start();
    edge.registry.propose(proposal());
    sync.sendProposals([proposal()]);
    expect(connect().types[0]).toBe('proposals');
  });
});

describe('what the cloud sends', () => {
  it('is handed on', () => {
    const { sync, onObjects, connectKnown } = start();
    const cloud = connectKnown();
    const upsert = [deviceObject('fan')];
    sync.onMessage(cloud, { type: 'objects', complete: false, upsert, remove: [] });
    expect(onObjects).toHaveBeenCalledWith(false, upsert, []);
  });

  it('as acknowledgement tells when it last took something', async () => {
    const { sync, edge, connectKnown, ack } = start();
    expect(sync.lastSyncAt).toBeUndefined();
    const cloud = connectKnown();
    edge.reportNumbers(1, 1);
    await edge.clock.advance(1000);
    ack(cloud, cloud.lastSeq);
    expect(sync.lastSyncAt).toBe(edge.clock.now());
  });
});

describe('closing', () => {
  it('ends all sending', async () => {
    const { sync, edge, connectKnown } = start();
    const cloud = connectKnown();
    sync.close();
    sync.close();
    sync.markState(PUMP);
    edge.reportNumbers(1, 3);
    await edge.clock.advance(5000);
    expect(cloud.messages).toEqual([]);
  });
});

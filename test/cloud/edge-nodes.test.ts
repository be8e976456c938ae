import { describe, expect, it } from 'vitest';
import { proposal } from '../edge-node/fixture.ts';
import { machine } from '../harness/objects.ts';
import { CloudFixture, type FakeCluster, ScriptedNode, snapshot, state, twin } from './fixture.ts';

function start({ isSynced = true, except = (_: FakeCluster): unknown => undefined } = {}) {
  const cloud = new CloudFixture();
  const { cluster } = cloud;
  if (isSynced) cluster.markSynced({ except: except(cluster) });
  cluster.putDevice('pump');
  const linkChanges: string[] = [];
  const told: unknown[] = [];
  const { handler } = cloud.edgeNodes({
    onLink: (nodeName, up) => linkChanges.push(`${nodeName} ${up ? 'up' : 'down'}`),
    onInfo: (nodeName, info) => told.push({ nodeName, ...info }),
  });
  return { cloud, handler, linkChanges, told, node: new ScriptedNode() };
}

describe('an edge node that connects', () => {
  it('is up, gets its objects, and is known', () => {
    const { cloud, handler, node, linkChanges } = start();
    handler.onConnected(node);
    expect(linkChanges).toEqual(['edge-a up']);
    expect(node.sent).toMatchObject([{ type: 'objects', complete: true }]);
    expect(cloud.links.session('edge-a')).toBe(node);
  });

  it('is turned away while the gateway has not read the cluster: it would be told that it holds nothing', () => {
    const { cloud, handler, node, linkChanges } = start({ isSynced: false });
    handler.onConnected(node);
    const all = 'nodes, pods, configMaps, devices, deviceModels';
    expect(node.closed).toBe(`the gateway has not read the cluster yet: ${all}`);
    void handler.onMessage(node, { type: 'reports', updates: [twin(1, 20)] });
    handler.onDisconnected(node, 'closed');
    expect([...node.sent, ...linkChanges, ...cloud.taken]).toEqual([]);
  });

  it.each(['nodes', 'pods', 'configMaps', 'devices', 'deviceModels'] as const)(
    'is turned away while the gateway has not read all %s',
    (kind) => {
      const { handler, node } = start({ except: (cluster) => cluster[kind] });
      handler.onConnected(node);
      expect(node.closed).toBe(`the gateway has not read the cluster yet: ${kind}`);
    },
  );

  it('tells of its version and machine when it comes, and when the machine is another', () => {
    const { handler, node, told } = start();
    handler.onConnected(node);
    handler.onMessage(node, { type: 'machine', machine: machine({ cpus: 8 }) });
    expect(told).toEqual([
      { nodeName: 'edge-a', version: '9.9.9', machine: undefined },
      { nodeName: 'edge-a', version: '9.9.9', machine: machine({ cpus: 8 }) },
    ]);
  });

  it('goes down with its session, not with one that another has replaced', async () => {
    const { cloud, handler, node, linkChanges } = start();
    const fresh = new ScriptedNode();
    handler.onConnected(node);
    handler.onConnected(fresh);
    handler.onDisconnected(node, 'replaced');
    expect(cloud.links.session('edge-a')).toBe(fresh);
    handler.onDisconnected(fresh, 'reset');
    expect(linkChanges).toEqual(['edge-a up', 'edge-a up', 'edge-a down']);
    const sent = fresh.sent.length;
    cloud.cluster.putDevice('fan');
    await cloud.clock.advance(100);
    expect(fresh.sent).toHaveLength(sent);
  });
});

describe('what a node says', () => {
  it('is acknowledged by its last position, refused devices too: they would come for ever', () => {
    const { cloud, handler, node } = start();
    handler.onConnected(node);
    const foreign = twin(2, 1, { device: 'default/ghost' });
    void handler.onMessage(node, { type: 'reports', updates: [twin(1, 20), foreign] });
    expect(node.sent.at(-1)).toEqual({ type: 'acked', seq: 2 });
    expect(cloud.taken).toHaveLength(1);
    expect(cloud.links.edgeNode('edge-a')?.link.lastSyncAt).toBe(cloud.clock.now());
  });

  it('in a snapshot is acknowledged with its last part', () => {
    const { cloud, handler, node } = start();
    handler.onConnected(node);
    void handler.onMessage(node, snapshot([twin(1, 20)], { last: false }));
    expect(node.sent).toHaveLength(1);
    void handler.onMessage(node, snapshot([], { first: false }));
    expect(node.sent.at(-1)).toEqual({ type: 'acked', seq: 0, snapshot: true });
    expect(cloud.replica.isWhole('edge-a')).toBe(true);
  });

  it('of its devices’ states is taken, and of what was set there, judged', async () => {
    const { cloud, handler, node } = start();
    handler.onConnected(node);
    void handler.onMessage(node, { type: 'states', states: [state()], sentAt: 0 });
    expect(cloud.states).toHaveLength(1);
    void handler.onMessage(node, { type: 'proposals', proposals: [proposal()] });
    await cloud.clock.advance(0);
    expect(node.sent.at(-1)).toMatchObject({
      type: 'verdicts',
      verdicts: [{ change: 'chg-1', accepted: true }],
    });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { NodeFeed } from '../../cloud/node-feed.ts';
import type { ObjectsDown } from '../../tunnel/messages.ts';
import type { KubeConfigMap, KubePod } from '../../twin/cluster-object.ts';
import { modelObject } from '../harness/objects.ts';
import { CloudFixture, ScriptedNode } from './fixture.ts';

const pod = (name: string, nodeName: string): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' },
  spec: { nodeName, containers: [] },
});

const configMap = (name: string, data: Record<string, string>, resourceVersion = '1'): KubeConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion },
  data,
});

function start() {
  const { cluster, clock } = new CloudFixture();
  cluster.nodes.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a', uid: 'uid-edge-a' } });
  cluster.nodes.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-b', uid: 'uid-edge-b' } });
  cluster.putDevice('pump');
  cluster.putDevice('far', { nodeName: 'edge-b' });
  cluster.pods.put(pod('web', 'edge-a'));
  cluster.pods.put(pod('db', 'edge-b'));
  const node = new ScriptedNode();
  const feed = new NodeFeed(cluster.asCluster, node, clock);
  onTestFinished(() => feed.close());
  const next = async () => {
    node.sent.length = 0;
    await clock.advance(10);
    return node.sent as ObjectsDown[];
  };
  return { cluster, node, feed, next, clock };
}

const names = (message: ObjectsDown | undefined) =>
  message && {
    complete: message.complete,
    upsert: message.upsert.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(),
    remove: message.remove.map(({ kind, name }) => `${kind} ${name}`).sort(),
  };

describe('a node’s feed', () => {
  it('begins with all that concerns the node, and nothing else', () => {
    const { node } = start();
    expect(node.sent).toHaveLength(1);
    expect(names(node.sent[0] as ObjectsDown)).toEqual({
      complete: true,
      upsert: ['Device pump', 'DeviceModel thermostat', 'Node edge-a', 'Pod web'],
      remove: [],
    });
  });

  it('begins with an empty set where nothing does: the node may hold something of before', () => {
    const { cluster, clock } = new CloudFixture();
    const node = new ScriptedNode('edge-z');
    new NodeFeed(cluster.asCluster, node, clock).close();
    expect(node.sent).toEqual([{ type: 'objects', complete: true, upsert: [], remove: [] }]);
  });

  it('sends what changed, once, gathered', async () => {
    const { cluster, next } = start();
    cluster.putDevice('pump', { desired: { setpoint: '20' } });
    cluster.putDevice('pump', { desired: { setpoint: '21' } });
    cluster.putDevice('fan');
    const sent = await next();
    expect(sent.map(names)).toEqual([{ complete: false, upsert: ['Device fan', 'Device pump'], remove: [] }]);
    expect(sent[0]?.upsert.find(({ metadata }) => metadata.name === 'pump')).toMatchObject({
      spec: { properties: [{ desired: { value: '21' } }] },
    });
    expect(await next()).toEqual([]);
  });

  it('sends nothing when nothing of the node changed', async () => {
    const { cluster, next } = start();
    cluster.putDevice('far', { nodeName: 'edge-b', desired: { setpoint: '20' } });
    cluster.pods.put(pod('cache', 'edge-b'));
    cluster.deviceModels.put(modelObject('unused'));
    expect(await next()).toEqual([]);
  });

  it('sends a model that changed, and one that came after its device', async () => {
    const { cluster, next } = start();
    const model = modelObject('thermostat', [{ name: 'speed', type: 'INT' }]);
    cluster.deviceModels.put({ ...model, metadata: { ...model.metadata, resourceVersion: '2' } });
    expect((await next()).map(names)).toMatchObject([{ upsert: ['DeviceModel thermostat'] }]);
    cluster.putDevice('odd', { model: 'late' });
    expect((await next()).map(names)).toMatchObject([{ upsert: ['Device odd'] }]);
    cluster.deviceModels.put(modelObject('late'));
    expect((await next()).map(names)).toMatchObject([{ upsert: ['DeviceModel late'] }]);
  });

  it('takes back what moved away or was deleted, and the model that nobody has any more', async () => {
    const { cluster, next } = start();
    cluster.putDevice('pump', { nodeName: 'edge-b' });
    cluster.pods.remove('uid-web');
    expect((await next()).map(names)).toEqual([
      { complete: false, upsert: [], remove: ['Device pump', 'DeviceModel thermostat', 'Pod web'] },
    ]);
  });

  it('sends the config maps that its pods name, as they are now, and no other', async () => {
    const { cluster, next } = start();
    for (const name of ['settings', 'other']) cluster.configMaps.put(configMap(name, { key: 'a' }));
    expect(await next()).toEqual([]);
    const envFrom = [{ configMapRef: { name: 'settings' } }];
    const naming = {
      ...pod('web', 'edge-a'),
      spec: { nodeName: 'edge-a', containers: [{ name: 'c', envFrom }] },
    };
    cluster.pods.put({ ...naming, metadata: { ...naming.metadata, resourceVersion: '2' } });
    expect((await next()).map(names)).toMatchObject([{ upsert: ['ConfigMap settings', 'Pod web'] }]);
    cluster.configMaps.put(configMap('settings', { key: 'b' }, '2'));
    const [message] = await next();
    expect(message?.upsert).toMatchObject([{ kind: 'ConfigMap', data: { key: 'b' } }]);
    cluster.configMaps.remove('uid-settings');
    expect((await next()).map(names)).toEqual([
      { complete: false, upsert: [], remove: ['ConfigMap settings'] },
    ]);
    cluster.configMaps.put(configMap('settings', { key: 'c' }, '3'));
    expect((await next()).map(names)).toMatchObject([{ upsert: ['ConfigMap settings'] }]);
    cluster.pods.remove('uid-web');
    expect((await next()).map(names)).toMatchObject([{ remove: ['ConfigMap settings', 'Pod web'] }]);
  });

  it('sends large config maps in several messages, none near the limit of one', async () => {
    const { cluster, next } = start();
    const content = { key: 'x'.repeat(1_000_000) };
    const large = Array.from({ length: 20 }, (_, index) => `large-${index}`);
    for (const name of large) cluster.configMaps.put(configMap(name, content));
    const volumes = large.map((name) => ({ name, configMap: { name } }));
    cluster.pods.put({ ...pod('greedy', 'edge-a'), spec: { nodeName: 'edge-a', containers: [], volumes } });
    const sent = await next();
    const sizes = sent.map((message) => JSON.stringify(message).length);
    expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024);
    expect(sent.flatMap(({ upsert }) => upsert)).toHaveLength(21);
  });

  it('sends a device that moved here', async () => {
    const { cluster, next } = start();
    cluster.putDevice('far', { nodeName: 'edge-a' });
    expect((await next()).map(names)).toEqual([{ complete: false, upsert: ['Device far'], remove: [] }]);
  });

  it('sends a device that was created again under its name as the new one, not as gone', async () => {
    const { cluster, next } = start();
    cluster.putDevice('pump', { uid: 'uid-2' });
    const sent = await next();
    expect(sent.map(names)).toEqual([{ complete: false, upsert: ['Device pump'], remove: [] }]);
    expect(sent[0]?.upsert[0]?.metadata.uid).toBe('uid-2');
  });

  it('sends nothing after it was closed', async () => {
    const { cluster, feed, next } = start();
    cluster.putDevice('fan');
    feed.close();
    cluster.putDevice('lamp');
    expect(await next()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { watchDevices } from '../../cloud/device-news.ts';
import { ReplicaArchive } from '../../cloud/replica-archive.ts';
import { ReplicaIds } from '../../cloud/replica-ids.ts';
import { LiveDevices } from '../../gateway/device-feed.ts';
import type { Pollable } from '../../gateway/live/pollable.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { TwinEventSource } from '../../resolvers/context.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { idOf } from '../../twin/device-object.ts';
import { modelObject } from '../harness/objects.ts';
import { CloudFixture, PUMP, ScriptedNode, twin } from './fixture.ts';

function start() {
  const cloud = new CloudFixture();
  const live = new LiveDevices({
    epoch: 'test',
    clock: cloud.clock,
    sourceOf: cloud.twins.sourceOf.bind(cloud.twins),
  });
  const replicaIds = new ReplicaIds('replica-1');
  const store = openMemoryStore({ disk: new MemoryDisk(), clock: cloud.clock, logger: silentLogger });
  const archive = new ReplicaArchive(store, cloud.clock);
  watchDevices({
    cluster: cloud.cluster.asCluster,
    objects: cloud.objects,
    replica: cloud.replica,
    archive,
    replicaIds,
    links: cloud.links,
    changed: (device) => live.put(cloud.twins.version(device)),
    deleted: (device) => live.remove(idOf(device)),
  });
  const told = live.twins.subscribe({
    scope: '',
    readsTwins: false,
    matches: () => true,
  }) as unknown as Pollable<TwinEventSource>;
  told.poll();
  /** Properties that something was told of since. */
  const news = (): string[] => {
    const names: string[] = [];
    for (let event = told.poll(); event; event = told.poll()) names.push(event.property!);
    return names;
  };
  return { cloud, news, replicaIds };
}

const ALL = ['temperature', 'setpoint', 'mode'];

describe('news of a device', () => {
  it('are all its properties when it is new, and then what is desired anew', () => {
    const { cloud, news } = start();
    cloud.cluster.putDevice('pump');
    expect(news()).toEqual(ALL);
    cloud.cluster.putDevice('pump', { desired: { setpoint: '21' } });
    expect(news()).toEqual(['setpoint']);
    cloud.cluster.putDevice('pump', { desired: { setpoint: '21' } });
    expect(news()).toEqual([]);
  });

  it('are all its properties when it moves: what the node before said of them is gone', () => {
    const { cloud, news } = start();
    cloud.connect();
    cloud.cluster.putDevice('pump');
    cloud.replica.apply('edge-a', [twin(1, 20)]);
    news();
    cloud.cluster.putDevice('pump', { nodeName: 'edge-b' });
    expect(news()).toEqual(ALL);
    expect(cloud.replica.twin('edge-a', PUMP, 'uid-pump', 'temperature')).toBeUndefined();
  });

  it('are all its properties when its model comes late, or changes', () => {
    const { cloud, news } = start();
    cloud.cluster.putDevice('pump', { model: 'late' });
    expect(news()).toEqual([]);
    cloud.cluster.deviceModels.put(modelObject('late'));
    expect(news()).toEqual(ALL);
  });
});

describe('a device that comes back to a node', () => {
  it('makes the node say everything anew: it does not know what was forgotten, and what was refused', () => {
    const { cloud, replicaIds } = start();
    const node = new ScriptedNode();
    cloud.connect(node);
    cloud.cluster.putDevice('pump');
    const known = replicaIds.of('edge-a');
    cloud.cluster.putDevice('pump', { nodeName: 'edge-b' });
    expect(node.closed).toBeUndefined();
    cloud.cluster.putDevice('pump', { nodeName: 'edge-a' });
    expect(node.closed).toContain('default/pump came back');
    expect(replicaIds.of('edge-a')).not.toBe(known);
    expect(replicaIds.of('edge-b')).toBe(known);
  });

  it('is a new one where it was created again: the node says everything of it anyhow', () => {
    const { cloud, replicaIds } = start();
    cloud.cluster.putDevice('pump');
    cloud.cluster.putDevice('pump', { nodeName: 'edge-b' });
    cloud.cluster.putDevice('pump', { nodeName: 'edge-b', uid: 'uid-2' });
    cloud.cluster.putDevice('pump', { nodeName: 'edge-a', uid: 'uid-2' });
    expect(replicaIds.of('edge-a')).toBe('replica-1');
  });
});

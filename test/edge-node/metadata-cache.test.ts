import { describe, expect, it } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import type { KubeConfigMap, KubeNode, KubePod } from '../../twin/cluster-object.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

const node: KubeNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a' } };
const pod: KubePod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'edge-a', containers: [] },
};
const all = [node, pod, deviceObject('pump'), modelObject()];

describe('the metadata cache', () => {
  it('serves from the start what the store held', () => {
    const cache = new MetadataCache(all);
    expect(cache.node('edge-a')).toBe(node);
    expect(cache.pod('shop', 'web')).toBe(pod);
    expect([cache.hasNode('edge-a'), cache.hasNode('edge-b')]).toEqual([true, false]);
    expect([...cache.namespaces('Pod'), ...cache.namespaces('Device')]).toEqual(['shop', 'default']);
    expect([...cache.devices()]).toHaveLength(1);
    expect(cache.deviceModel('default', 'thermostat')?.metadata.name).toBe('thermostat');
  });

  it('takes a delta: what is new, what changed, what went', () => {
    const cache = new MetadataCache(all);
    const changed = deviceObject('pump', { resourceVersion: '2' });
    const fan = deviceObject('fan');
    const change = cache.apply(false, [changed, fan], [{ kind: 'Pod', namespace: 'shop', name: 'web' }]);
    expect(change).toEqual({
      upsert: [changed, fan],
      remove: [{ kind: 'Pod', namespace: 'shop', name: 'web' }],
      devices: [changed, fan],
    });
    expect(cache.device('default', 'pump')).toBe(changed);
    expect([...cache.pods()]).toEqual([]);
    expect([...cache.nodes()]).toEqual([node]);
  });

  it('takes a complete set: what it does not name is gone, of every kind', () => {
    const cache = new MetadataCache(all);
    const { remove } = cache.apply(true, [deviceObject('pump')], []);
    expect(remove.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'DeviceModel thermostat',
      'Node edge-a',
      'Pod web',
    ]);
    expect([...cache.nodes(), ...cache.pods(), ...cache.deviceModels()]).toEqual([]);
    expect([...cache.devices()]).toHaveLength(1);
  });

  it('holds the config maps of its pods until they are taken back', () => {
    const settings: KubeConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
      data: { key: 'text' },
    };
    const cache = new MetadataCache([...all, settings]);
    expect(cache.configMap('shop', 'settings')).toBe(settings);
    cache.apply(false, [], [{ kind: 'ConfigMap', namespace: 'shop', name: 'settings' }]);
    expect([...cache.configMaps()]).toEqual([]);
  });

  it('does not tell the removal of what it never had', () => {
    const cache = new MetadataCache(all);
    expect(cache.apply(false, [], [{ kind: 'Device', namespace: 'default', name: 'ghost' }]).remove).toEqual(
      [],
    );
  });

  it('may lose an object and get it again', () => {
    const cache = new MetadataCache(all);
    const ref = { kind: 'Device', namespace: 'default', name: 'pump' } as const;
    cache.apply(false, [], [ref]);
    expect(cache.device('default', 'pump')).toBeUndefined();
    cache.apply(false, [deviceObject('pump')], []);
    expect(cache.apply(false, [], [ref]).remove).toEqual([ref]);
  });

  it('keeps namespaces apart', () => {
    const other = deviceObject('pump', { uid: 'uid-other' });
    other.metadata.namespace = 'plant';
    const cache = new MetadataCache([...all, other]);
    expect(cache.device('plant', 'pump')?.metadata.uid).toBe('uid-other');
    expect(cache.device('default', 'pump')?.metadata.uid).toBe('uid-pump');
  });

  it('finds the model of a device in its namespace, where there is one', () => {
    const cache = new MetadataCache(all);
    expect(cache.modelOf(deviceObject('pump'))?.metadata.name).toBe('thermostat');
    expect(cache.modelOf(deviceObject('pump', { model: 'unknown' }))).toBeUndefined();
    const elsewhere = deviceObject('pump');
    elsewhere.metadata.namespace = 'plant';
    expect(cache.modelOf(elsewhere)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { device } from './fake-cluster.ts';

function stored(name: string, uid: string, resourceVersion: string, nodeName = 'edge-a'): DeviceObject {
  const object = device(name, { nodeName });
  return { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
}

function createCache() {
  const cache = new ObjectCache<DeviceObject>({
    nodeOf: ({ spec }) => spec.nodeName,
    modelOf: ({ metadata, spec }) => `${metadata.namespace}/${spec.deviceModelRef?.name}`,
  });
  const changes: string[] = [];
  const stop = cache.onChange(({ kind, object }) => void changes.push(`${kind} ${object.metadata.uid}`));
  return { cache, changes, stop };
}

const namesOf = (objects: Iterable<DeviceObject>) => [...objects].map(({ metadata }) => metadata.name);

describe('an object cache', () => {
  it('finds an object by name, uid, namespace, node and model', () => {
    const { cache } = createCache();
    const lamp = stored('lamp', 'u1', '1');
    cache.put(lamp);
    expect(cache.get('default', 'lamp')).toBe(lamp);
    expect(cache.byUid('u1')).toBe(lamp);
    expect([...cache.byNamespace('default')]).toEqual([lamp]);
    expect([...cache.byNode('edge-a')]).toEqual([lamp]);
    expect([...cache.byModel('default', 'thermostat')]).toEqual([lamp]);
    expect([...cache.list()]).toEqual([lamp]);
    expect([...cache.byNode('edge-b'), ...cache.byNamespace('other')]).toEqual([]);
  });

  it('names the namespaces that hold objects, each once, and no longer than they do', () => {
    const { cache } = createCache();
    for (const uid of ['u1', 'u2']) cache.put(stored(uid, uid, '1'));
    expect([...cache.namespaces()]).toEqual(['default']);
    cache.remove('u1');
    expect([...cache.namespaces()]).toEqual(['default']);
    cache.remove('u2');
    expect([...cache.namespaces()]).toEqual([]);
  });

  it('moves an object between the nodes of its index', () => {
    const { cache, changes } = createCache();
    cache.put(stored('lamp', 'u1', '1'));
    cache.put(stored('lamp', 'u1', '2', 'edge-b'));
    expect(namesOf(cache.byNode('edge-a'))).toEqual([]);
    expect(namesOf(cache.byNode('edge-b'))).toEqual(['lamp']);
    expect(changes).toEqual(['added u1', 'updated u1']);
  });

  it('takes another uid under the same name for a deletion and a new object', () => {
    const { cache, changes } = createCache();
    cache.put(stored('lamp', 'u1', '1'));
    cache.put(stored('lamp', 'u2', '2'));
    expect(changes).toEqual(['added u1', 'deleted u1', 'added u2']);
    // The late DELETED event of the old one does not take the new one along.
    cache.remove('u1');
    expect(cache.get('default', 'lamp')?.metadata.uid).toBe('u2');
    expect(cache.size).toBe(1);
  });

  it('says nothing of a version that it has already, unless its content is another', () => {
    const { cache, changes } = createCache();
    cache.put(stored('lamp', 'u1', '1'));
    cache.put(stored('lamp', 'u1', '1'));
    expect(changes).toEqual(['added u1']);
    cache.put(stored('lamp', 'u1', '1', 'edge-b'));
    expect(changes).toEqual(['added u1', 'updated u1']);
  });

  it('deletes at the end of a list what no page named, and is synced then', async () => {
    const { cache, changes } = createCache();
    cache.put(stored('lamp', 'u1', '1'));
    cache.put(stored('fan', 'u2', '1'));
    const listing = cache.beginList();
    listing.page([stored('fan', 'u2', '1')]);
    listing.page([stored('pump', 'u3', '2')]);
    expect(cache.synced).toBe(false);
    listing.end();
    await cache.whenSynced;
    expect(cache.synced).toBe(true);
    expect(changes.slice(2)).toEqual(['added u3', 'deleted u1']);
  });

  it('has changed when a listener hears of it, and tells none after its close', () => {
    const { cache, changes, stop } = createCache();
    cache.onChange(({ kind, object }) => {
      expect(cache.byUid(object.metadata.uid!) !== undefined).toBe(kind !== 'deleted');
    });
    cache.put(stored('lamp', 'u1', '1'));
    stop();
    stop();
    cache.remove('u1');
    expect(changes).toEqual(['added u1']);
  });
});

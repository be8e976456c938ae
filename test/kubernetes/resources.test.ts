import { describe, expect, it } from 'vitest';
import { createObjectWriter } from '../../cloud/object-writer.ts';
import type { KubeClient } from '../../kubernetes/client.ts';
import { collectionPath, NODES, objectPath, PODS } from '../../kubernetes/resources.ts';

describe('the path of an object', () => {
  it('is of its kind, its namespace and its name, whatever stands in these', () => {
    expect(objectPath(PODS, { namespace: 'plant', name: 'a/b?c' })).toBe(
      '/api/v1/namespaces/plant/pods/a%2Fb%3Fc',
    );
    expect(objectPath(NODES, { namespace: '', name: 'edge-a' }, 'status')).toBe(
      '/api/v1/nodes/edge-a/status',
    );
    expect(collectionPath(PODS)).toBe('/api/v1/pods');
  });

  it.each(['', '.', '..'])('is refused where the name is %j: that of its collection, or beyond', (name) => {
    const message = `the name of a Pod is "${name}": expected one`;
    expect(() => objectPath(PODS, { namespace: 'plant', name })).toThrow(message);
    expect(() => objectPath(PODS, { namespace: name, name: 'db' })).toThrow('the name of a Namespace is');
  });

  it('without a name is never one that is deleted', async () => {
    const paths: string[] = [];
    const writer = createObjectWriter({ remove: async (path) => void paths.push(path) } as KubeClient);
    await expect(writer.remove({ kind: 'Pod', namespace: 'plant', name: '' })).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
    });
    expect(paths).toEqual([]);
  });
});

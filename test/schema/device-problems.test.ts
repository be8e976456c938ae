import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import type { Context } from '../../resolvers/context.ts';
import { createLocalSchema } from '../../schema/schemas.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import { CloudFixture } from '../cloud/fixture.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

const schema = createLocalSchema();

async function problemsOf(name: string, context: Pick<Context, 'objects' | 'place'>) {
  const document = parse('query ($name: String!) { device(name: $name) { problems { reason message } } }');
  const { data, errors } = await execute({
    schema,
    document,
    contextValue: context,
    variableValues: { name },
  });
  expect(errors).toBeUndefined();
  return (data as { device: { problems: unknown } }).device.problems;
}

const NO_MODEL = {
  reason: 'ModelNotFound',
  message: 'DeviceModel lost does not exist in namespace default: the device has no properties',
};

const kubernetes = () => ({ current: true, asOf: 0, reason: undefined });

describe('what a device lacks', () => {
  const cloud = (cluster: CloudFixture) => ({
    objects: cluster.objects,
    place: { kind: 'CLOUD' as const, version: '1', kubernetes },
  });

  it('is its model, its node, or both, until they are there', async () => {
    const fixture = new CloudFixture();
    fixture.cluster.putDevice('pump', { model: 'lost' });
    const noNode = {
      reason: 'NodeNotFound',
      message: 'Node edge-a does not exist: nobody reaches the device',
    };
    expect(await problemsOf('pump', cloud(fixture))).toEqual([NO_MODEL, noNode]);
    fixture.cluster.nodes.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a', uid: 'uid-a' } });
    expect(await problemsOf('pump', cloud(fixture))).toEqual([NO_MODEL]);
    fixture.cluster.deviceModels.put(modelObject('lost'));
    expect(await problemsOf('pump', cloud(fixture))).toEqual([]);
  });

  it('[T23] is a word that it cannot be followed by, as long as it stands', async () => {
    const fixture = new CloudFixture();
    const annotations = { [LOCAL_ONLY]: 'temprature' };
    fixture.cluster.putDevice('pump', { nodeName: null, annotations });
    expect(await problemsOf('pump', cloud(fixture))).toEqual([
      { reason: 'LocalOnlyInvalid', message: expect.stringContaining('not "temprature"') },
    ]);
    fixture.cluster.putDevice('pump', { nodeName: null, annotations: { [LOCAL_ONLY]: 'temperature' } });
    expect(await problemsOf('pump', cloud(fixture))).toEqual([]);
  });

  it('is not a node where it waits for its place', async () => {
    const fixture = new CloudFixture();
    fixture.cluster.putDevice('pump', { nodeName: null });
    expect(await problemsOf('pump', cloud(fixture))).toEqual([]);
  });

  it('is told at the edge as well, where the node itself is there', async () => {
    const edge = (name: string) => ({
      objects: new MetadataCache([deviceObject('pump', { model: name }), modelObject()]),
      place: { kind: 'EDGE' as const, nodeName: 'edge-a', version: '1', kubernetes },
    });
    expect(await problemsOf('pump', edge('lost'))).toEqual([NO_MODEL]);
    expect(await problemsOf('pump', edge('thermostat'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { createNodeFacts } from '../../edge-node/node-facts.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { EdgeFixture } from './fixture.ts';

const speaking = (name: string, protocolName: string): DeviceObject => {
  const device = deviceObject(name);
  return { ...device, spec: { ...device.spec, protocol: { protocolName } } };
};

describe('what a node tells of its mappers', () => {
  it('is each protocol with its devices, also one that nobody here speaks', async () => {
    const { store, registry, clock } = new EdgeFixture();
    const metadata = new MetadataCache([
      modelObject(),
      speaking('one', 'Modbus'),
      speaking('two', 'modbus'),
      speaking('three', 'bacnet'),
    ]);
    const uid = 'uid-one';
    registry.setState({ device: 'default/one', uid, state: 'online', byEvent: false });
    registry.setState({ device: 'default/two', uid: 'uid-two', state: 'offline', byEvent: false });
    const facts = createNodeFacts({
      nodeName: 'edge-a',
      store,
      protocols: ['opcua', 'modbus'],
      metadata,
      registry,
      clock,
    });
    expect((await facts.read('edge-a'))?.mappers).toEqual([
      { protocol: 'bacnet', isLoaded: false, devices: 1, online: 0 },
      { protocol: 'modbus', isLoaded: true, devices: 2, online: 1 },
      { protocol: 'opcua', isLoaded: true, devices: 0, online: 0 },
    ]);
    await expect(facts.read('edge-b')).rejects.toMatchObject({ code: 'EDGE_NODE_OFFLINE' });
  });
});

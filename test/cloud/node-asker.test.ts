import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createDeviceBrowser } from '../../cloud/device-browser.ts';
import { createNodeFacts } from '../../cloud/node-facts.ts';
import { CloudFixture, pumpKey, ScriptedNode } from './fixture.ts';

const FACTS = {
  outbox: { items: 0, bytes: 0, oldestAgeMs: 0, dropped: 0 },
  store: { id: 's', epoch: 1, isRefused: false, isHistoryStopped: false },
};

const entity = (fields: object | null) => ({ data: { _entities: [fields] } }) as ExecutionResult;

/** A node whose subgraph has these types, rather than ours. */
function connectForeign(cloud: CloudFixture, sdl: string, answer: ExecutionResult): ScriptedNode {
  const node = new ScriptedNode();
  Object.assign(node.hello, { schemaHash: 'another' });
  node.answer = ({ query }) => (query.includes('_service') ? { data: { _service: { sdl } } } : answer);
  return cloud.connect(node);
}

describe('what a node tells of itself', () => {
  it('comes from the node', async () => {
    const cloud = new CloudFixture();
    const mappers = [{ protocol: 'modbus', isLoaded: true, devices: 4, online: 3 }];
    cloud.connect().answer = () => entity({ edgeNode: { ...FACTS, mappers } });
    expect(await createNodeFacts(cloud.asker()).read('edge-a')).toEqual({ ...FACTS, mappers });
  });

  it('is what its version knows, and an error for the rest', async () => {
    const cloud = new CloudFixture();
    const sdl = 'type Query { x: Int } type EdgeNode { outbox: Int store: Int }';
    const node = connectForeign(cloud, sdl, entity({ edgeNode: FACTS }));
    const facts = await createNodeFacts(cloud.asker()).read('edge-a');
    expect(facts).toMatchObject({ ...FACTS, mappers: { code: 'EDGE_SCHEMA_MISMATCH' } });
    expect(node.requests.at(-1)?.query).not.toContain('mappers');
  });

  it('is an error in the node’s own words, or that it had none, told once', async () => {
    const cloud = new CloudFixture();
    const node = cloud.connect();
    node.answer = () => ({
      data: { _entities: [null] },
      errors: [{ message: 'the store is closed', extensions: { code: 'STORE_CLOSED' } }] as never,
    });
    const facts = createNodeFacts(cloud.asker());
    const read = () => createNodeFacts(cloud.asker()).read('edge-a');
    await expect(facts.read('edge-a')).rejects.toThrow();
    expect(await facts.read('edge-a')).toBeNull();
    await expect(read()).rejects.toMatchObject({
      message: 'the store is closed',
      extensions: { code: 'STORE_CLOSED', nodeName: 'edge-a' },
    });
    node.answer = () => ({ data: null });
    await expect(read()).rejects.toMatchObject({ code: 'EDGE_NODE_ERROR' });
  });
});

describe('browsing a device', () => {
  const RAW = { id: 'ns=2;s=Boiler', name: 'Boiler', kind: 'OBJECT', dataType: null, writable: null };

  it('asks its node, below the given entry', async () => {
    const cloud = new CloudFixture();
    const node = cloud.connect();
    node.answer = () => entity({ browse: [RAW] });
    expect(await createDeviceBrowser(cloud.asker()).browse(pumpKey, 'i=85')).toEqual([
      { id: 'ns=2;s=Boiler', name: 'Boiler', kind: 'object' },
    ]);
    expect(node.requests[0]?.variables).toEqual({
      devices: [{ __typename: 'Device', ...pumpKey }],
      node: 'i=85',
    });
  });

  it('answers an empty list where nothing lies below', async () => {
    const cloud = new CloudFixture();
    cloud.connect().answer = () => entity({ browse: [] });
    expect(await createDeviceBrowser(cloud.asker()).browse(pumpKey, undefined)).toEqual([]);
  });

  it('is refused for a device without a node, and by a node that does not know it', async () => {
    const cloud = new CloudFixture();
    connectForeign(cloud, 'type Query { x: Int } type Device { twins: Int }', {});
    const browser = createDeviceBrowser(cloud.asker());
    await expect(browser.browse({ ...pumpKey, nodeName: null }, undefined)).rejects.toMatchObject({
      code: 'DEVICE_UNKNOWN',
    });
    await expect(browser.browse(pumpKey, undefined)).rejects.toMatchObject({ code: 'EDGE_SCHEMA_MISMATCH' });
  });
});

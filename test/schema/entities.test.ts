import { graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createCloudSubgraph, createEdgeSubgraph } from '../../schema/schemas.ts';
import { composeSdls } from '../../scripts/compose.ts';
import { deviceObject } from '../harness/objects.ts';

const QUERY = `query ($keys: [_Any!]!) { _entities(representations: $keys) {
  ... on Device { __typename name nodeName } ... on Node { __typename name } } }`;

const contextValue = {
  objects: {
    device: (namespace: string, name: string) =>
      namespace === 'default' && name === 'pump' ? deviceObject('pump') : undefined,
    node: () => undefined,
  },
};

describe('a subgraph served singly', () => {
  it('prints itself as composition reads it', async () => {
    for (const [schema, sdl] of [
      [createCloudSubgraph(), composeSdls().cloud],
      [createEdgeSubgraph(), composeSdls().edge],
    ] as const) {
      const { data } = await graphql({ schema, source: '{ _service { sdl } }' });
      expect(data).toEqual({ _service: { sdl } });
    }
  });

  it('resolves entities in the order of their keys, null for those that do not exist', async () => {
    const { data, errors } = await graphql({
      schema: createCloudSubgraph(),
      source: QUERY,
      contextValue,
      variableValues: {
        keys: [
          { __typename: 'Node', name: 'nobody' },
          { __typename: 'Device', namespace: 'default', name: 'pump' },
          { __typename: 'Device', namespace: 'default', name: 'gone' },
        ],
      },
    });
    expect(errors).toBeUndefined();
    expect(data?._entities).toEqual([null, { __typename: 'Device', name: 'pump', nodeName: 'edge-a' }, null]);
  });

  it('takes the route from the key at the edge, without looking anything up', async () => {
    const { data } = await graphql({
      schema: createEdgeSubgraph(),
      source: QUERY,
      contextValue: {},
      variableValues: { keys: [{ __typename: 'Device', namespace: 'a', name: 'b', nodeName: 'edge-b' }] },
    });
    expect(data?._entities).toEqual([{ __typename: 'Device', name: 'b', nodeName: 'edge-b' }]);
  });

  it('tells what is wrong with one representation at its place, and answers the others', async () => {
    const device = { __typename: 'Device', namespace: 'default', name: 'pump' };
    const { data, errors } = await graphql({
      schema: createCloudSubgraph(),
      source: QUERY,
      contextValue,
      variableValues: { keys: [{ __typename: 'Pod' }, device] },
    });
    expect(errors?.map(({ path }) => path)).toEqual([['_entities', 0]]);
    expect(data?._entities).toEqual([null, { __typename: 'Device', name: 'pump', nodeName: 'edge-a' }]);
  });

  it.each([
    null,
    5,
    'Device',
    {},
    { __typename: 'constructor' },
    { __typename: '__proto__' },
    { __typename: 'Pod' },
  ])('answers the representation %j in words', async (key) => {
    const { errors } = await graphql({
      schema: createCloudSubgraph(),
      source: QUERY,
      contextValue,
      variableValues: { keys: [key] },
    });
    expect(errors?.[0]?.message).toMatch(
      key === null ? /_Any!/ : /^representation .*: expected a map with __typename Device or Node/,
    );
  });
});

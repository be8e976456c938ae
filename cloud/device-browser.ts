import { OctographError } from '../lib/errors.ts';
import type { BrowsedNode, DeviceBrowser } from '../resolvers/context.ts';
import type { EdgeQuery } from './edge-query.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';

const QUERY = `query ($devices: [_Any!]!, $node: ID) { _entities(representations: $devices) { ... on Device {
  browse(node: $node) { id name kind dataType writable }
} } }`;

/** Milliseconds that a node may take: its device has most of them. */
const DEADLINE_MS = 12_000;

interface Answer {
  browse: RawNode[] | null;
}

type RawNode = Omit<BrowsedNode, 'kind' | 'dataType' | 'writable'> & {
  kind: Uppercase<BrowsedNode['kind']>;
  dataType: string | null;
  writable: boolean | null;
};

/** What a device lists, its node finds out: asked over the tunnel. */
export function createDeviceBrowser(asker: NodeAsker): DeviceBrowser {
  return {
    async browse(device, node) {
      const { nodeName } = device;
      if (nodeName === null) {
        const { namespace, name } = device;
        throw new OctographError('DEVICE_UNKNOWN', `device ${namespace}/${name} is not bound to a node`);
      }
      const build = (query: EdgeQuery) => {
        if (!query.knows('Device', 'browse')) throw schemaMismatch(nodeName, 'browse');
        return { query: QUERY, variables: { devices: [{ __typename: 'Device', ...device }], node } };
      };
      return asker.askEntity<Answer, BrowsedNode[]>(nodeName, DEADLINE_MS, build, (found) =>
        found.browse?.map(nodeOf),
      );
    },
  };
}

const nodeOf = ({ kind, dataType, writable, ...node }: RawNode): BrowsedNode => ({
  ...node,
  kind: kind.toLowerCase() as BrowsedNode['kind'],
  dataType: dataType ?? undefined,
  writable: writable ?? undefined,
});

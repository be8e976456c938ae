import { GraphQLError } from 'graphql';
import { OctographError } from '../lib/errors.ts';
import type { NodeFacts, NodeFactsReader } from '../resolvers/context.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';

const QUERY = `query ($nodes: [_Any!]!) { _entities(representations: $nodes) { ... on Node { edgeNode {
  outbox { items bytes oldestAgeMs dropped } store { id epoch isRefused isHistoryStopped }
} } } }`;

/** Milliseconds that a node may take. */
const DEADLINE_MS = 5000;

/** What only the node itself knows of its store: asked over the tunnel. */
export function createNodeFacts(asker: NodeAsker): NodeFactsReader {
  return {
    async read(name) {
      const { data, errors } = await asker.ask(name, DEADLINE_MS, (query) => {
        if (!query.knows('EdgeNode', 'outbox')) throw schemaMismatch(name, 'outbox');
        return { query: QUERY, variables: { nodes: [{ __typename: 'Node', name }] } };
      });
      const facts = (data as { _entities?: Array<{ edgeNode: NodeFacts | null } | null> } | null)
        ?._entities?.[0]?.edgeNode;
      if (facts) return facts;
      const details = { nodeName: name };
      if (!errors?.[0])
        throw new OctographError('EDGE_NODE_ERROR', `edge node ${name} gave no answer`, { details });
      throw new GraphQLError(errors[0].message, { extensions: { ...errors[0].extensions, ...details } });
    },
  };
}

import { GraphQLError } from 'graphql';
import { OctographError } from '../lib/errors.ts';
import type { NodeFacts, NodeFactsReader } from '../resolvers/context.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';

const MAPPERS = 'mappers { protocol isLoaded devices online }';

const queryWith = (
  more: string,
) => `query ($nodes: [_Any!]!) { _entities(representations: $nodes) { ... on Node { edgeNode {
  outbox { items bytes oldestAgeMs dropped } store { id epoch isRefused isHistoryStopped } ${more}
} } } }`;

/** Milliseconds that a node may take. */
const DEADLINE_MS = 5000;

/** What only the node itself knows of its store and mappers: asked over the tunnel, once per node and operation. */
export function createNodeFacts(asker: NodeAsker): NodeFactsReader {
  const asked = new Map<string, Promise<NodeFacts>>();
  return {
    read(name) {
      const facts = asked.get(name) ?? readFrom(asker, name);
      asked.set(name, facts);
      return facts;
    },
  };
}

async function readFrom(asker: NodeAsker, name: string): Promise<NodeFacts> {
  const { data, errors } = await asker.ask(name, DEADLINE_MS, ({ knows }) => {
    if (!knows('EdgeNode', 'outbox')) throw schemaMismatch(name, 'outbox');
    const query = queryWith(knows('EdgeNode', 'mappers') ? MAPPERS : '');
    return { query, variables: { nodes: [{ __typename: 'Node', name }] } };
  });
  const facts = (data as { _entities?: Array<{ edgeNode: NodeFacts | null } | null> } | null)?._entities?.[0]
    ?.edgeNode;
  if (facts) return facts;
  const details = { nodeName: name };
  if (!errors?.[0])
    throw new OctographError('EDGE_NODE_ERROR', `edge node ${name} gave no answer`, { details });
  throw new GraphQLError(errors[0].message, { extensions: { ...errors[0].extensions, ...details } });
}

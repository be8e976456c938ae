import type { NodeFacts, NodeFactsReader } from '../resolvers/context.ts';
import type { EdgeQuery } from './edge-query.ts';
import { type NodeAsker, schemaMismatch } from './node-asker.ts';

const QUERY = queryWith('mappers { protocol isLoaded devices online }');
const QUERY_WITHOUT_MAPPERS = queryWith('');

/** Milliseconds that a node may take. */
const DEADLINE_MS = 5000;

interface Answer {
  edgeNode: Omit<NodeFacts, 'mappers'> | NodeFacts | null;
}

/** What only the node itself knows of its store and mappers: asked over the tunnel, once per node and operation. */
export function createNodeFacts(asker: NodeAsker): NodeFactsReader {
  const asked = new Map<string, Promise<NodeFacts>>();
  return {
    read(name) {
      const facts = asked.get(name);
      // Whoever asked first has told why.
      if (facts) return facts.catch(() => null);
      const first = readFrom(asker, name);
      asked.set(name, first);
      return first;
    },
  };
}

function readFrom(asker: NodeAsker, name: string): Promise<NodeFacts> {
  const build = (query: EdgeQuery) => {
    if (!query.knows('EdgeNode', 'outbox')) throw schemaMismatch(name, 'outbox');
    const text = query.knows('EdgeNode', 'mappers') ? QUERY : QUERY_WITHOUT_MAPPERS;
    return { query: text, variables: { nodes: [{ __typename: 'Node', name }] } };
  };
  return asker.askEntity<Answer, NodeFacts>(
    name,
    DEADLINE_MS,
    build,
    ({ edgeNode }) => edgeNode && { mappers: schemaMismatch(name, 'mappers'), ...edgeNode },
  );
}

function queryWith(more: string): string {
  return `query ($nodes: [_Any!]!) { _entities(representations: $nodes) { ... on Node { edgeNode {
    outbox { items bytes oldestAgeMs dropped } store { id epoch isRefused isHistoryStopped } ${more}
  } } } }`;
}

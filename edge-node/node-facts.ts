import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { NodeFactsReader } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';

/** What this node knows of its own store; of others it knows nothing. */
export function createNodeFacts(store: EdgeStore, nodeName: string, clock: Clock): NodeFactsReader {
  return {
    async read(name) {
      if (name !== nodeName) {
        const details = { nodeName: name };
        throw new OctographError(
          'EDGE_NODE_OFFLINE',
          `this is edge node ${nodeName}: it knows nothing of ${name}`,
          { details },
        );
      }
      const { isRefused, isHistoryStopped } = store.facts();
      const { storeId: id, epoch } = store.identity;
      return { outbox: store.outboxStats(clock.now()), store: { id, epoch, isRefused, isHistoryStopped } };
    },
  };
}

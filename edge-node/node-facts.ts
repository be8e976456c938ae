import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { MapperFacts, NodeFactsReader } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';
import { idOf } from '../twin/device-object.ts';
import { protocolOf } from '../twin/model.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface NodeFactsOptions {
  nodeName: string;
  store: EdgeStore;
  /** The protocols that this node's mappers speak. */
  protocols: readonly string[];
  metadata: MetadataCache;
  registry: TwinRegistry;
  clock: Clock;
}

/** What this node knows of its own store and mappers; of other nodes it knows nothing. */
export function createNodeFacts(options: NodeFactsOptions): NodeFactsReader {
  const { nodeName, store, clock } = options;
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
      return {
        outbox: store.outboxStats(clock.now()),
        store: { id, epoch, isRefused, isHistoryStopped },
        mappers: mapperFacts(options),
      };
    },
  };
}

/** By protocol, in the order of the alphabet. */
function mapperFacts({ protocols, metadata, registry }: NodeFactsOptions): MapperFacts[] {
  const facts = new Map<string, MapperFacts>();
  const of = (protocol: string): MapperFacts => {
    const known = facts.get(protocol);
    if (known) return known;
    const fresh = { protocol, isLoaded: protocols.includes(protocol), devices: 0, online: 0 };
    facts.set(protocol, fresh);
    return fresh;
  };
  for (const protocol of protocols) of(protocol);
  for (const device of metadata.devices()) {
    const mapper = of(protocolOf(device, metadata.modelOf(device)).protocolName);
    mapper.devices++;
    if (registry.state(idOf(device))?.state === 'online') mapper.online++;
  }
  return [...facts.values()].sort((one, other) => (one.protocol < other.protocol ? -1 : 1));
}

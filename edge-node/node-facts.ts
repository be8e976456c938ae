import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { MapperHost } from '../mappers/host.ts';
import type { NodeFactsReader } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface NodeFactsOptions {
  nodeName: string;
  store: EdgeStore;
  registry: TwinRegistry;
  host: MapperHost;
  clock: Clock;
}

/** What this node knows of its own store and mappers; of other nodes it knows nothing. */
export function createNodeFacts({
  nodeName,
  store,
  registry,
  host,
  clock,
}: NodeFactsOptions): NodeFactsReader {
  const isOnline = (device: string) => registry.state(device)?.state === 'online';
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
        mappers: Array.from(host.devicesByProtocol(), ([protocol, devices]) => ({
          protocol,
          devices: devices.length,
          online: devices.filter(isOnline).length,
        })),
      };
    },
  };
}

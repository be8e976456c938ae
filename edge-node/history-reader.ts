import type { HistoryReader } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';
import { deviceId } from '../twin/device-object.ts';
import { silenceMs } from '../twin/freshness.ts';
import type { TwinRegistry } from './twin-registry.ts';

/** History from this node's own store. */
export function createEdgeHistory(store: EdgeStore, registry: TwinRegistry): HistoryReader {
  return {
    async read({ namespace, name }, property, range) {
      const device = deviceId(namespace, name);
      const gapMs = registry.state(device)?.byEvent ? undefined : silenceMs(property);
      return store.readHistory({ device, property: property.name, ...range, gapMs });
    },
  };
}

import { OctographError } from '../lib/errors.ts';
import type { Commands } from '../resolvers/context.ts';
import type { EdgeStore } from '../store/contract.ts';
import { type Change, desiredOfChange } from '../twin/change.ts';
import { changeBeside, desiredOf } from '../twin/desired.ts';
import { deviceId } from '../twin/device-object.ts';
import type { Proposal } from '../twin/twin.ts';
import type { TwinRegistry } from './twin-registry.ts';

/** [T11] setDesired at the edge: a proposal per property, durable, acted on at once, judged by the cloud when it can. */
export function createEdgeCommands(
  registry: TwinRegistry,
  store: EdgeStore,
  onProposed: (proposals: Proposal[]) => void,
): Commands {
  return {
    async accept(change) {
      const proposals = proposalsOf(change, registry);
      for (const proposal of proposals) registry.propose(proposal);
      await store.durable();
      onProposed(proposals);
    },
    // The device is here: whatever stands between it and us is the mapper's to say.
    reachable: () => true,
  };
}

function proposalsOf(change: Change, registry: TwinRegistry): Proposal[] {
  const id = deviceId(change.namespace, change.device);
  const known = registry.device(id);
  if (!known) throw new OctographError('DEVICE_NOT_FOUND', `device ${id} is not on this node`);
  return change.values.map(({ property, value }) => {
    const model = known.properties.get(property);
    if (!model) throw new OctographError('PROPERTY_NOT_FOUND', `device ${id} has no property ${property}`);
    const cloud = desiredOf(known.object, model);
    return {
      change: change.id,
      device: id,
      uid: change.uid,
      property,
      desired: desiredOfChange(change, value),
      base: cloud?.value ?? null,
      baseChange: changeBeside(known.object, property),
    };
  });
}

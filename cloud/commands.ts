import type { Commands, DeviceKey } from '../resolvers/context.ts';
import { desiredOfChange } from '../twin/change.ts';
import { encodeDesired } from '../twin/desired.ts';
import type { DeviceObject } from '../twin/device-object.ts';
import { encodeText } from '../twin/value.ts';
import type { NodeLinks } from './node-links.ts';

/** One patch of desired values, as the Kubernetes side takes it. */
export interface DesiredPatch {
  namespace: string;
  name: string;
  uid: string;
  writes: Array<{
    property: string;
    value: string;
    metadata: Record<string, string>;
    expected?: string | null;
  }>;
}

export interface CloudCommandsOptions {
  writeDesired(patch: DesiredPatch): Promise<DeviceObject>;
  links: NodeLinks;
  /** The device's node is not ours: whether it is there, only what the cluster is told of it can show. */
  isForeign(device: DeviceKey): boolean;
}

/** setDesired in the cloud: one patch of the Device object; Kubernetes is where desired values live. */
export function createCloudCommands({ writeDesired, links, isForeign }: CloudCommandsOptions): Commands {
  return {
    async accept(change) {
      const { namespace, device, uid, values, ifDesired = [] } = change;
      await writeDesired({
        namespace,
        name: device,
        uid,
        writes: values.map(({ property, value }) => {
          const condition = ifDesired.find((each) => each.property === property);
          return {
            property,
            ...encodeDesired(desiredOfChange(change, value)),
            ...(condition && { expected: condition.value === null ? null : encodeText(condition.value) }),
          };
        }),
      });
    },
    reachable: (device) =>
      device.nodeName !== null && (links.session(device.nodeName) !== undefined || isForeign(device)),
  };
}

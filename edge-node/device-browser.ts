import type { MapperHost } from '../mappers/host.ts';
import type { DeviceBrowser } from '../resolvers/context.ts';
import { deviceId } from '../twin/device-object.ts';

/** Milliseconds that a device may take to list what it has. */
const BROWSE_MS = 10_000;

/** Asks the mapper of a device of this node. */
export const createDeviceBrowser = (host: MapperHost): DeviceBrowser => ({
  browse: ({ namespace, name }, node) => host.browse(deviceId(namespace, name), node, BROWSE_MS),
});

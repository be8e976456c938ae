import { OctographError } from '../lib/errors.ts';
import type { BrowsedNode, Context, DeviceKey } from './context.ts';

const NODE_LIMIT = 4096;

/** @throws OctographError `BAD_USER_INPUT`, `DEVICE_REFUSED`, `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `EDGE_NODE_…` */
export async function browse(
  device: DeviceKey,
  { node }: { node?: string | null },
  context: Context,
): Promise<BrowsedNode[]> {
  // OPC 10000-3, 8.2.4: the longest identifier of a node.
  if (node != null && node.length > NODE_LIMIT) {
    throw new OctographError(
      'BAD_USER_INPUT',
      `node has ${node.length} characters: expected at most ${NODE_LIMIT}`,
    );
  }
  return context.browser.browse(device, node ?? undefined);
}

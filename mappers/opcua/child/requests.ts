import type { ClientSession } from 'node-opcua-client';
import type { Clock } from '../../../lib/clock.ts';
import { assertNever } from '../../../lib/errors.ts';
import type { OpcuaRequest } from '../messages.ts';
import { browse } from './browse.ts';
import { call } from './call.ts';
import type { Nodes } from './nodes.ts';
import { read, write } from './read-write.ts';

/** @throws OctographError `DEVICE_REFUSED` or `DEVICE_TIMEOUT`; anything else comes of a session that is breaking */
export async function runRequest(
  request: OpcuaRequest,
  session: ClientSession,
  nodes: Nodes,
  clock: Clock,
): Promise<unknown> {
  switch (request.kind) {
    case 'read':
      return read(request.nodes, session, nodes, clock);
    case 'write':
      return write(request, session, nodes, clock);
    case 'call':
      return call(request, session, nodes);
    case 'browse':
      return browse(request.nodeId, session, nodes);
    default:
      return assertNever(request);
  }
}

import { AttributeIds, type ClientSession, type DataValue, type NodeId } from 'node-opcua-client';
import type { Clock } from '../../../lib/clock.ts';
import { OctographError } from '../../../lib/errors.ts';
import { encodeVariant } from '../codec.ts';
import type { NodeOfType, NodeValue, OpcuaRequest } from '../messages.ts';
import type { Nodes } from './nodes.ts';
import { assertGood } from './status.ts';
import { toNodeValue, toVariant } from './values.ts';

/** Nodes in one request; a server whose own limit is lower says so, and is asked in halves. */
const READ_BATCH = 1_000;

export async function read(
  wanted: readonly NodeOfType[],
  session: ClientSession,
  nodes: Nodes,
  clock: Clock,
): Promise<NodeValue[]> {
  const values: NodeValue[] = [];
  for (let start = 0; start < wanted.length; start += READ_BATCH) {
    const batch = wanted.slice(start, start + READ_BATCH);
    const ids = await Promise.all(batch.map(({ nodeId }) => nodes.resolve(nodeId)));
    const answers = await readAttribute(session, ids, AttributeIds.Value);
    for (const [at, answer] of answers.entries()) {
      values.push(toNodeValue(start + at, (batch[at] as NodeOfType).type, answer, clock.now()));
    }
  }
  return values;
}

export async function readAttribute(
  session: ClientSession,
  ids: readonly NodeId[],
  attributeId: AttributeIds,
): Promise<DataValue[]> {
  try {
    return await session.read(ids.map((nodeId) => ({ nodeId, attributeId })));
  } catch (error) {
    if (ids.length < 2 || !/BadTooManyOperations/.test(String(error))) throw error;
    const middle = ids.length >> 1;
    const first = await readAttribute(session, ids.slice(0, middle), attributeId);
    return [...first, ...(await readAttribute(session, ids.slice(middle), attributeId))];
  }
}

export async function write(
  { node, value }: Extract<OpcuaRequest, { kind: 'write' }>,
  session: ClientSession,
  nodes: Nodes,
  clock: Clock,
): Promise<NodeValue> {
  const nodeId = await nodes.resolve(node.nodeId);
  const variant = encodeVariant(await nodes.typeOf(nodeId), value, node.nodeId);
  // No timestamps: many servers take a value, but not its time.
  const status = await session.write({
    nodeId,
    attributeId: AttributeIds.Value,
    value: { value: toVariant(variant) },
  });
  assertGood(status, `writing ${node.nodeId}`);
  const [back] = await read([node], session, nodes, clock);
  if (!back || back[2] === 'BAD') {
    throw new OctographError(
      'DEVICE_TIMEOUT',
      `${node.nodeId} was written; reading it back failed: ${back?.[4]}`,
    );
  }
  return back;
}

import {
  AttributeIds,
  BrowseDirection,
  browseAll,
  type ClientSession,
  type DataType,
  NodeClass,
  type NodeId,
  type ReferenceDescription,
} from 'node-opcua-client';
import type { BrowsedNode } from '../../contract.ts';
import { BUILT_IN } from '../codec.ts';
import type { Nodes } from './nodes.ts';
import { readAttribute } from './read-write.ts';
import { assertGood } from './status.ts';

/** Bit of AccessLevel: the current value may be written. Source: OPC 10000-3, 8.57. */
const CURRENT_WRITE = 2;

/** What lies one step below a node, and of variables what a model wants to know. */
export async function browse(nodeId: string, session: ClientSession, nodes: Nodes): Promise<BrowsedNode[]> {
  const result = await browseAll(session, {
    nodeId: await nodes.resolve(nodeId),
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: 'HierarchicalReferences',
    includeSubtypes: true,
    nodeClassMask: 0,
    resultMask: 63,
  });
  assertGood(result.statusCode, `browsing ${nodeId}`);
  const references = result.references ?? [];
  const variables = references.filter((reference) => reference.nodeClass === NodeClass.Variable);
  const facts = await variableFacts(variables, session, nodes);
  return references.map((reference) => ({
    id: reference.nodeId.toString(),
    name: reference.displayName.text || String(reference.browseName.name),
    kind: KINDS[reference.nodeClass] ?? 'other',
    ...facts.get(reference),
  }));
}

const KINDS: Partial<Record<NodeClass, BrowsedNode['kind']>> = {
  [NodeClass.Object]: 'object',
  [NodeClass.Variable]: 'variable',
  [NodeClass.Method]: 'method',
};

async function variableFacts(
  variables: readonly ReferenceDescription[],
  session: ClientSession,
  nodes: Nodes,
): Promise<Map<ReferenceDescription, Pick<BrowsedNode, 'dataType' | 'writable'>>> {
  if (variables.length === 0) return new Map();
  const ids = variables.map(({ nodeId }) => nodeId);
  const types = await readAttribute(session, ids, AttributeIds.DataType);
  const levels = await readAttribute(session, ids, AttributeIds.UserAccessLevel);
  const builtIns = new Map<string, Promise<DataType>>();
  const facts = await Promise.all(
    variables.map(async (reference, at) => {
      const dataType = types[at]?.value?.value as NodeId | undefined;
      const key = String(dataType);
      if (dataType && !builtIns.has(key)) builtIns.set(key, nodes.builtIn(dataType));
      const builtIn = await builtIns.get(key);
      const writable = (Number(levels[at]?.value?.value) & CURRENT_WRITE) !== 0;
      return [reference, { dataType: nameOf(builtIn), writable }] as const;
    }),
  );
  return new Map(facts);
}

const nameOf = (builtIn: DataType | undefined) =>
  Object.entries(BUILT_IN).find(([, id]) => id === builtIn)?.[0] ?? 'Structure';

import {
  AttributeIds,
  type ClientSession,
  coerceNodeId,
  DataType,
  type DataValue,
  findBasicDataType,
  type NodeId,
} from 'node-opcua-client';
import { OctographError } from '../../../lib/errors.ts';
import { toDataValue } from './values.ts';

/** Nodes of one session: their ids as the server numbers its namespaces now, and their data types. */
export class Nodes {
  readonly #session: ClientSession;
  readonly #types = new Map<string, Promise<DataType>>();
  #namespaces: Promise<string[]> | undefined;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** @throws OctographError `DEVICE_REFUSED` where the server does not know the namespace */
  async resolve(nodeId: string): Promise<NodeId> {
    const match = /^nsu=([^;]+);(.+)$/.exec(nodeId);
    if (!match) return coerceNodeId(nodeId);
    this.#namespaces ??= this.#session.readNamespaceArray();
    const index = (await this.#namespaces).indexOf(match[1] as string);
    if (index < 0) throw new OctographError('DEVICE_REFUSED', `${nodeId}: the server has no such namespace`);
    return coerceNodeId(`ns=${index};${match[2]}`);
  }

  /** The built-in type that a variable is written with. */
  async typeOf(nodeId: NodeId): Promise<DataType> {
    const key = nodeId.toString();
    let type = this.#types.get(key);
    if (!type) {
      type = this.#readType(nodeId);
      // What failed is asked again.
      type.catch(() => this.#types.delete(key));
      this.#types.set(key, type);
    }
    return type;
  }

  /** The built-in type behind a data type: Int32 behind an enumeration. */
  builtIn(dataType: NodeId): Promise<DataType> {
    return findBasicDataType(this.#session, dataType);
  }

  async #readType(nodeId: NodeId): Promise<DataType> {
    const [declared, value] = (await this.#session.read([
      { nodeId, attributeId: AttributeIds.DataType },
      { nodeId, attributeId: AttributeIds.Value },
    ])) as [DataValue, DataValue];
    const current = toDataValue(value);
    if (current.variant && !current.variant.isScalar)
      throw new OctographError('DEVICE_REFUSED', `${nodeId}: arrays cannot be written`);
    const dataType: unknown = declared.value?.value;
    if (!dataType)
      throw new OctographError('DEVICE_REFUSED', `${nodeId}: ${declared.statusCode.name}, no data type`);
    const builtIn = await this.builtIn(dataType as NodeId);
    // A node that may hold anything is written with what it holds.
    const isAny = builtIn === DataType.Variant || builtIn === DataType.Null;
    return isAny ? ((current.variant?.dataType ?? DataType.Null) as DataType) : builtIn;
  }
}

import type { PropertyModel } from '../../twin/model.ts';
import type { ValueType } from '../../twin/value.ts';
import { ConfigReader } from '../config-reader.ts';

/** What the server leaves out: a change of at most so much, absolute or in percent of the node's EURange. */
export interface Deadband {
  kind: 'absolute' | 'percent';
  value: number;
}

/** How one property is reached: KubeEdge's `nodeID`, and how it is monitored. */
export interface OpcuaVisitor {
  property: string;
  type: ValueType;
  /** `ns=2;s=Boiler.Temperature`, `i=2258`, or `nsu=<namespace URI>;s=…`, which survives a server's renumbering. */
  nodeId: string;
  samplingMs: number;
  deadband?: Deadband;
}

const NODE_ID =
  /^(?:ns=\d+;|nsu=[^;]+;)?(?:i=\d+|s=.+|g=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|b=[\w+/]+=*)$/i;

/** Undefined where the property has no visitor at all: the device has it, but it is not monitored. */
export function parseVisitor(model: PropertyModel, device: string): OpcuaVisitor | undefined {
  if (Object.keys(model.visitor).length === 0) return undefined;
  const config = new ConfigReader(model.visitor, `${device}, property ${model.name}`);
  return {
    property: model.name,
    type: model.type,
    nodeId: nodeIdOf(config, config.named('nodeID', 'nodeId')),
    samplingMs: config.integer('samplingInterval', { min: 10, max: 3_600_000 }, model.collectCycleMs),
    deadband: deadbandOf(config),
  };
}

export function nodeIdOf(config: ConfigReader, field: string): string {
  const text = config.text(field).trim();
  return NODE_ID.test(text) ? text : config.fail(field, 'a node id, like ns=2;s=Boiler.Temperature');
}

function deadbandOf(config: ConfigReader): Deadband | undefined {
  if (!config.has('deadband')) return undefined;
  const kind = config.choice('deadbandType', ['absolute', 'percent'], 'absolute');
  const value = config.number('deadband');
  const fits = value >= 0 && (kind === 'absolute' || value <= 100);
  if (!fits) config.fail('deadband', kind === 'absolute' ? '0 or more' : 'a percentage');
  return value === 0 ? undefined : { kind, value };
}

import { ConfigReader } from '../config-reader.ts';
import { nodeIdOf } from './visitor.ts';

/** A method of the server that a method of the device stands for. */
export interface OpcuaMethod {
  name: string;
  /** The object that it is called on. */
  objectId: string;
  methodId: string;
}

/** `methods` of the protocol configData: `{ start: { objectID: ns=2;s=Pump, methodID: ns=2;s=Pump.Start } }`. */
export function parseMethods(methods: Map<string, Record<string, unknown>>, device: string): OpcuaMethod[] {
  return Array.from(methods, ([name, fields]) => {
    const config = new ConfigReader(fields, `${device}, method ${name}`);
    return {
      name,
      objectId: nodeIdOf(config, config.named('objectID', 'objectId')),
      methodId: nodeIdOf(config, config.named('methodID', 'methodId')),
    };
  });
}

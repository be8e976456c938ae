/** What authors of mapper packages import from `octograph/mapper`, as types. */
export type { ConfigReader } from './config-reader.ts';
export type {
  BrowsedNode,
  DeviceMethod,
  DeviceSession,
  DeviceState,
  Mapper,
  MapperDevice,
  MapperEvents,
  Reading,
} from './contract.ts';
export type { MapperContext, MapperFactory } from './package/context.ts';

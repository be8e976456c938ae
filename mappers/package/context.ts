import type { Clock } from '../../lib/clock.ts';
import type { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Mapper } from '../contract.ts';

/** What a mapper package is given; it needs nothing else of Octograph. */
export interface MapperContext {
  /** A directory of its own, which is there and survives restarts. */
  dataDir: string;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  /** Shown by the edge node at `--log-level debug`. */
  logger: Logger;
  /** Reads a map of settings field by field, with errors that name field, value and expectation. @param where names device and property */
  config(fields: Record<string, unknown>, where: string): ConfigReader;
  /** An error that the host decides on; the contract of `DeviceSession` lists the codes. */
  error(code: string, message: string): OctographError;
}

/** The default export of a mapper package. */
export type MapperFactory = (context: MapperContext) => Mapper | Promise<Mapper>;

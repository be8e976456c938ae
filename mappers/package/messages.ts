import type { TwinValue } from '../../twin/value.ts';
import type { DeviceState, Mapper, MapperDevice, Reading } from '../contract.ts';

/** The contract of `mappers/contract.ts` as messages. `user` is the number of a session, which the edge process gives. */
export type ToChild =
  | { type: 'describe'; user: number }
  | { type: 'open'; user: number; device: MapperDevice }
  | { type: 'call'; user: number; id: number; call: SessionCall }
  /** The call's signal was aborted. */
  | { type: 'cancel'; user: number; id: number; code: string; message: string }
  | { type: 'close'; user: number };

export type SessionCall =
  | { kind: 'collect'; properties: string[] }
  | { kind: 'apply'; property: string; value: TwinValue }
  | { kind: 'invoke'; method: string; args: Record<string, TwinValue> }
  | { kind: 'browse'; node: string | undefined };

export type FromChild =
  | { type: 'described'; user: number; protocol: string; delivery: Mapper['delivery'] }
  | { type: 'opened'; user: number; methods: string[]; canBrowse: boolean }
  /** Instead of `described` or `opened`. */
  | { type: 'refused'; user: number; code: string; message: string }
  | { type: 'report'; user: number; readings: Reading[] }
  | { type: 'state'; user: number; state: DeviceState; reason?: string }
  | { type: 'result'; user: number; id: number; result: unknown }
  | { type: 'failure'; user: number; id: number; code: string; message: string };

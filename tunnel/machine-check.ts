import { isIP } from 'node:net';
import type { Machine } from '../twin/machine.ts';
import { ProtocolError } from './close-codes.ts';
import { count, flag, record, text } from './wire-fields.ts';

/** Addresses that a machine tells of at most; what has more tells the first ones. */
export const MAX_ADDRESSES = 16;

/**
 * [W14] All of it: it goes into a Node as it is, and the API server refuses the whole status for one bad address or label.
 * @throws ProtocolError naming field and expectation
 */
export function checkMachine(value: unknown): Machine {
  const fields = record('machine', value);
  const pressure = record('machine.pressure', fields.pressure);
  const textOf = (field: string) => text('machine', field, fields[field]);
  const countOf = (field: string) => count('machine', field, fields[field]);
  return {
    hostname: textOf('hostname'),
    addresses: addresses(fields.addresses),
    cpus: countOf('cpus'),
    memoryBytes: countOf('memoryBytes'),
    storageBytes: countOf('storageBytes'),
    architecture: labelValue('architecture', fields.architecture),
    operatingSystem: labelValue('operatingSystem', fields.operatingSystem),
    osImage: textOf('osImage'),
    kernelVersion: textOf('kernelVersion'),
    machineId: textOf('machineId'),
    systemUuid: textOf('systemUuid'),
    bootId: textOf('bootId'),
    pressure: {
      memory: flag('machine.pressure', 'memory', pressure.memory),
      disk: flag('machine.pressure', 'disk', pressure.disk),
      pids: flag('machine.pressure', 'pids', pressure.pids),
    },
  };
}

function labelValue(field: string, value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9]{0,63}$/.test(value)) return value;
  throw new ProtocolError(`machine.${field}: expected at most 63 letters and digits`);
}

function addresses(value: unknown): string[] {
  const isGood =
    Array.isArray(value) &&
    value.length <= MAX_ADDRESSES &&
    new Set(value).size === value.length &&
    value.every((address) => typeof address === 'string' && isIP(address) !== 0);
  if (isGood) return value;
  throw new ProtocolError(`machine.addresses: expected at most ${MAX_ADDRESSES} different IP addresses`);
}

import { readFileSync, statfsSync } from 'node:fs';
import { BlockList } from 'node:net';
import {
  cpus,
  freemem,
  hostname,
  type NetworkInterfaceInfo,
  networkInterfaces,
  release,
  totalmem,
} from 'node:os';
import { MAX_ADDRESSES } from '../tunnel/machine-check.ts';
import type { Machine } from '../twin/machine.ts';

/** What is left of the machine, for its pressure. */
export interface MachineHeadroom {
  memoryBytes: number;
  /** Of the file system that holds the store, and its size. */
  storageBytes: number;
  storageSizeBytes: number;
  /** Processes and threads that may still be started, and how many there may be; undefined where the system does not tell. */
  pids?: { left: number; limit: number };
}

export interface MachineReading {
  machine: Omit<Machine, 'pressure'>;
  headroom: MachineHeadroom;
}

/** Reads what the system tells of the computer; what it does not tell is empty text, or 0. */
export function readMachine(dataDir: string): MachineReading {
  const storage = storageOf(dataDir);
  return {
    machine: {
      hostname: hostname(),
      addresses: addressesOf(networkInterfaces(), defaultInterface(read('/proc/net/route'))),
      cpus: cpus().length,
      memoryBytes: totalmem(),
      storageBytes: storage.sizeBytes,
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      operatingSystem: process.platform,
      osImage: osImageOf(read('/etc/os-release')),
      kernelVersion: release(),
      machineId: read('/etc/machine-id').trim(),
      systemUuid: read('/sys/class/dmi/id/product_uuid').trim(),
      bootId: read('/proc/sys/kernel/random/boot_id').trim(),
    },
    headroom: {
      memoryBytes: freemem(),
      storageBytes: storage.freeBytes,
      storageSizeBytes: storage.sizeBytes,
      pids: pidsOf(read('/proc/loadavg'), read('/proc/sys/kernel/pid_max')),
    },
  };
}

/** Go's names, which Kubernetes uses. Others are the same in both. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386' };

/** The interface of the first default route in `/proc/net/route`. */
export function defaultInterface(routes: string): string | undefined {
  return routes
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0];
}

/** Those that others may reach the machine by: neither its own loopback nor a single link's. */
export function addressesOf(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
  first: string | undefined,
): string[] {
  const names = Object.keys(interfaces).sort((a, b) => Number(b === first) - Number(a === first));
  const addresses = names
    .flatMap((name) => interfaces[name] ?? [])
    .filter(({ internal, address, family }) => !internal && !LINK_LOCAL.check(address, toFamily(family)))
    .map(({ address }) => address);
  return [...new Set(addresses)].slice(0, MAX_ADDRESSES);
}

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

const toFamily = (family: 'IPv4' | 'IPv6') => (family === 'IPv6' ? 'ipv6' : 'ipv4');

/** `PRETTY_NAME` of `/etc/os-release`. */
export const osImageOf = (osRelease: string): string =>
  /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(osRelease)?.[2] ?? '';

/** From the threads that `/proc/loadavg` counts: `0.20 0.18 0.12 1/80 11206`. */
export function pidsOf(loadAverage: string, pidMax: string): MachineHeadroom['pids'] {
  const threads = Number(/\/(\d+) /.exec(loadAverage)?.[1]);
  const limit = Number.parseInt(pidMax, 10);
  return threads > 0 && limit > 0 ? { left: limit - threads, limit } : undefined;
}

function storageOf(path: string): { sizeBytes: number; freeBytes: number } {
  try {
    const { blocks, bavail, bsize } = statfsSync(path);
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    // A disk that went away is the store's to tell.
    return { sizeBytes: 0, freeBytes: 0 };
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Another system, or a file that only root may read.
    return '';
  }
}

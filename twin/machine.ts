/** The computer that an edge node runs on, as the node tells it. What it cannot find out is empty text, or 0. */
export interface Machine {
  hostname: string;
  /** IP addresses that others may reach it by, those of the default route's interface first; each once. */
  addresses: string[];
  cpus: number;
  memoryBytes: number;
  /** Size of the file system that holds the node's store. */
  storageBytes: number;
  /** As Kubernetes names it: `amd64`, `arm64`, `arm`. */
  architecture: string;
  /** As Kubernetes names it: `linux`. */
  operatingSystem: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  osImage: string;
  kernelVersion: string;
  machineId: string;
  systemUuid: string;
  bootId: string;
  pressure: MachinePressure;
}

/** What the computer is about to run out of. */
export interface MachinePressure {
  memory: boolean;
  disk: boolean;
  pids: boolean;
}

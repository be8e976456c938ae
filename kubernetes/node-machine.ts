import type { KubeNodeAddress, KubeNodeInfo } from '../twin/cluster-object.ts';
import type { Machine, MachinePressure } from '../twin/machine.ts';

/** What an edge node tells of itself. */
export interface EdgeNodeInfo {
  /** Octograph's version there. */
  version: string;
  /** Absent where the node does not tell. */
  machine?: Machine;
}

/** The fields of a Node's status that tell of its machine, as a kubelet writes them. */
export function machineStatus(name: string, { version, machine }: EdgeNodeInfo) {
  const nodeInfo = nodeInfoOf(version, machine);
  if (!machine) return { addresses: [{ type: 'Hostname', address: name }], nodeInfo };
  const addresses: KubeNodeAddress[] = machine.addresses.map((address) => ({ type: 'InternalIP', address }));
  addresses.push({ type: 'Hostname', address: machine.hostname || name });
  const capacity = {
    cpu: String(machine.cpus),
    memory: binaryQuantity(machine.memoryBytes),
    'ephemeral-storage': binaryQuantity(machine.storageBytes),
    // It runs none, whatever they tolerate.
    pods: '0',
  };
  return { addresses, capacity, allocatable: capacity, nodeInfo };
}

/** Those that a kubelet puts on its Node. */
export function machineLabels({ machine }: EdgeNodeInfo): Record<string, string> {
  const labels: Record<string, string> = {};
  if (machine?.architecture) labels['kubernetes.io/arch'] = machine.architecture;
  if (machine?.operatingSystem) labels['kubernetes.io/os'] = machine.operatingSystem;
  return labels;
}

export type PressureType = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** Whether each holds, with a kubelet's reason and words, in its order. */
export function pressuresOf({ memory, disk, pids }: MachinePressure) {
  return [
    memory
      ? pressure('MemoryPressure', true, 'EdgeNodeHasInsufficientMemory', 'insufficient memory available')
      : pressure('MemoryPressure', false, 'EdgeNodeHasSufficientMemory', 'sufficient memory available'),
    disk
      ? pressure('DiskPressure', true, 'EdgeNodeHasDiskPressure', 'disk pressure')
      : pressure('DiskPressure', false, 'EdgeNodeHasNoDiskPressure', 'no disk pressure'),
    pids
      ? pressure('PIDPressure', true, 'EdgeNodeHasInsufficientPID', 'insufficient PIDs available')
      : pressure('PIDPressure', false, 'EdgeNodeHasSufficientPID', 'sufficient PIDs available'),
  ];
}

const pressure = (type: PressureType, holds: boolean, reason: string, has: string) => ({
  type,
  status: holds ? ('True' as const) : ('False' as const),
  reason,
  message: `the edge node has ${has}`,
});

/** In whole KiB, and as the API server would write it: `16777216Ki` comes back as `16Gi`, and would look like a change. */
function binaryQuantity(bytes: number): string {
  const suffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let value = Math.floor(bytes / 1024);
  if (value === 0) return '0';
  let step = 0;
  for (; value % 1024 === 0; value /= 1024) step++;
  return `${value}${suffixes[step]}`;
}

/** The API requires each of the fields. */
const nodeInfoOf = (version: string, machine: Machine | undefined): KubeNodeInfo => ({
  architecture: machine?.architecture ?? '',
  bootID: machine?.bootId ?? '',
  containerRuntimeVersion: '',
  kernelVersion: machine?.kernelVersion ?? '',
  kubeProxyVersion: '',
  kubeletVersion: `octograph-${version}`,
  machineID: machine?.machineId ?? '',
  operatingSystem: machine?.operatingSystem ?? '',
  osImage: machine?.osImage ?? '',
  systemUUID: machine?.systemUuid ?? '',
});

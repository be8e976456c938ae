import type { ResourceDefinition } from '../resources.ts';
import { configMaps } from './configmap.ts';
import { customResourceDefinitions } from './customresourcedefinition.ts';
import { devices } from './device.ts';
import { deviceModels } from './devicemodel.ts';
import { deviceStatuses } from './devicestatus.ts';
import { events } from './event.ts';
import { leases } from './lease.ts';
import { namespaces } from './namespace.ts';
import { nodes } from './node.ts';
import { pods } from './pod.ts';
import { secrets } from './secret.ts';
import { serviceAccounts } from './serviceaccount.ts';

export const BUILT_IN_KINDS: readonly ResourceDefinition[] = [
  namespaces,
  nodes,
  pods,
  events,
  configMaps,
  secrets,
  serviceAccounts,
  leases,
  customResourceDefinitions,
  devices,
  deviceModels,
  deviceStatuses,
];

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
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from './review.ts';
import { clusterRoles, roles } from './role.ts';
import { clusterRoleBindings, roleBindings } from './rolebinding.ts';
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
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  tokenReviews,
  selfSubjectReviews,
  subjectAccessReviews,
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  customResourceDefinitions,
  devices,
  deviceModels,
  deviceStatuses,
];

import { AGE_COLUMN, column, NAME_COLUMN } from '../columns.ts';
import { type KubeObject, valueAt } from '../kube-object.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

const ROLE_LABEL_PREFIX = 'node-role.kubernetes.io/';

export const nodes = defineBuiltIn({
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  statusSubresource: true,
  schema: coreSchema('V1Node'),
  columns: [
    NAME_COLUMN,
    column('Status', statusOf, {
      description: 'Ready, NotReady or Unknown, and whether pods may be placed here.',
    }),
    column('Roles', rolesOf),
    AGE_COLUMN,
    column('Version', (node) => textOr(node, 'status.nodeInfo.kubeletVersion', '')),
    column('Internal-IP', (node) => addressOf(node, 'InternalIP'), { wide: true }),
    column('External-IP', (node) => addressOf(node, 'ExternalIP'), { wide: true }),
    column('OS-Image', (node) => textOr(node, 'status.nodeInfo.osImage', '<unknown>'), { wide: true }),
    column('Kernel-Version', (node) => textOr(node, 'status.nodeInfo.kernelVersion', '<unknown>'), {
      wide: true,
    }),
    column(
      'Container-Runtime',
      (node) => textOr(node, 'status.nodeInfo.containerRuntimeVersion', '<unknown>'),
      {
        wide: true,
      },
    ),
  ],
  selectableFields: ['spec.unschedulable'],
  setDefaults(node) {
    node.spec ??= {};
    node.status ??= {};
  },
});

const textOr = (node: KubeObject, path: string, otherwise: string): string =>
  String(valueAt(node, path) ?? otherwise) || otherwise;

function statusOf(node: KubeObject): string {
  const conditions = (valueAt(node, 'status.conditions') ?? []) as Array<{ type: string; status: string }>;
  const ready = conditions.find((condition) => condition.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (valueAt(node, 'spec.unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(node: KubeObject): string {
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE_LABEL_PREFIX) && label.length > ROLE_LABEL_PREFIX.length)
    .map((label) => label.slice(ROLE_LABEL_PREFIX.length));
  return roles.sort().join(',') || '<none>';
}

function addressOf(node: KubeObject, type: string): string {
  const addresses = (valueAt(node, 'status.addresses') ?? []) as Array<{ type: string; address: string }>;
  return addresses.find((address) => address.type === type)?.address ?? '<none>';
}

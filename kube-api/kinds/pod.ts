import { isDeepStrictEqual } from 'node:util';
import { AGE_COLUMN, column, NAME_COLUMN } from '../columns.ts';
import { type KubeObject, textAt, valueAt } from '../kube-object.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { type FieldError, requiredValue } from '../schema/structural.ts';
import { podBindings, podEvictions } from './action.ts';

interface Container {
  name?: string;
  image?: string;
  resources?: unknown;
}

interface ContainerStatus {
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string }; terminated?: { reason?: string; exitCode?: number } };
}

export const pods = defineBuiltIn({
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  statusSubresource: true,
  returnsDeleted: true,
  actions: { binding: podBindings, eviction: podEvictions },
  schema: coreSchema('V1Pod'),
  columns: [
    NAME_COLUMN,
    column('Ready', readyOf, { description: 'Containers that are ready, of all.' }),
    column('Status', statusOf),
    { ...column('Restarts', restartsOf), type: 'integer' },
    AGE_COLUMN,
    column('IP', (pod) => textAt(pod, 'status.podIP') || '<none>', { wide: true }),
    column('Node', (pod) => textAt(pod, 'spec.nodeName') || '<none>', { wide: true }),
    column('Nominated Node', (pod) => textAt(pod, 'status.nominatedNodeName') || '<none>', { wide: true }),
    column('Readiness Gates', () => '<none>', { wide: true }),
  ],
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  setDefaults(pod) {
    pod.spec = {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      enableServiceLinks: true,
      ...(pod.spec as object | undefined),
    };
    for (const container of containersOf(pod)) container.resources ??= {};
  },
  prepareForCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: 'BestEffort' };
  },
  validate(pod) {
    const errors: FieldError[] = [];
    const containers = containersOf(pod);
    if (containers.length === 0) errors.push(requiredValue('spec.containers'));
    containers.forEach(({ name, image }, index) => {
      if (!name) errors.push(requiredValue(`spec.containers[${index}].name`));
      if (!image) errors.push(requiredValue(`spec.containers[${index}].image`));
    });
    return errors;
  },
  validateUpdate(pod, current) {
    if (isDeepStrictEqual(fixedSpecOf(pod), fixedSpecOf(current))) return [];
    return [{ reason: 'FieldValueForbidden', field: 'spec', message: `Forbidden: ${FIXED_SPEC_RULE}` }];
  },
});

const FIXED_SPEC_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** The part of a pod's spec that is settled at its creation. */
function fixedSpecOf(pod: KubeObject): unknown {
  const spec = structuredClone(pod.spec) as Record<string, unknown>;
  for (const list of ['containers', 'initContainers']) {
    for (const container of (spec[list] ?? []) as Container[]) delete container.image;
  }
  delete spec.activeDeadlineSeconds;
  delete spec.tolerations;
  return spec;
}

const containersOf = (pod: KubeObject) => (valueAt(pod, 'spec.containers') ?? []) as Container[];
const statusesOf = (pod: KubeObject) => (valueAt(pod, 'status.containerStatuses') ?? []) as ContainerStatus[];

function readyOf(pod: KubeObject): string {
  return `${statusesOf(pod).filter((status) => status.ready).length}/${containersOf(pod).length}`;
}

function restartsOf(pod: KubeObject): number {
  return statusesOf(pod).reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
}

function statusOf(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  for (const { state } of statusesOf(pod)) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason) return reason;
  }
  return textAt(pod, 'status.reason') || textAt(pod, 'status.phase');
}

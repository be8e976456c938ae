import { podBindings } from '../kinds/action.ts';
import { type KubeObject, textAt } from '../kube-object.ts';
import { isDryRun, type ResourceRequest } from '../request.ts';
import { requiredValue, unsupportedValue } from '../schema/structural.ts';
import { badRequest, conflict, done, groupResource, invalid } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';

/** Puts a pod on a node, as a scheduler does it. */
export function bindPod(
  { store }: ApiContext,
  { resource, name = '', query }: ResourceRequest,
  pod: KubeObject,
  binding: KubeObject,
): Reply {
  if ((binding.metadata.name ?? name) !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const kind = textAt(binding, 'target.kind');
  const nodeName = textAt(binding, 'target.name');
  const errors = [
    ...(kind !== '' && kind !== 'Node' ? [unsupportedValue('target.kind', kind, ['Node', '<empty>'])] : []),
    ...(nodeName === '' ? [requiredValue('target.name')] : []),
  ];
  if (errors.length > 0) throw invalid(podBindings, name, errors);
  const bound = textAt(pod, 'spec.nodeName');
  if (bound) throw conflict(podBindings, name, `pod ${name} is already assigned to node "${bound}"`);
  const spec = { ...(pod.spec as object), nodeName };
  if (!isDryRun(query)) store.put(groupResource(resource), { ...pod, spec });
  return { code: 201, body: done(201) };
}

import { type ApiError, forbidden, forbiddenRequest } from '../status.ts';
import type { Attributes } from './attributes.ts';
import type { UserInfo } from './user.ts';

/** The 403 for what `user` is not allowed to do, in Kubernetes' words. */
export function refusal({ username }: UserInfo, attributes: Attributes): ApiError {
  const user = JSON.stringify(username);
  if (attributes.kind === 'path') {
    return forbiddenRequest(`User ${user} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`);
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const what = JSON.stringify(subresource ? `${resource}/${subresource}` : resource);
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const detail = `User ${user} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
  return forbidden({ group, plural: resource, kind: '' }, name, detail);
}

import type { IncomingMessage } from 'node:http';
import { badRequest } from '../status.ts';
import type { ResourceAttributes } from './attributes.ts';
import { AUTHENTICATED, parseServiceAccountUser, serviceAccountGroups, type UserInfo } from './user.ts';

const EXTRA_PREFIX = 'impersonate-extra-';

/** Somebody that a request asks to be made as, and what one must be allowed to for that. */
export interface Impersonation {
  user: UserInfo;
  needs: readonly ResourceAttributes[];
}

/**
 * Reads the `Impersonate-…` headers (`kubectl --as`); undefined when there are none.
 * @throws ApiError 400 for groups and the like without a user.
 */
export function parseImpersonation(headers: IncomingMessage['headersDistinct']): Impersonation | undefined {
  const [username] = headers['impersonate-user'] ?? [];
  const [uid] = headers['impersonate-uid'] ?? [];
  const groups = headers['impersonate-group'] ?? [];
  const extra = Object.entries(headers).flatMap(([header, values]) =>
    header.startsWith(EXTRA_PREFIX) && values
      ? [[decodeURIComponent(header.slice(EXTRA_PREFIX.length)), values] as const]
      : [],
  );
  if (!username) {
    if (uid || groups.length > 0 || extra.length > 0)
      throw badRequest('impersonation of nobody: Impersonate-User is missing');
    return undefined;
  }
  const account = parseServiceAccountUser(username);
  const needs = [
    account
      ? impersonate('', 'serviceaccounts', account.name, { namespace: account.namespace })
      : impersonate('', 'users', username),
    ...groups.map((group) => impersonate('', 'groups', group)),
    ...(uid ? [impersonate(AUTHENTICATION, 'uids', uid)] : []),
    ...extra.flatMap(([key, values]) =>
      values.map((value) => impersonate(AUTHENTICATION, 'userextras', value, { subresource: key })),
    ),
  ];
  const given = groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups;
  const user: UserInfo = {
    username,
    ...(uid ? { uid } : {}),
    groups: [...new Set([...given, ...(username === ANONYMOUS ? [] : [AUTHENTICATED])])],
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
  return { user, needs };
}

const ANONYMOUS = 'system:anonymous';
const AUTHENTICATION = 'authentication.k8s.io';

const impersonate = (
  group: string,
  resource: string,
  name: string,
  { namespace = '', subresource = '' } = {},
): ResourceAttributes => ({
  kind: 'resource',
  verb: 'impersonate',
  group,
  resource,
  subresource,
  namespace,
  name,
});

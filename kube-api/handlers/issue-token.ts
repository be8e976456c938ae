import { type BoundObject, ISSUER } from '../access/service-account-tokens.ts';
import { tokenRequests } from '../kinds/action.ts';
import { type KubeObject, kubeTime } from '../kube-object.ts';
import type { ResourceRequest } from '../request.ts';
import { invalidValue } from '../schema/structural.ts';
import { badRequest, conflict, invalid, notFound } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

interface TokenSpec {
  audiences?: string[];
  expirationSeconds?: number;
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
}

/** Issues a token for a service account: `kubectl create token`. */
export function issueToken(
  context: ApiContext,
  { name = '' }: ResourceRequest,
  account: KubeObject,
  asked: KubeObject,
): Reply {
  const {
    audiences = [],
    expirationSeconds = DEFAULT_SECONDS,
    boundObjectRef,
  } = (asked.spec ?? {}) as TokenSpec;
  const field = 'spec.expirationSeconds';
  if (expirationSeconds < MIN_SECONDS) {
    const detail = 'may not specify a duration less than 10 minutes';
    throw invalid(tokenRequests, name, [invalidValue(field, expirationSeconds, detail)]);
  }
  if (expirationSeconds > MAX_SECONDS) {
    const detail = 'may not specify a duration larger than 2^32 seconds';
    throw invalid(tokenRequests, name, [invalidValue(field, expirationSeconds, detail)]);
  }
  const { namespace } = account.metadata;
  const issuedAt = context.clock.now();
  const expiresAt = issuedAt + expirationSeconds * 1000;
  const content = {
    account,
    boundTo: boundObjectRef && boundObject(context, namespace ?? '', boundObjectRef),
    audiences: audiences.length > 0 ? audiences : [ISSUER],
    id: context.createUid(),
    issuedAt,
    expiresAt,
  };
  const body = {
    ...asked,
    metadata: { name, namespace, creationTimestamp: kubeTime(issuedAt) },
    spec: { ...(asked.spec as object | undefined), audiences: content.audiences, expirationSeconds },
    status: {
      token: context.serviceAccountTokens.issue(content),
      expirationTimestamp: kubeTime(expiresAt),
    },
  };
  return { code: 201, body };
}

const BOUND_RESOURCES = {
  Pod: { group: '', plural: 'pods', kind: 'Pod' },
  Secret: { group: '', plural: 'secrets', kind: 'Secret' },
} as const;

/** The object that a token shall end with, as it is now. */
function boundObject(
  { store }: ApiContext,
  namespace: string,
  { kind = '', apiVersion = '', name = '', uid }: NonNullable<TokenSpec['boundObjectRef']>,
): BoundObject {
  if ((kind !== 'Pod' && kind !== 'Secret') || apiVersion !== 'v1') {
    throw badRequest(`cannot bind token for serviceaccount to object of type ${apiVersion}, Kind=${kind}`);
  }
  const resource = BOUND_RESOURCES[kind];
  const object = store.get({ resource: resource.plural, namespace, name });
  if (!object) throw notFound(resource, name);
  const actual = object.metadata.uid ?? '';
  if (uid && uid !== actual) {
    const detail = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict(resource, name, detail);
  }
  return { kind, name, uid: actual };
}

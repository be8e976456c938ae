import { createHash } from 'node:crypto';
import {
  type AccessOptions,
  type AccessQuestion,
  type Authorizer,
  firstThatKnows,
  type Principal,
  ruleAuthorizer,
  type TokenVerifier,
} from '../gateway/index.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import type { KubeObject } from '../kubernetes/resources.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { AnswerCache } from './answer-cache.ts';

/** Who a token stands for, as SubjectAccessReview wants it back. */
interface Subject {
  user: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** Its rights are Kubernetes' to say. */
export interface KubernetesPrincipal extends Principal {
  subject: Subject;
}

export interface KubernetesAccessOptions {
  client: Pick<KubeClient, 'create'>;
  /** The token must be meant for one of these. Empty: for the API server. */
  audiences: readonly string[];
  clock: Clock;
  logger: Logger;
}

/** A yes is believed for seconds, so that a right that was taken away is gone within ten; a no for one second at most. */
const yesMs = 4000;
const noMs = 1000;
const answersKept = 10_000;

const DEVICE_GROUP = 'devices.kubeedge.io';
const groups: Readonly<Record<string, string>> = { devices: DEVICE_GROUP, devicemodels: DEVICE_GROUP };

/** A review is an answer, not an object: it is not kept. */
const unnamed = {} as KubeObject['metadata'];

interface TokenReview extends KubeObject {
  status?: {
    authenticated?: boolean;
    user?: {
      username?: string;
      uid?: string;
      groups?: string[];
      extra?: Record<string, string[]>;
    };
  };
}

interface SubjectAccessReview extends KubeObject {
  status?: { allowed?: boolean };
}

/** Tokens of Kubernetes: service accounts', and whatever else its authenticators know. Source: authentication.k8s.io/v1. */
export function createTokenReviewer(options: KubernetesAccessOptions): TokenVerifier {
  const { client, audiences, clock } = options;
  const cache = new AnswerCache<KubernetesPrincipal | undefined>({
    keepMs: (principal) => (principal ? yesMs : noMs),
    limit: answersKept,
    clock,
  });
  const review = async (token: string): Promise<KubernetesPrincipal | undefined> => {
    const { status } = await client.create<TokenReview>('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: unnamed,
      spec: { token, ...(audiences.length > 0 && { audiences }) },
    } as TokenReview);
    const user = status?.authenticated ? status.user : undefined;
    if (!user?.username) return undefined;
    const { username, uid, groups, extra } = user;
    return { name: username, rights: 'write', groups, subject: { user: username, uid, groups, extra } };
  };
  return {
    // The token itself is no key: what is kept longest should not be the secret.
    verify: (token) => cache.get(createHash('sha256').update(token).digest('base64'), () => review(token)),
  };
}

/**
 * Asks the API server what principals of a TokenReview may do; others have their own rights and rules. Fails closed.
 * Source: authorization.k8s.io/v1.
 */
export function createSubjectAccessReviewer({
  client,
  clock,
  logger,
}: Omit<KubernetesAccessOptions, 'audiences'>): Authorizer {
  const cache = new AnswerCache<boolean>({
    keepMs: (allowed) => (allowed ? yesMs : noMs),
    limit: answersKept,
    clock,
  });
  const review = async (subject: Subject, question: AccessQuestion): Promise<boolean> => {
    const { status } = await client.create<SubjectAccessReview>(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: unnamed,
        spec: { ...subject, resourceAttributes: attributesOf(question) },
      } as SubjectAccessReview,
    );
    return status?.allowed === true;
  };
  return {
    isUnbound: (principal) => !('subject' in principal) && ruleAuthorizer.isUnbound(principal),
    async allows(principal, question) {
      const { subject } = principal as Partial<KubernetesPrincipal>;
      if (!subject) return ruleAuthorizer.allows(principal, question);
      try {
        return await cache.get(JSON.stringify([subject, question]), () => review(subject, question));
      } catch (error) {
        logger.warn({ user: subject.user, reason: messageOf(error) }, 'access review failed: refused');
        return false;
      }
    },
  };
}

function attributesOf({ verb, resource, namespace, name }: AccessQuestion) {
  const [plural = resource, subresource] = resource.split('/');
  return { verb, group: groups[plural] ?? '', resource: plural, subresource, namespace, name };
}

/** Adds Kubernetes' tokens to those that are known already, and its answers to the principals' own rules. */
export function withKubernetesAccess(access: AccessOptions, options: KubernetesAccessOptions): AccessOptions {
  const known = access.tokens ? [access.tokens] : [];
  return {
    ...access,
    tokens: firstThatKnows([...known, createTokenReviewer(options)]),
    authorizer: createSubjectAccessReviewer(options),
  };
}

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { KubeObject } from '../kube-object.ts';
import type { ObjectStore } from '../object-store.ts';
import { isRecord } from '../schema/structural.ts';
import { serviceAccountGroups, serviceAccountUser, type UserInfo } from './user.ts';

/** Who issues tokens, and whom they are for unless they say otherwise. */
export const ISSUER = 'https://kubernetes.default.svc';

/** An object that a token ends with. */
export interface BoundObject {
  kind: 'Pod' | 'Secret';
  name: string;
  uid: string;
}

export interface TokenContent {
  account: KubeObject;
  boundTo: BoundObject | undefined;
  audiences: readonly string[];
  /** A UUID. */
  id: string;
  /** Wall clock, milliseconds. */
  issuedAt: number;
  expiresAt: number;
}

interface Claims {
  iss: string;
  sub: string;
  aud: string[];
  jti: string;
  iat: number;
  nbf: number;
  exp: number;
  'kubernetes.io': {
    namespace: string;
    serviceaccount: { name: string; uid: string };
    pod?: { name: string; uid: string };
    secret?: { name: string; uid: string };
  };
}

const HEADER = { alg: 'ES256', typ: 'JWT' };
const BOUND_RESOURCES = { pod: 'pods', secret: 'secrets' } as const;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Signs and checks the tokens of service accounts: JSON Web Tokens, ES256, with the claims that Kubernetes gives them. */
export class ServiceAccountTokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #store: ObjectStore;

  /** @param keyPem an EC private key, P-256 */
  constructor(keyPem: string, store: ObjectStore) {
    this.#privateKey = createPrivateKey(keyPem);
    this.#publicKey = createPublicKey(keyPem);
    this.#store = store;
  }

  issue({ account, boundTo, audiences, id, issuedAt, expiresAt }: TokenContent): string {
    const { namespace = '', name, uid = '' } = account.metadata;
    const claims: Claims = {
      iss: ISSUER,
      sub: serviceAccountUser({ namespace, name }),
      aud: [...audiences],
      jti: id,
      iat: seconds(issuedAt),
      nbf: seconds(issuedAt),
      exp: seconds(expiresAt),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid },
        ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}),
      },
    };
    const content = `${encode(HEADER)}.${encode(claims)}`;
    const key = { key: this.#privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
  }

  /**
   * Whom a token stands for, and whom it is meant for; undefined when it is not ours, not valid at `now`, or when its account
   * or the object that it is bound to is gone.
   */
  identify(token: string, now: number): { user: UserInfo; audiences: readonly string[] } | undefined {
    const claims = this.#verified(token);
    if (!claims || seconds(now) < claims.nbf || seconds(now) >= claims.exp) return undefined;
    const { namespace, serviceaccount, ...bound } = claims['kubernetes.io'];
    if (!this.#exists('serviceaccounts', namespace, serviceaccount)) return undefined;
    for (const kind of ['pod', 'secret'] as const) {
      const object = bound[kind];
      if (object && !this.#exists(BOUND_RESOURCES[kind], namespace, object)) return undefined;
    }
    const { pod } = bound;
    const user: UserInfo = {
      username: claims.sub,
      uid: serviceaccount.uid,
      groups: serviceAccountGroups(namespace),
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
        ...(pod
          ? {
              'authentication.kubernetes.io/pod-name': [pod.name],
              'authentication.kubernetes.io/pod-uid': [pod.uid],
            }
          : {}),
      },
    };
    return { user, audiences: claims.aud };
  }

  #verified(token: string): Claims | undefined {
    const [header = '', payload = '', signature = '', ...more] = token.split('.');
    if (more.length > 0) return undefined;
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const content = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', content, key, Buffer.from(signature, 'base64url'))) return undefined;
    // Signed by us: it is what `issue` made, and its algorithm is the one that was just checked.
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return isRecord(claims) && claims.iss === ISSUER ? (claims as unknown as Claims) : undefined;
  }

  #exists(resource: string, namespace: string, { name, uid }: { name: string; uid: string }): boolean {
    const object = this.#store.get({ resource, namespace, name });
    return object?.metadata.uid === uid && !object.metadata.deletionTimestamp;
  }
}

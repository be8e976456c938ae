import type { Close } from '../../lib/disposables.ts';
import type { KubeObject } from '../kube-object.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Attributes } from './attributes.ts';
import { type PolicyRule, ruleAllows } from './policy-rule.ts';
import { MASTERS, serviceAccountUser, type UserInfo } from './user.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export interface RoleObject extends KubeObject {
  rules?: PolicyRule[];
}

export interface RoleRef {
  apiGroup: string;
  kind: string;
  name: string;
}

export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

export interface BindingObject extends KubeObject {
  roleRef: RoleRef;
  subjects?: Subject[];
}

export interface Decision {
  allowed: boolean;
  /** Why it is allowed, as SubjectAccessReview tells it; "" where there is nothing to tell. */
  reason: string;
}

/** A rule that a user has, and from where. */
export interface HeldRule {
  rule: PolicyRule;
  reason: string;
}

/** Everything that there is, for those who may do everything. */
export const ALL_RULES: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

interface Policy {
  roles: Map<string, RoleObject>;
  clusterBindings: BindingObject[];
  bindings: BindingObject[];
}

/** Decides by Roles, ClusterRoles and their bindings, as Kubernetes' RBAC does. What no rule allows is not allowed. */
export class Authorizer {
  readonly #store: ObjectStore;
  /** Read when it is needed, and forgotten when a role or binding changes. */
  #policy: Policy | undefined;
  readonly close: Close;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.close = store.onEvent(({ resource }) => {
      if (resource.endsWith(`.${RBAC_GROUP}`)) this.#policy = undefined;
    });
  }

  decide(user: UserInfo, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const namespace = attributes.kind === 'resource' ? attributes.namespace : '';
    const held = this.#held(user, namespace).find(({ rule }) => ruleAllows(rule, attributes));
    return held ? { allowed: true, reason: held.reason } : { allowed: false, reason: '' };
  }

  /** All that `user` may do in `namespace`, "" for what is not in one. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[] {
    if (user.groups.includes(MASTERS)) return ALL_RULES;
    return this.#held(user, namespace).map(({ rule }) => rule);
  }

  /** The rules of the role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOfRole(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role = this.#read().roles.get(roleKey(roleRef, namespace));
    return role && (role.rules ?? []);
  }

  #held(user: UserInfo, namespace: string): HeldRule[] {
    const { clusterBindings, bindings } = this.#read();
    const local = bindings.filter(({ metadata }) => namespace !== '' && metadata.namespace === namespace);
    return [...clusterBindings, ...local].flatMap((binding) => {
      const home = binding.metadata.namespace ?? '';
      const subject = (binding.subjects ?? []).find((one) => isSubject(one, user, home));
      if (!subject) return [];
      const { kind, metadata, roleRef } = binding;
      const place = home ? `${metadata.name}/${home}` : metadata.name;
      const reason = `RBAC: allowed by ${kind} "${place}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${nameOf(subject)}"`;
      return (this.rulesOfRole(roleRef, home) ?? []).map((rule) => ({ rule, reason }));
    });
  }

  #read(): Policy {
    const list = (plural: string) => this.#store.list(`${plural}.${RBAC_GROUP}`);
    this.#policy ??= {
      roles: new Map(
        [...list('roles'), ...list('clusterroles')].map((role) => [
          roleKey({ kind: role.kind, name: role.metadata.name }, role.metadata.namespace ?? ''),
          role as RoleObject,
        ]),
      ),
      clusterBindings: list('clusterrolebindings') as BindingObject[],
      bindings: list('rolebindings') as BindingObject[],
    };
    return this.#policy;
  }
}

const roleKey = ({ kind, name }: Pick<RoleRef, 'kind' | 'name'>, namespace: string): string =>
  `${kind}\0${kind === 'Role' ? namespace : ''}\0${name}`;

const nameOf = ({ name, namespace }: Subject): string => (namespace ? `${name}/${namespace}` : name);

function isSubject(subject: Subject, user: UserInfo, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.username;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace !== '' && serviceAccountUser({ namespace, name: subject.name }) === user.username;
    }
    default:
      return false;
  }
}

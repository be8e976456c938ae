import type { KubeObject } from '../kube-object.ts';
import { ALL_RULES, RBAC_GROUP } from './authorizer.ts';
import type { PolicyRule } from './policy-rule.ts';
import { AUTHENTICATED, MASTERS } from './user.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const rule = (apiGroup: string, resources: string[], verbs: string[]): PolicyRule => ({
  verbs,
  apiGroups: [apiGroup],
  resources,
});

const VIEW = [
  rule('', ['configmaps', 'events', 'namespaces', 'pods', 'pods/status', 'serviceaccounts'], READ),
];
const EDIT = [
  ...VIEW,
  rule('', ['configmaps', 'events', 'pods', 'secrets', 'serviceaccounts'], WRITE),
  rule('', ['secrets'], READ),
  rule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('coordination.k8s.io', ['leases'], [...READ, ...WRITE]),
];
const ADMIN = [
  ...EDIT,
  rule(RBAC_GROUP, ['roles', 'rolebindings'], [...READ, ...WRITE]),
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
];
const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
];

const ROLES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': ALL_RULES,
  admin: ADMIN,
  edit: EDIT,
  view: VIEW,
  'system:discovery': [{ verbs: ['get'], nonResourceURLs: DISCOVERY_PATHS }],
  'system:basic-user': [
    rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ],
  'system:auth-delegator': [
    rule('authentication.k8s.io', ['tokenreviews'], ['create']),
    rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  ],
};

/** Group by role. */
const BINDINGS: Readonly<Record<string, string>> = {
  'cluster-admin': MASTERS,
  'system:discovery': AUTHENTICATED,
  'system:basic-user': AUTHENTICATED,
};

const metadata = (name: string) => ({ name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } });
const apiVersion = `${RBAC_GROUP}/v1`;

/** The roles that people expect of any cluster, as far as they are about kinds that are served here. */
export const DEFAULT_CLUSTER_ROLES: readonly KubeObject[] = Object.entries(ROLES).map(([name, rules]) => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadata(name),
  rules,
}));

export const DEFAULT_CLUSTER_ROLE_BINDINGS: readonly KubeObject[] = Object.entries(BINDINGS).map(
  ([role, group]) => ({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: metadata(role),
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: RBAC_GROUP, kind: 'Group', name: group }],
  }),
);

// Source of the field numbers: the generated.proto files of k8s.io/api and k8s.io/apimachinery.

export type FieldType =
  | 'string'
  | 'bytes'
  | 'boolean'
  | 'integer'
  | 'time'
  | { map: 'string' | 'bytes' }
  | { list: 'string' | Message }
  | { message: Message };

/** The fields of a message, by number. */
export type Message = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

const OWNER_REFERENCE: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'boolean'],
  7: ['blockOwnerDeletion', 'boolean'],
};

const OBJECT_META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  4: ['selfLink', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'integer'],
  8: ['creationTimestamp', 'time'],
  9: ['deletionTimestamp', 'time'],
  11: ['labels', { map: 'string' }],
  12: ['annotations', { map: 'string' }],
  13: ['ownerReferences', { list: OWNER_REFERENCE }],
  14: ['finalizers', { list: 'string' }],
};

const METADATA = ['metadata', { message: OBJECT_META }] as const;
const LOCAL_REFERENCE: Message = { 1: ['name', 'string'] };
const OBJECT_REFERENCE: Message = {
  1: ['kind', 'string'],
  2: ['namespace', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
};

const POLICY_RULES = [
  'rules',
  {
    list: {
      1: ['verbs', { list: 'string' }],
      2: ['apiGroups', { list: 'string' }],
      3: ['resources', { list: 'string' }],
      4: ['resourceNames', { list: 'string' }],
      5: ['nonResourceURLs', { list: 'string' }],
    },
  },
] as const;

const LABEL_SELECTOR: Message = {
  1: ['matchLabels', { map: 'string' }],
  2: [
    'matchExpressions',
    { list: { 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', { list: 'string' }] } },
  ],
};

const ROLE_BINDING: Message = {
  1: METADATA,
  2: [
    'subjects',
    {
      list: {
        1: ['kind', 'string'],
        2: ['apiGroup', 'string'],
        3: ['name', 'string'],
        4: ['namespace', 'string'],
      },
    },
  ],
  3: ['roleRef', { message: { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] } }],
};

const ACCESS_ATTRIBUTES: Message = {
  1: [
    'resourceAttributes',
    {
      message: {
        1: ['namespace', 'string'],
        2: ['verb', 'string'],
        3: ['group', 'string'],
        4: ['version', 'string'],
        5: ['resource', 'string'],
        6: ['subresource', 'string'],
        7: ['name', 'string'],
      },
    },
  ],
  2: ['nonResourceAttributes', { message: { 1: ['path', 'string'], 2: ['verb', 'string'] } }],
};

const SUBJECT_ACCESS_REVIEW: Message = {
  1: METADATA,
  2: [
    'spec',
    {
      message: {
        ...ACCESS_ATTRIBUTES,
        3: ['user', 'string'],
        4: ['groups', { list: 'string' }],
        6: ['uid', 'string'],
      },
    },
  ],
};

const DELETE_OPTIONS: Message = {
  1: ['gracePeriodSeconds', 'integer'],
  2: ['preconditions', { message: { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] } }],
  3: ['orphanDependents', 'boolean'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', { list: 'string' }],
};

/** The kinds that are read in this form. */
export const PROTOBUF_KINDS: Readonly<Record<string, Message>> = {
  Namespace: {
    1: METADATA,
    2: ['spec', { message: { 1: ['finalizers', { list: 'string' }] } }],
    3: ['status', { message: { 1: ['phase', 'string'] } }],
  },
  ConfigMap: {
    1: METADATA,
    2: ['data', { map: 'string' }],
    3: ['binaryData', { map: 'bytes' }],
    4: ['immutable', 'boolean'],
  },
  Secret: {
    1: METADATA,
    2: ['data', { map: 'bytes' }],
    3: ['type', 'string'],
    4: ['stringData', { map: 'string' }],
    5: ['immutable', 'boolean'],
  },
  ServiceAccount: {
    1: METADATA,
    2: ['secrets', { list: OBJECT_REFERENCE }],
    3: ['imagePullSecrets', { list: LOCAL_REFERENCE }],
    4: ['automountServiceAccountToken', 'boolean'],
  },
  Role: { 1: METADATA, 2: POLICY_RULES },
  ClusterRole: {
    1: METADATA,
    2: POLICY_RULES,
    3: ['aggregationRule', { message: { 1: ['clusterRoleSelectors', { list: LABEL_SELECTOR }] } }],
  },
  RoleBinding: ROLE_BINDING,
  ClusterRoleBinding: ROLE_BINDING,
  TokenRequest: {
    1: METADATA,
    2: [
      'spec',
      {
        message: {
          1: ['audiences', { list: 'string' }],
          3: [
            'boundObjectRef',
            {
              message: {
                1: ['kind', 'string'],
                2: ['apiVersion', 'string'],
                3: ['name', 'string'],
                4: ['uid', 'string'],
              },
            },
          ],
          4: ['expirationSeconds', 'integer'],
        },
      },
    ],
  },
  TokenReview: {
    1: METADATA,
    2: ['spec', { message: { 1: ['token', 'string'], 2: ['audiences', { list: 'string' }] } }],
  },
  SelfSubjectReview: { 1: METADATA },
  SubjectAccessReview: SUBJECT_ACCESS_REVIEW,
  LocalSubjectAccessReview: SUBJECT_ACCESS_REVIEW,
  SelfSubjectAccessReview: { 1: METADATA, 2: ['spec', { message: ACCESS_ATTRIBUTES }] },
  SelfSubjectRulesReview: { 1: METADATA, 2: ['spec', { message: { 1: ['namespace', 'string'] } }] },
  Binding: { 1: METADATA, 2: ['target', { message: OBJECT_REFERENCE }] },
  Eviction: { 1: METADATA, 2: ['deleteOptions', { message: DELETE_OPTIONS }] },
  DeleteOptions: DELETE_OPTIONS,
};

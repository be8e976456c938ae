import { defineBuiltIn, type ResourceDefinition } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

/** Kinds that are questions: they are created, answered and not kept. `handlers/review.ts` answers them. */
const defineReview = (group: string, kind: string, namespaced = false): ResourceDefinition =>
  defineBuiltIn({
    group,
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced,
    verbs: ['create'],
    schema: coreSchema(`V1${kind}`),
    columns: [],
  });

export const tokenReviews = defineReview('authentication.k8s.io', 'TokenReview');
export const selfSubjectReviews = defineReview('authentication.k8s.io', 'SelfSubjectReview');
export const subjectAccessReviews = defineReview('authorization.k8s.io', 'SubjectAccessReview');
export const localSubjectAccessReviews = defineReview(
  'authorization.k8s.io',
  'LocalSubjectAccessReview',
  true,
);
export const selfSubjectAccessReviews = defineReview('authorization.k8s.io', 'SelfSubjectAccessReview');
export const selfSubjectRulesReviews = defineReview('authorization.k8s.io', 'SelfSubjectRulesReview');

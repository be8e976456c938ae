import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';

// What is posted to a subresource of an object, to have something done with it. `handlers/act.ts` does it.

/** `pods/binding`: puts a pod on a node. */
export const podBindings = defineBuiltIn({
  version: 'v1',
  kind: 'Binding',
  plural: 'pods/binding',
  schema: coreSchema('V1Binding'),
  columns: [],
});

/** `pods/eviction`: deletes a pod, as `kubectl drain` does it. */
export const podEvictions = defineBuiltIn({
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: 'pods/eviction',
  schema: coreSchema('V1Eviction'),
  columns: [],
});

/** `serviceaccounts/token`: issues a token. */
export const tokenRequests = defineBuiltIn({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'serviceaccounts/token',
  schema: coreSchema('AuthenticationV1TokenRequest'),
  columns: [],
});

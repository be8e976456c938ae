export { authorizedContext } from './authorized-context.ts';
export type { LiveEvent } from './live/live-event.ts';
export { createLiveSet, type LiveSet, type LiveSetOptions, type Selection } from './live/live-set.ts';
export type { LiveSubscription } from './live/live-subscription.ts';
export type {
  PlanExecutionArgs,
  PlanRuntime,
  PlanRuntimeOptions,
  SubgraphExecutor,
  SubgraphRequest,
} from './plan/contract.ts';
export { publicSchema } from './plan/public-schema.ts';
export { createPlanRuntime } from './plan-runtime.ts';
export type { AccessOptions, Principal, Rights, TokenVerifier } from './server/authentication.ts';
export {
  type AccessQuestion,
  type AccessRule,
  type AccessVerb,
  Authorization,
  type Authorizer,
  ruleAuthorizer,
  type Sight,
} from './server/authorization.ts';
export { dashboardRoutes } from './server/dashboard.ts';
export type { Endpoint, OperationRequest } from './server/endpoint.ts';
export type { Health, HealthCheck } from './server/health.ts';
export { createJwtVerifier, type JwtOptions } from './server/jwt.ts';
export { defaultLimits, type Limits } from './server/limits.ts';
export type { GraphqlListener } from './server/listener.ts';
export { createPersistedDocuments, type PersistedDocuments } from './server/persisted-documents.ts';
export type { RouteHandler } from './server/routes.ts';
export {
  type GraphqlServer,
  type GraphqlServerOptions,
  type Guards,
  startGraphqlServer,
} from './server/server.ts';
export { createTokenFile } from './server/token-file.ts';
export { firstThatKnows } from './server/token-verifiers.ts';

import type { Clock } from '../../lib/clock.ts';
import type { Authenticator } from '../access/authenticator.ts';
import type { Authorizer } from '../access/authorizer.ts';
import type { ServiceAccountTokens } from '../access/service-account-tokens.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ResourceRegistry } from '../resources.ts';

/** What handlers and controllers work with. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly serviceAccountTokens: ServiceAccountTokens;
  readonly authorizer: Authorizer;
  /** A fresh UUID. */
  createUid(): string;
  /** 0 ≤ random() < 1 */
  random(): number;
}

/** What a handler answers; the server turns it into a table or partial metadata where the client wants that. */
export interface Reply {
  readonly code: number;
  readonly body: object;
  readonly warnings?: readonly string[];
}

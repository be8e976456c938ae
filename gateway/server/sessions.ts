import { type Clock, every } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import {
  type AccessOptions,
  type Authentication,
  authenticate,
  type Credentials,
  type Principal,
  scopeOf,
} from './authentication.ts';

export interface Session {
  credentials: Credentials;
  principal: Principal;
  /** Called once, when the credentials are worth nothing any more. */
  end: (reason: string) => void;
}

export interface SessionsOptions {
  access: AccessOptions;
  clock: Clock;
  /** Credentials that are in use are checked this often. */
  recheckMs: number;
}

/** How long credentials that nobody can check now are believed: since they were checked, in periods of checking. */
const patience = 2;
const longestTimerMs = 2 ** 31 - 1;

interface Watched extends Session {
  scope: string;
  /** Monotonic. */
  confirmedAt: number;
  cancelExpiry: Close;
}

/**
 * Ends what goes on after its credentials have ended: to the millisecond where they say when; at the next check where a
 * token was revoked or means something else now. However many sessions have a token, it is checked once.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #watched = new Set<Watched>();
  #stop: Close | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  watch(session: Session): Close {
    const { clock, recheckMs } = this.#options;
    const { expiresAt } = session.principal;
    const watched: Watched = {
      ...session,
      scope: scopeOf(session.principal),
      confirmedAt: clock.monotonic(),
      cancelExpiry: () => {},
    };
    if (expiresAt !== undefined) {
      const untilMs = Math.min(Math.max(0, expiresAt - clock.now()), longestTimerMs);
      watched.cancelExpiry = clock.setTimer(untilMs, () => this.#end(watched, 'the token has expired'));
    }
    this.#watched.add(watched);
    this.#stop ??= every(clock, recheckMs, () => this.#recheck());
    return () => this.#forget(watched);
  }

  async #recheck(): Promise<void> {
    const byToken = Map.groupBy(this.#watched, ({ credentials }) => credentials.authorization);
    for (const [authorization, sessions] of byToken) {
      // Who came without one cannot lose it.
      if (authorization === undefined) continue;
      const authentication = await authenticate({ authorization, forwarded: true }, this.#options.access);
      for (const session of sessions) this.#judge(session, authentication);
    }
  }

  #judge(session: Watched, authentication: Authentication): void {
    const { clock, recheckMs } = this.#options;
    if (authentication.kind === 'authenticated') {
      session.confirmedAt = clock.monotonic();
      if (scopeOf(authentication.principal) === session.scope) return;
      this.#end(session, 'the token stands for other rights now');
      return;
    }
    const isRecent = clock.monotonic() - session.confirmedAt < patience * recheckMs;
    if (authentication.kind === 'unavailable' && isRecent) return;
    this.#end(session, authentication.reason);
  }

  #end(session: Watched, reason: string): void {
    if (!this.#watched.has(session)) return;
    this.#forget(session);
    session.end(reason);
  }

  #forget(session: Watched): void {
    session.cancelExpiry();
    this.#watched.delete(session);
    if (this.#watched.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

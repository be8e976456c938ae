import { backoffDelay } from '../lib/backoff.ts';
import { KubernetesError } from './kubernetes-error.ts';

/** What an informer does next. A resourceVersion is opaque: it is handed back as it came, never compared. */
export type InformerStep = { kind: 'list' } | { kind: 'watch'; resourceVersion: string };

/** How the last step went. */
export type StepOutcome =
  | { kind: 'listed'; resourceVersion: string }
  /** The watch is over, with an error or by the server's leave, having come as far as `resourceVersion`. */
  | { kind: 'watched'; resourceVersion: string; progressed: boolean; error?: unknown }
  | { kind: 'not-listed'; error: unknown }
  /** The watch was not even opened. */
  | { kind: 'not-watched'; resourceVersion: string; error: unknown };

export type InformerCondition =
  | { kind: 'following' }
  /** The cluster does not serve the kind. */
  | { kind: 'absent' }
  | { kind: 'failing'; error: unknown };

export interface Decision {
  step: InformerStep;
  delayMs: number;
  /** Failures in a row without progress in between. */
  failures: number;
  /** Undefined: nothing new is known. */
  condition: InformerCondition | undefined;
}

const BACKOFF = { baseMs: 200, capMs: 30_000 };

/** A kind that the cluster lacks is asked for this often, with jitter: one small request. */
const ABSENT_RETRY_MS = 2_000;

/** The whole policy of an informer: what follows on what, and when. */
export function decide(failures: number, outcome: StepOutcome, random: () => number): Decision {
  switch (outcome.kind) {
    case 'listed':
      // Failures are forgotten by a watch that gets somewhere, not by a list: else list and 410 would spin.
      return {
        step: { kind: 'watch', resourceVersion: outcome.resourceVersion },
        delayMs: 0,
        failures,
        condition: { kind: 'following' },
      };
    case 'watched': {
      const count = outcome.progressed ? 0 : failures + 1;
      const resume: InformerStep = { kind: 'watch', resourceVersion: outcome.resourceVersion };
      const step = outcome.error !== undefined && outdated(outcome.error) ? LIST : resume;
      return {
        step,
        delayMs: delayOf(outcome.error, count, random),
        failures: count,
        condition: count > 1 && outcome.error !== undefined ? failing(outcome.error) : undefined,
      };
    }
    case 'not-watched': {
      const { error } = outcome;
      // It was away: what comes back may have an older history, and would be silent until that has passed our version. Only a
      // list can tell.
      const wasAway = !(error instanceof KubernetesError) || error.status === 502 || error.status === 503;
      const resumable = !wasAway && !outdated(error);
      return {
        step: resumable ? { kind: 'watch', resourceVersion: outcome.resourceVersion } : LIST,
        delayMs: delayOf(error, failures + 1, random),
        failures: failures + 1,
        condition: outdated(error) ? undefined : failing(error),
      };
    }
    case 'not-listed': {
      const { error } = outcome;
      if (statusOf(error) === 404) {
        const delayMs = ABSENT_RETRY_MS * (0.5 + random());
        return { step: LIST, delayMs, failures: 0, condition: { kind: 'absent' } };
      }
      return {
        step: LIST,
        delayMs: delayOf(error, failures + 1, random),
        failures: failures + 1,
        // A continue token that expired between two pages is no fault of the server's.
        condition: statusOf(error) === 410 && failures === 0 ? undefined : failing(error),
      };
    }
  }
}

const LIST: InformerStep = { kind: 'list' };

const failing = (error: unknown): InformerCondition => ({ kind: 'failing', error });

/**
 * The server no longer, or not yet, has a history from our resourceVersion: 410 after compaction, 400 for one that it does
 * not understand, 504 for one from the future, 404 when the kind is gone.
 */
function outdated(error: unknown): boolean {
  const status = statusOf(error);
  return status === 410 || status === 400 || status === 504 || status === 404;
}

/** Full jitter keeps informers apart; what the server asked for comes on top of nothing less. */
function delayOf(error: unknown, failures: number, random: () => number): number {
  const asked = (error instanceof KubernetesError && error.retryAfterMs) || 0;
  return asked + backoffDelay(Math.max(0, failures - 1), { ...BACKOFF, random });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof KubernetesError ? error.status : undefined;
}

import { OctographError } from '../lib/errors.ts';

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1 Status. */
export interface KubeStatus {
  kind?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    retryAfterSeconds?: number;
    causes?: Array<{ reason?: string; message?: string; field?: string }>;
  };
}

export type KubernetesErrorCode =
  | 'KUBERNETES_INVALID'
  | 'KUBERNETES_UNAUTHORIZED'
  | 'KUBERNETES_FORBIDDEN'
  | 'KUBERNETES_NOT_FOUND'
  | 'KUBERNETES_CONFLICT'
  | 'KUBERNETES_EXPIRED'
  | 'KUBERNETES_UNAVAILABLE';

/** A Retry-After beyond this is cut: a wrong header must not silence us for a day. */
const RETRY_AFTER_LIMIT_MS = 300_000;

/** What the API server refused, or that it did not answer: the message names verb, path and the server's own words. */
export class KubernetesError extends OctographError {
  declare readonly code: KubernetesErrorCode;
  /** The HTTP status, or the `code` of a watch's ERROR event; undefined where no answer came. */
  readonly status: number | undefined;
  /** The server's `reason`: `AlreadyExists`, `Conflict`, `Expired`, … */
  readonly reason: string | undefined;
  /** How long the server asked us to wait, in milliseconds, at most 5 minutes. */
  readonly retryAfterMs: number | undefined;
  /** The fields that validation names. A JSON patch whose `test` failed comes as 422 without any. */
  readonly fields: string[];

  constructor(request: string, status: number, body: KubeStatus, retryAfterHeader?: string) {
    const causes = body.details?.causes ?? [];
    super(codeOfStatus(status), `${request}: ${status} ${wordsOf(body, causes)}`);
    this.name = 'KubernetesError';
    this.status = status;
    this.reason = body.reason;
    this.retryAfterMs = retryAfterOf(retryAfterHeader, body.details?.retryAfterSeconds);
    this.fields = causes.flatMap(({ field }) => field ?? []);
  }
}

/** The API server did not answer, or its answer broke off. */
export function unavailable(request: string, why: string, cause?: unknown): OctographError {
  return new OctographError('KUBERNETES_UNAVAILABLE', `${request}: ${why}`, { cause });
}

function codeOfStatus(status: number): KubernetesErrorCode {
  switch (status) {
    case 401:
      return 'KUBERNETES_UNAUTHORIZED';
    case 403:
      return 'KUBERNETES_FORBIDDEN';
    case 404:
      return 'KUBERNETES_NOT_FOUND';
    case 409:
      return 'KUBERNETES_CONFLICT';
    case 410:
      return 'KUBERNETES_EXPIRED';
    case 408:
    case 429:
      return 'KUBERNETES_UNAVAILABLE';
    default:
      return status >= 500 ? 'KUBERNETES_UNAVAILABLE' : 'KUBERNETES_INVALID';
  }
}

function wordsOf(body: KubeStatus, causes: Array<{ field?: string; message?: string }>): string {
  const message = body.message || 'without a message';
  // Validation puts the fields into its message already; a patch that does not apply tells why in the causes alone.
  const untold = causes.filter((cause) => cause.message && !message.includes(cause.message));
  return [body.reason, message, ...untold.map((cause) => cause.message)].filter(Boolean).join(': ');
}

function retryAfterOf(header: string | undefined, seconds: number | undefined): number | undefined {
  // Kubernetes sends whole seconds; HTTP's date form is not used by it.
  const given = header !== undefined && /^\d+$/.test(header.trim()) ? Number(header) : seconds;
  return given === undefined ? undefined : Math.min(given * 1000, RETRY_AFTER_LIMIT_MS);
}

import type { FieldError } from './schema/structural.ts';

/** A resource as errors name it: `devices.devices.kubeedge.io`, or `pods` of the core group. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export interface StatusCause {
  reason: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The Status object that Kubernetes answers instead of what was asked for. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** Thrown by handlers, answered as its Status. Texts follow k8s.io/apimachinery/pkg/api/errors word for word. */
export class ApiError extends Error {
  readonly status: Status & { code: number };

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code,
    };
  }
}

export const groupResource = ({ group, plural }: ResourceName): string =>
  group ? `${plural}.${group}` : plural;
const groupKind = ({ group, kind }: ResourceName): string => (group ? `${kind}.${group}` : kind);

const detailsOf = ({ group, plural }: ResourceName, name?: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: plural,
});

export function success(resource: ResourceName, name: string, uid: string | undefined): Status {
  const details = { ...detailsOf(resource, name), ...(uid ? { uid } : {}) };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** What was asked for is done, and there is nothing to show for it. */
export const done = (code: number): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code,
});

export const unauthorized = () => new ApiError(401, 'Unauthorized', 'Unauthorized');

export const badRequest = (message: string) => new ApiError(400, 'BadRequest', message);

export const notFound = (resource: ResourceName, name: string) =>
  new ApiError(404, 'NotFound', `${groupResource(resource)} "${name}" not found`, detailsOf(resource, name));

export const unknownPath = () =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = () =>
  new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );

export const notAcceptable = (accepted: readonly string[]) =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const alreadyExists = (resource: ResourceName, name: string) =>
  new ApiError(
    409,
    'AlreadyExists',
    `${groupResource(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  );

export const conflict = (resource: ResourceName, name: string, detail: string) =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${detail}`,
    detailsOf(resource, name),
  );

export const staleObject = (resource: ResourceName, name: string) =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

/** `name` is "" for what is not about one object. */
export function forbidden(
  resource: ResourceName,
  name: string,
  detail: string,
  causes?: StatusCause[],
): ApiError {
  const what = groupResource(resource) + (name ? ` "${name}"` : '');
  const details = { ...detailsOf(resource, name), ...(causes ? { causes } : {}) };
  return new ApiError(403, 'Forbidden', `${what} is forbidden: ${detail}`, details);
}

/** For what is not about objects. */
export const forbiddenRequest = (detail: string) =>
  new ApiError(403, 'Forbidden', `forbidden: ${detail}`, {});

export function invalid(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${groupKind(resource)} "${name}" is invalid: ${text}`, {
    name,
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

/** A JSON patch that does not apply, a failed `test` among them. The API server keeps the cause to itself too. */
export const unprocessablePatch = () =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const bodyTooLarge = (limitBytes: number) =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);

export const tooManyPatchOperations = (limit: number, count: number) =>
  new ApiError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: The allowed maximum operations in a JSON patch is ${limit}, got ${count}`,
  );

export const expired = (message: string) => new ApiError(410, 'Expired', message);

export const tooOldResourceVersion = (asked: number, oldest: number) =>
  expired(`too old resource version: ${asked} (${oldest})`);

export const tooLargeResourceVersion = (asked: number, current: number) =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

export const internalError = (message: string) =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: '', message }],
  });

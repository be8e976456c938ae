import { codeOf, messageOf } from '../lib/errors.ts';
import { methodIsLocalOnly } from '../twin/local-only.ts';
import type { TwinValue } from '../twin/value.ts';
import type { Context } from './context.ts';
import { keyOf } from './device.ts';
import { idempotencyKeyFrom, timeoutFrom } from './request-bounds.ts';

export interface InvokeMethodInput {
  device: { namespace: string; name: string };
  method: string;
  arguments?: ReadonlyArray<{ name: string; value?: TwinValue }> | null;
  timeoutMs?: number | null;
  /** Milliseconds since the epoch, in the cloud's time. */
  expiresAt?: number | null;
  idempotencyKey?: string | null;
}

export type InvokeMethodResult =
  | { kind: 'MethodDone'; value: TwinValue }
  | { kind: 'MethodFailed'; code: string; message: string };

/** Answers of the device, or of the checks before it: results. That its node is away is an error, and never tried again. */
const RESULTS = new Set([
  'DEVICE_NOT_FOUND',
  'METHOD_NOT_FOUND',
  'METHOD_EXPIRED',
  'INVALID_VALUE',
  'IDEMPOTENCY_CONFLICT',
  'DEVICE_REFUSED',
  'DEVICE_BUSY',
  'DEVICE_TIMEOUT',
  'DEVICE_UNREACHABLE',
  'DEVICE_UNKNOWN',
  'MAPPER_CONFIG',
  'LOCAL_ONLY',
]);

export async function invokeMethod(input: InvokeMethodInput, context: Context): Promise<InvokeMethodResult> {
  const timeoutMs = timeoutFrom(input.timeoutMs, 1);
  const key = idempotencyKeyFrom(input.idempotencyKey);
  const { namespace, name } = input.device;
  const object = context.objects.device(namespace, name);
  if (!object) return failed('DEVICE_NOT_FOUND', `device ${namespace}/${name} does not exist`);
  const known = object.spec.methods ?? [];
  if (!known.some((method) => method.name === input.method)) {
    const names = known.map((method) => method.name).join(', ') || 'none';
    return failed(
      'METHOD_NOT_FOUND',
      `device ${namespace}/${name} has no method ${input.method}; it has: ${names}`,
    );
  }
  const model = context.objects.modelOf(object);
  if (context.place.kind === 'CLOUD' && methodIsLocalOnly(object, model, input.method))
    return failed(
      'LOCAL_ONLY',
      `${input.method} of device ${namespace}/${name} is local only: call it at its node`,
    );
  try {
    // A key is its principal's own: nobody gets another's answer by guessing it.
    const idempotencyKey = key && JSON.stringify([context.principal.name, key]);
    const value = await context.methods.invoke(keyOf(object), { ...input, timeoutMs, idempotencyKey });
    return { kind: 'MethodDone', value };
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (!RESULTS.has(code)) throw error;
    return failed(code, messageOf(error));
  }
}

const failed = (code: string, message: string): InvokeMethodResult => ({
  kind: 'MethodFailed',
  code,
  message,
});

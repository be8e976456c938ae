import { InvokeMethodDocument } from '../../schema/generated/dashboard/graphql.ts';
import type { ApiError } from '../api/api-error.ts';
import type { Ask } from '../api/request.ts';
import type { DeviceRef } from '../live/keys.ts';
import type { Value } from '../state/format.ts';
import type { Argument } from '../state/method-arguments.ts';

/** `advice`: what a person can know or do after it. */
export type CallOutcome = { ok: true; value: Value } | { ok: false; problem: string; advice?: string };

const NOBODY_KNOWS = 'Nobody knows whether it was done: look at the device before you call again.';
const NOT_DONE = 'It was not done, and may be called again.';

const ADVICE: Record<string, string> = {
  UNREACHABLE: NOBODY_KNOWS,
  DEVICE_TIMEOUT: NOBODY_KNOWS,
  DEVICE_UNREACHABLE: NOT_DONE,
  DEVICE_BUSY: NOT_DONE,
};

/** How long a device may take. */
const TIMEOUT_MS = 15_000;

/** Calls once. Never throws: a person waits for an answer in words. */
export async function invokeMethod(
  ask: Ask,
  { namespace, name }: DeviceRef,
  method: string,
  values: readonly Argument[],
): Promise<CallOutcome> {
  try {
    const input = { device: { namespace, name }, method, arguments: [...values], timeoutMs: TIMEOUT_MS };
    const result = (await ask(InvokeMethodDocument, { input })).invokeMethod;
    if (!result) return { ok: false, problem: 'its node is away: the method was not called' };
    return result.__typename === 'MethodDone'
      ? { ok: true, value: result.value ?? null }
      : { ok: false, problem: result.message, advice: ADVICE[result.code] };
  } catch (error) {
    const { code, message } = error as ApiError;
    return { ok: false, problem: message, advice: ADVICE[code] };
  }
}

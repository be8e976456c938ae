import { InvokeMethodDocument } from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import type { DeviceRef } from '../live/keys.ts';
import type { Value } from '../state/format.ts';
import type { Argument } from '../state/method-arguments.ts';

export type CallOutcome = { ok: true; value: Value } | { ok: false; problem: string };

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
      : { ok: false, problem: result.message };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

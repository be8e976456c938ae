import { SetDesiredDocument, type SetDesiredMutation } from '../../schema/generated/dashboard/graphql.ts';
import type { ApiError } from '../api/api-error.ts';
import type { Ask } from '../api/request.ts';
import type { DeviceRef } from '../live/keys.ts';
import type { Value } from '../state/format.ts';

export interface SetOutcome {
  /** Undefined: it was accepted; the twin tells how it goes on. */
  problem?: string;
}

/** It may have arrived; the same value once more does no harm. */
const UNHEARD = 'the server did not answer: set it again when it does';

/** Never throws: a person waits for an answer in words. */
export async function setDesired(
  ask: Ask,
  { device: { namespace, name }, property }: { device: DeviceRef; property: string },
  value: Value,
): Promise<SetOutcome> {
  try {
    const input = { device: { namespace, name }, values: [{ property, value }] };
    return outcomeOf((await ask(SetDesiredDocument, { input })).setDesired);
  } catch (error) {
    const { code, message } = error as ApiError;
    return { problem: code === 'UNREACHABLE' ? UNHEARD : message };
  }
}

export const outcomeOf = (result: SetDesiredMutation['setDesired']): SetOutcome =>
  result.__typename === 'Rejected' ? { problem: result.message } : {};

import type { SyncState } from '../../schema/generated/dashboard/graphql.ts';
import { pathOf, type Shape, type StepState, type Tone } from '../state/sync.ts';
import { Mark } from './mark.tsx';

const STEP_LOOKS: Record<StepState, [shape: Shape, tone: Tone, said: string]> = {
  done: ['check', 'good', 'done'],
  now: ['waiting', 'info', 'waiting'],
  ahead: ['none', 'quiet', 'to come'],
  failed: ['cross', 'bad', 'failed'],
};

/** The way of a desired value to its device, as far as it has come. */
export function ChangePath({ state, reason }: { state: SyncState; reason?: string | null }) {
  const steps = pathOf(state);
  if (steps.length === 0) return null;
  return (
    <div class="change-path" role="status">
      <ol>
        {steps.map(({ word, state }) => {
          const [shape, tone, said] = STEP_LOOKS[state];
          const isDrift = word === 'drifted';
          return (
            <li key={word} class={`step-${state}`} aria-label={`${word}: ${said}`}>
              <Mark shape={isDrift ? 'apart' : shape} tone={isDrift ? 'warn' : tone} />
              <span>{word}</span>
            </li>
          );
        })}
      </ol>
      {reason && <p class="reason">{reason}</p>}
    </div>
  );
}

import { useState } from 'preact/hooks';
import type { ConflictFieldsFragment, ConflictKeep } from '../../schema/generated/dashboard/graphql.ts';
import { resolveConflict } from '../data/conflicts.ts';
import { useApp } from '../hooks/app-context.ts';
import { focusMain } from '../hooks/use-scroll.ts';
import { useCell } from '../hooks/use-watch.ts';
import { formatValue } from '../state/format.ts';
import { formatRoute } from '../state/route.ts';
import { Mark } from './mark.tsx';
import { Since } from './since.tsx';

/** Two wishes for one property, with both values, and the two ways to settle it. */
export function ConflictCard({
  conflict,
  onSettled,
}: {
  conflict: ConflictFieldsFragment;
  onSettled(): void;
}) {
  const { ask, session } = useApp();
  const mayWrite = useCell(session.mayWrite);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { id, device, property, at, winner, loser, resolvedAt } = conflict;

  const settle = async (keep: ConflictKeep) => {
    if (isSending) return;
    setSending(true);
    const refusal = await resolveConflict(ask, id, keep);
    setSending(false);
    setProblem(refusal);
    if (refusal !== undefined) return;
    // This card goes.
    focusMain();
    onSettled();
  };
  return (
    <section class="panel conflict" aria-label={`Conflict over ${property}`} data-conflict={device?.name}>
      <header>
        <Mark shape={resolvedAt ? 'check' : 'apart'} tone={resolvedAt ? 'quiet' : 'warn'} />
        <h2>
          {device ? (
            <a href={formatRoute({ page: 'device', ...device, property: undefined })}>{device.name}</a>
          ) : (
            'a device that is gone'
          )}{' '}
          {property}
        </h2>
        <small>
          <Since at={at} as="ago" />
          {resolvedAt && ', settled'}
        </small>
      </header>
      <div class="sides">
        <Wish title="stands" wish={winner} />
        <Wish title="lost" wish={loser} />
      </div>
      {!resolvedAt && mayWrite && (
        <div class="ways">
          <button type="button" class="plain" aria-disabled={isSending} onClick={() => void settle('WINNER')}>
            Keep {formatValue(winner.value)}
          </button>
          <button type="button" class="plain" aria-disabled={isSending} onClick={() => void settle('LOSER')}>
            Set {formatValue(loser.value)} again
          </button>
        </div>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function Wish({ title, wish }: { title: string; wish: ConflictFieldsFragment['winner'] }) {
  const { value, from, setBy, setAt } = wish;
  return (
    <div class="side">
      <span class="side-name">
        {title}, from the {from.toLowerCase()}
      </span>
      <span class="reading">{formatValue(value)}</span>
      <small class="by">
        {setBy ?? 'Kubernetes'} <Since at={setAt} as="ago" />
      </small>
    </div>
  );
}

import { loadConflicts } from '../data/conflicts.ts';
import { useApp } from '../hooks/app-context.ts';
import { useQuery } from '../hooks/use-query.ts';
import { replaceRoute } from '../hooks/use-route.ts';
import { ConflictCard } from '../parts/conflict-card.tsx';
import { Choice } from '../parts/fields.tsx';
import { Problem } from '../parts/problem.tsx';
import { plural } from '../state/format.ts';

const REFRESH_MS = 5000;

/** The ledger: what cloud and edge both wanted of one property while they could not hear each other. */
export function ConflictsPage({ show }: { show: 'open' | 'settled' }) {
  const { ask } = useApp();
  const { data, error, reload } = useQuery(
    (signal) => loadConflicts(ask, { open: show === 'open' }, signal),
    [show],
    REFRESH_MS,
  );
  return (
    <main id="main">
      <div class="title-line">
        <h1>Conflicts</h1>
        <p class="count" role="status">
          {data
            ? `${plural(data.conflicts.length, 'conflict')}${data.hasMore ? ' and more' : ''}`
            : !error && 'Loading'}
        </p>
      </div>
      <p class="hint">
        While a node is cut off, values can be set at both ends. The device's policy says which one stands;
        the other is kept here until somebody has seen to it.
      </p>
      <search class="filters">
        <Choice
          label="Show"
          value={show === 'open' ? '' : show}
          any="open"
          options={['settled']}
          onChange={(chosen) =>
            replaceRoute({ page: 'conflicts', show: chosen === 'settled' ? 'settled' : 'open' })
          }
        />
      </search>
      <Problem error={error} />
      {data?.conflicts.length === 0 && (
        <p class="empty">{show === 'open' ? 'Nothing to settle.' : 'Nothing was settled yet.'}</p>
      )}
      <div class="properties">
        {data?.conflicts.map((conflict) => (
          <ConflictCard key={conflict.id} conflict={conflict} onSettled={reload} />
        ))}
      </div>
    </main>
  );
}

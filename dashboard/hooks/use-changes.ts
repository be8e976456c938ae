import { useEffect, useRef } from 'preact/hooks';
import { type ChangeDocument, followChanges } from '../live/follow-changes.ts';
import { useApp } from './app-context.ts';
import { usePageVisible } from './use-page-visible.ts';
import { useCell } from './use-watch.ts';

/**
 * Calls back when members of a live set enter, change or leave, while the page is visible and not paused.
 * @param variables undefined: nothing is followed
 */
export function useChanges<Variables extends { after?: string | null }>(
  document: ChangeDocument<Variables>,
  variables: Omit<Variables, 'after'> | undefined,
  onChange: () => void,
): void {
  const { connection, paused } = useApp();
  const isVisible = usePageVisible();
  const isPaused = useCell(paused);
  const isWanted = isVisible && !isPaused && variables !== undefined;
  const latest = useRef(onChange);
  latest.current = onChange;
  const key = JSON.stringify(variables);
  // `key` stands for `variables`, which are other objects at each drawing.
  useEffect(() => {
    if (!isWanted) return;
    return followChanges(connection.client, document, JSON.parse(key), () => latest.current());
  }, [connection, document, key, isWanted]);
}

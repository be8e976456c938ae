import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { useCell } from './use-watch.ts';

export interface QueryState<Data> {
  data?: Data;
  error?: Error;
  /** Asks now. */
  reload(): void;
}

/**
 * Asks again every `everyMs` while the page is visible, not paused and its server there, and at once when the server is back.
 * What was known stays, with the error beside it, when a later answer fails.
 */
export function useQuery<Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  inputs: readonly unknown[],
  everyMs: number,
): QueryState<Data> {
  const { connection, paused } = useApp();
  const isUp = useCell(connection.road).state === 'up';
  const isPaused = useCell(paused);
  const [state, setState] = useState<{ data?: Data; error?: Error }>({});
  const [asked, setAsked] = useState(0);
  const answeredReloads = useRef(0);
  const latest = useRef(load);
  latest.current = load;

  // Data of other inputs is not shown as if it were of these.
  useEffect(() => setState({}), inputs as unknown[]);

  useEffect(() => {
    // A pause holds what comes by itself, not what somebody asked for.
    const isReload = answeredReloads.current !== asked;
    answeredReloads.current = asked;
    if (isPaused && !isReload) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if (!document.hidden) {
        try {
          const data = await latest.current(abort.signal);
          if (!abort.signal.aborted) setState({ data });
        } catch (error) {
          if (abort.signal.aborted) return;
          setState(({ data }) => ({ data, error: error as Error }));
        }
      }
      if (!abort.signal.aborted && !isPaused) timer = setTimeout(ask, everyMs);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [...inputs, everyMs, isUp, isPaused, asked]);

  return { ...state, reload: useCallback(() => setAsked((count) => count + 1), []) };
}

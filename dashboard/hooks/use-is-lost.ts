import { useApp } from './app-context.ts';
import { useCell } from './use-watch.ts';

/** Whether the page's server is away: what is shown is what it last said. */
export function useIsLost(): boolean {
  const { connection } = useApp();
  return useCell(connection.road).state === 'down';
}

import { ApiError } from '../api/api-error.ts';
import { useIsLost } from '../hooks/use-is-lost.ts';
import { Mark } from './mark.tsx';

/** What went wrong, in the server's words. */
export function Problem({ error }: { error: Error | undefined }) {
  const isLost = useIsLost();
  // The bar at the top says so already, and since when.
  const isKnown = isLost && error instanceof ApiError && error.code === 'UNREACHABLE';
  if (!error || isKnown) return null;
  return (
    <p class="problem-box" role="alert">
      <Mark shape="warn" tone="bad" />
      {error.message}
    </p>
  );
}

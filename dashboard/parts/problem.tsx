import { Mark } from './mark.tsx';

/** What went wrong, in the server's words. */
export function Problem({ error }: { error: Error | undefined }) {
  if (!error) return null;
  return (
    <p class="problem-box" role="alert">
      <Mark shape="warn" tone="bad" />
      {error.message}
    </p>
  );
}

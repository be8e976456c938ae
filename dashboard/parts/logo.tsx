/** One head, many arms. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 3a6 6 0 0 1 6 6v3c0 4 3 3 3 6M6 12V9a6 6 0 0 1 6-6M6 12c0 4-3 3-3 6M9.5 12c0 5-3 4-3 8.5M14.5 12c0 5 3 4 3 8.5M12 12v8.5" />
      <circle cx="10" cy="8.5" r="1" />
      <circle cx="14" cy="8.5" r="1" />
    </svg>
  );
}

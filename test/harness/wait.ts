/** Waits until `fact` returns something other than undefined, null or false; fails with `what` after `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  fact: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 20 } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await fact();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}; last: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

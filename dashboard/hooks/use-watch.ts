import { useLayoutEffect, useState } from 'preact/hooks';
import type { Cell } from '../state/cell.ts';

/** Draws again when what `select` picks is another thing than before, not whenever its source tells something. */
export function useWatch<T>(
  watch: (listener: () => void) => () => void,
  select: () => T,
  inputs: readonly unknown[],
): T {
  const [, redraw] = useState({});
  const picked = select();
  useLayoutEffect(() => {
    let last = picked;
    const look = () => {
      const next = select();
      if (Object.is(next, last)) return;
      last = next;
      redraw({});
    };
    const end = watch(look);
    // It may have changed between the drawing and now.
    look();
    return end;
    // `watch` and `select` are new at each drawing; `inputs` is what they depend on.
  }, inputs as unknown[]);
  return picked;
}

export const useCell = <T>(cell: Cell<T>): T => useWatch(cell.watch, cell.get, [cell]);

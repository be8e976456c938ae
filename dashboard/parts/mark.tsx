import type { Shape, Tone } from '../state/sync.ts';

/** One stroke or area per shape, in a box of 16. */
const PATHS: Record<Shape, string> = {
  none: 'M4 8h8',
  waiting: 'M8 2.5a5.5 5.5 0 1 1-.01 0',
  half: 'M8 2.5a5.5 5.5 0 1 1-.01 0M8 2.5v11M10 4v8M12 5.5v5',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  apart: 'M3 6h10M3 10h10M10.5 2.5l-5 11',
  cross: 'M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5l-3.7-3.7v-5zM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6',
  clock: 'M8 2.5a5.5 5.5 0 1 1-.01 0M8 5v3.2l2.2 1.6',
  down: 'M2.5 2.5l11 11M13.5 2.5l-11 11',
  warn: 'M8 2.3l6 11H2zM8 6.5v3.2M8 11.3v.4',
};

/** A shape that says a state without colour. The word beside it, or `label`, says it to who does not see it. */
export function Mark({ shape, tone, label }: { shape: Shape; tone: Tone; label?: string }) {
  return (
    <svg
      class={`mark tone-${tone} shape-${shape}`}
      viewBox="0 0 16 16"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={PATHS[shape]} />
    </svg>
  );
}

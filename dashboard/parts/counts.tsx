import type { Shape, Tone } from '../state/sync.ts';
import { Mark } from './mark.tsx';

export interface CountsProps {
  total: number;
  parts: ReadonlyArray<[word: string, count: number, shape: Shape, tone: Tone]>;
}

/** How many there are, and how many in which state; states that nobody is in are not shown. */
export function Counts({ total, parts }: CountsProps) {
  if (total === 0) return <span class="counts">none</span>;
  return (
    <span class="counts">
      {parts
        .filter(([, count]) => count > 0)
        .map(([word, count, shape, tone]) => (
          <span key={word} class={`count-part tone-${tone}`}>
            <Mark shape={shape} tone={tone} />
            {count} {word}
          </span>
        ))}
    </span>
  );
}

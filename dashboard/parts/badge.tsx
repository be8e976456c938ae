import type { ComponentChildren } from 'preact';
import type { Shape, Tone } from '../state/sync.ts';
import { Mark } from './mark.tsx';

export interface BadgeProps {
  shape: Shape;
  tone: Tone;
  title?: string;
  children: ComponentChildren;
}

/** A state in shape, colour and words. */
export function Badge({ shape, tone, title, children }: BadgeProps) {
  return (
    <span class={`badge tone-${tone}`} title={title}>
      <Mark shape={shape} tone={tone} />
      <span>{children}</span>
    </span>
  );
}

import type { ComponentChild } from 'preact';

/** Names with what is known of them; what is not known is left out. */
export function Facts({ facts }: { facts: ReadonlyArray<[name: string, fact: ComponentChild]> }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, fact]) => fact !== null && fact !== undefined && fact !== '' && fact !== false)
        .map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
    </dl>
  );
}

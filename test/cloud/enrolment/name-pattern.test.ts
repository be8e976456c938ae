import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamePattern, matchesPattern } from '../../../cloud/enrolment/name-pattern.ts';

describe('a node name pattern', () => {
  it.each([
    ['edge-a', 'edge-a', true],
    ['edge-a', 'edge-ab', false],
    ['edge-*', 'edge-', true],
    ['edge-*', 'edge-7.site', true],
    ['edge-*', 'my-edge-7', false],
    ['*', 'anything', true],
    ['*-gw', 'site-1-gw', true],
    ['*-gw', 'site-1-gw2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
  ])('%s and %s: %s', (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });

  it('matches what the regular expression would that it stands for', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(word, name, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
        expect(matchesPattern(pattern, text)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['', 'Edge-*', 'edge_*', '-edge', 'edge-', 'a'.repeat(254), 'edge-?', 'edge-[ab]'])(
    '%j is refused',
    (pattern) => {
      expect(isNamePattern(pattern)).toBe(false);
    },
  );
});

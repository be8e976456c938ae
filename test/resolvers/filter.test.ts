import { describe, expect, it } from 'vitest';
import { type Filter, matches, type StringFilter } from '../../resolvers/filter.ts';
import { compares, like } from '../../twin/comparison.ts';

type Fields = 'name' | 'nodeName';

const meets = (
  filter: Filter<Record<Fields, StringFilter>> | null | undefined,
  object: Partial<Record<Fields, string | null>>,
) => matches(filter, (field, condition) => compares(condition, object[field]));

const pump = { name: 'pump', nodeName: 'edge-a' };
const unbound = { name: 'spare', nodeName: null };

describe('a filter', () => {
  it('that says nothing lets everything through', () => {
    for (const filter of [
      undefined,
      null,
      {},
      { name: null },
      { name: {} },
      { and: null, or: null, not: null },
    ]) {
      expect(meets(filter, unbound)).toBe(true);
    }
  });

  it('compares with eq, ne and in', () => {
    expect(meets({ name: { eq: 'pump' } }, pump)).toBe(true);
    expect(meets({ name: { eq: 'Pump' } }, pump)).toBe(false);
    expect(meets({ name: { ne: 'pump' } }, pump)).toBe(false);
    expect(meets({ name: { in: ['fan', 'pump'] } }, pump)).toBe(true);
    expect(meets({ name: { in: [] } }, pump)).toBe(false);
  });

  it('holds all conditions of one field, and of all fields', () => {
    expect(meets({ name: { like: 'p%', ne: 'pump' } }, pump)).toBe(false);
    expect(meets({ name: { eq: 'pump' }, nodeName: { eq: 'edge-b' } }, pump)).toBe(false);
  });

  it('takes an absent field as equal to nothing', () => {
    expect(meets({ nodeName: { eq: 'edge-a' } }, unbound)).toBe(false);
    expect(meets({ nodeName: { ne: 'edge-a' } }, unbound)).toBe(true);
    expect(meets({ nodeName: { in: ['edge-a'] } }, unbound)).toBe(false);
    expect(meets({ nodeName: { like: '%' } }, unbound)).toBe(false);
    expect(meets({ not: { nodeName: { like: '%' } } }, unbound)).toBe(true);
  });

  it('takes a null condition as one that was not given', () => {
    expect(meets({ nodeName: { eq: null, ne: null, in: null, like: null } }, unbound)).toBe(true);
  });

  it('joins with and, or and not, together with its own fields', () => {
    expect(meets({ and: [] }, pump)).toBe(true);
    expect(meets({ or: [] }, pump)).toBe(false);
    expect(meets({ or: [{ name: { eq: 'fan' } }, { name: { eq: 'pump' } }] }, pump)).toBe(true);
    expect(meets({ and: [{ name: { eq: 'pump' } }, { name: { eq: 'fan' } }] }, pump)).toBe(false);
    expect(meets({ not: { name: { eq: 'pump' } } }, pump)).toBe(false);
    expect(meets({ nodeName: { eq: 'edge-b' }, or: [{ name: { eq: 'pump' } }] }, pump)).toBe(false);
    expect(
      meets({ not: { and: [{ name: { eq: 'pump' } }, { not: { nodeName: { eq: 'edge-b' } } }] } }, pump),
    ).toBe(false);
  });
});

describe('like', () => {
  it.each([
    ['pump', 'pump', true],
    ['pump', 'pumps', false],
    ['p%', 'pump', true],
    ['%mp', 'pump', true],
    ['%um%', 'pump', true],
    ['p__p', 'pump', true],
    ['p_p', 'pump', false],
    ['%', '', true],
    ['', '', true],
    ['', 'a', false],
    ['%%_%', 'a', true],
    ['a%b%c', 'a-b-b-c', true],
    ['a%b%c', 'a-c-b', false],
    ['%', '100%', true],
    ['.*', 'anything', false],
    ['[a-z]+', 'abc', false],
  ])('%s against %s is %s', (pattern, value, expected) => {
    expect(like(pattern, value)).toBe(expected);
  });

  it('costs a hostile pattern no more than pattern times value', () => {
    // What tries every way would not end.
    expect(like(`${'%a'.repeat(50)}b`, 'a'.repeat(10_000))).toBe(false);
    expect(like(`${'a%'.repeat(5_000)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});

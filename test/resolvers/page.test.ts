import { describe, expect, it } from 'vitest';
import { type PageArgs, paginate } from '../../resolvers/page.ts';

const page = (items: string[], args: PageArgs) => paginate(items, (item) => item, args);
const names = ({ edges }: ReturnType<typeof page>) => edges.map(({ node }) => node);

describe('a page', () => {
  it('is in the order of the keys, whatever the order of the items', () => {
    expect(names(page(['b', 'c', 'a'], {}))).toEqual(['a', 'b', 'c']);
  });

  it('tells where it ends, whether more follows, and how many there are in all', () => {
    const first = page(['c', 'b', 'a'], { first: 2 });
    expect(first).toMatchObject({
      totalCount: 3,
      pageInfo: { hasNextPage: true, endCursor: first.edges[1]?.cursor },
    });
    const second = page(['c', 'b', 'a'], { first: 2, after: first.pageInfo.endCursor });
    expect(names(second)).toEqual(['c']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(second.totalCount).toBe(3);
  });

  it('goes on behind its cursor when others came, and when the item of the cursor went', () => {
    const { pageInfo } = page(['a', 'c', 'e'], { first: 2 });
    expect(names(page(['0', 'a', 'b', 'd', 'e'], { after: pageInfo.endCursor }))).toEqual(['d', 'e']);
  });

  it('has 50 items where nothing is said', () => {
    const many = Array.from({ length: 60 }, (_, index) => String(index).padStart(3, '0'));
    expect(page(many, {}).edges).toHaveLength(50);
    expect(page(many, { first: null, after: null }).edges).toHaveLength(50);
  });

  it('may be empty, and then says whether there is anything', () => {
    expect(page(['a'], { first: 0 })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: true, endCursor: null },
      totalCount: 1,
    });
    expect(page([], {}).pageInfo).toEqual({ hasNextPage: false, endCursor: null });
  });

  it.each([-1, 1001])('of %d items is refused with what is expected', (first) => {
    expect(() => page([], { first })).toThrow(`first is ${first}: expected 0 to 1000`);
  });

  it.each(['', 'pump', '!!', Buffer.from('epoch:5').toString('base64url')])(
    'behind the foreign cursor %j is refused',
    (after) => {
      expect(() => page(['a'], { after })).toThrow(/expected a cursor of this connection/);
    },
  );
});

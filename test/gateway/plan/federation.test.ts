import { describe, expect, test } from 'vitest';
import type { SubgraphDefinitions } from './subgraphs.ts';
import { federate } from './subgraphs.ts';

const run = (definitions: SubgraphDefinitions, query: string) => federate(definitions).run(query);

describe('@requires', () => {
  const shop = {
    prices: {
      typeDefs: `
        type Query { products: [Product] }
        type Product @key(fields: "upc") { upc: ID! price(currency: String!): Int weight: Int category: Category }
        type Category { average(currency: String!): Int code: String }
      `,
      resolvers: {
        Query: {
          products: () => [
            { upc: '1', weight: 2, category: { code: 'c' } },
            { upc: '2', weight: null },
          ],
        },
        Product: {
          price: (_: unknown, { currency }: { currency: string }) => (currency === 'EUR' ? 20 : 10),
        },
        Category: {
          average: (_: unknown, { currency }: { currency: string }) => (currency === 'EUR' ? 200 : 100),
        },
      },
    },
    shipping: {
      typeDefs: `
        type Product @key(fields: "upc") {
          upc: ID! price(currency: String!): Int @external weight: Int @external category: Category @external
          estimate(factor: Int = 1): Int @requires(fields: "price(currency: \\"USD\\") weight")
          estimateEur: Int @requires(fields: "price(currency: \\"EUR\\") weight")
          expensive: String @requires(fields: "category { average(currency: \\"USD\\") code }")
        }
        type Category @external { average(currency: String!): Int code: String }
      `,
      resolvers: {
        Product: {
          estimate: ({ price, weight }: { price: number; weight: number }, { factor }: { factor: number }) =>
            weight === null ? null : price * weight * factor,
          estimateEur: ({ price, weight }: { price: number; weight: number }) => price * (weight ?? 0),
          expensive: ({ category }: { category: { code: string; average: number } | null }) =>
            category && `${category.code} ${category.average}`,
        },
      },
    },
  };

  test('brings the fields, with the arguments it names', async () => {
    expect(await run(shop, '{ products { estimate(factor: 3) } }')).toEqual({
      data: { products: [{ estimate: 60 }, { estimate: null }] },
    });
  });

  test('is not disturbed by what the client selects under the same names', async () => {
    const query = `{ products {
      price(currency: "EUR") weight: upc estimate estimateEur expensive category { average(currency: "EUR") }
    } }`;
    expect(await run(shop, query)).toEqual({
      data: {
        products: [
          {
            price: 20,
            weight: '1',
            estimate: 20,
            estimateEur: 40,
            expensive: 'c 100',
            category: { average: 200 },
          },
          { price: 20, weight: '2', estimate: null, estimateEur: 0, expensive: null, category: null },
        ],
      },
    });
  });

  test('may lead from one subgraph to another and back', async () => {
    const definitions = {
      a: {
        typeDefs: `
          type Query { feed: [Post] }
          type Post @key(fields: "id") { id: ID! byNovice: Boolean! @external byExpert: Boolean! @requires(fields: "byNovice") }
          type Author @key(fields: "id") { id: ID! years: Int! }
        `,
        resolvers: {
          Query: { feed: () => [{ id: 'p1' }, { id: 'p2' }] },
          Post: { byExpert: ({ byNovice }: { byNovice: boolean }) => !byNovice },
          Author: { years: ({ id }: { id: string }) => (id === 'p1' ? 1 : 9) },
        },
      },
      b: {
        typeDefs: `
          type Post @key(fields: "id") { id: ID! author: Author! byNovice: Boolean! @requires(fields: "author { years }") }
          type Author @key(fields: "id") { id: ID! years: Int! @external }
        `,
        resolvers: {
          Post: {
            author: ({ id }: { id: string }) => ({ id }),
            byNovice: ({ author }: { author: { years: number } }) => author.years < 2,
          },
        },
      },
    };
    expect(await run(definitions, '{ feed { byNovice byExpert author { years } } }')).toEqual({
      data: {
        feed: [
          { byNovice: true, byExpert: false, author: { years: 1 } },
          { byNovice: false, byExpert: true, author: { years: 9 } },
        ],
      },
    });
  });

  test('of an interface brings the fields of each member', async () => {
    const definitions = {
      a: {
        typeDefs: `
          type Query { users: [User] }
          type User @key(fields: "id") { id: ID! address: Address }
          interface Address { id: ID! }
          type Home implements Address { id: ID! city: String }
          type Work implements Address { id: ID! city: String }
        `,
        resolvers: {
          Query: {
            users: () => [
              { id: 'u1', address: { __typename: 'Home', id: 'h', city: 'Hamlet' } },
              { id: 'u2', address: { __typename: 'Work', id: 'w', city: 'Works' } },
              { id: 'u3', address: null },
            ],
          },
        },
      },
      b: {
        typeDefs: `
          type User @key(fields: "id") {
            id: ID! address: Address @external
            city: String @requires(fields: "address { ... on Home { city } ... on Work { city } }")
          }
          interface Address { id: ID! }
          type Home implements Address @external { id: ID! city: String }
          type Work implements Address @external { id: ID! city: String }
        `,
        resolvers: {
          User: { city: ({ address }: { address?: { city: string } }) => address?.city ?? 'none' },
        },
      },
    };
    expect(await run(definitions, '{ users { city } }')).toEqual({
      data: { users: [{ city: 'Hamlet' }, { city: 'Works' }, { city: 'none' }] },
    });
  });
});

describe('ownership', () => {
  test('@provides saves the fetch that it makes needless', async () => {
    const { run, calls } = federate({
      a: {
        typeDefs: `
          type Query { books: [Book] @provides(fields: "title author { name }") }
          type Book @key(fields: "id") { id: ID! title: String @external author: Author @external }
          type Author @key(fields: "id") { id: ID! name: String @external }
        `,
        resolvers: { Query: { books: () => [{ id: '1', title: 'T', author: { id: 'a', name: 'N' } }] } },
      },
      b: {
        typeDefs: `
          type Book @key(fields: "id") { id: ID! title: String author: Author pages: Int }
          type Author @key(fields: "id") { id: ID! name: String }
        `,
        resolvers: { Book: { pages: () => 5 } },
      },
    });
    expect(await run('{ books { title author { name } } }')).toEqual({
      data: { books: [{ title: 'T', author: { name: 'N' } }] },
    });
    expect(calls.map(({ service }) => service)).toEqual(['a']);
    expect(await run('{ books { title pages } }')).toEqual({ data: { books: [{ title: 'T', pages: 5 }] } });
  });

  test('@override moves a field', async () => {
    const definitions = {
      a: {
        typeDefs: `
          type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! createdAt: String @override(from: "b") }
        `,
        resolvers: { Query: { feed: () => [{ id: '1', createdAt: 'a' }] } },
      },
      b: {
        typeDefs: 'type Query { other: [Post] } type Post @key(fields: "id") { id: ID! createdAt: String }',
        resolvers: { Query: { other: () => [{ id: '1', createdAt: 'b' }] }, Post: {} },
      },
    };
    const withEntities = {
      ...definitions,
      a: { ...definitions.a, resolvers: { ...definitions.a.resolvers, Post: { createdAt: () => 'a' } } },
    };
    expect(await run(withEntities, '{ feed { createdAt } other { createdAt } }')).toEqual({
      data: { feed: [{ createdAt: 'a' }], other: [{ createdAt: 'a' }] },
    });
  });

  test('@shareable objects are put together from several subgraphs', async () => {
    const root = (fields: string) => `
      type Query { product: Product @shareable } type Product @shareable { id: ID! name: Name! ${fields} }
      type Name @shareable { ${fields === 'price: Int' ? 'brand' : 'model'}: String }
    `;
    const product = { id: '1', name: { brand: 'B', model: 'M' }, price: 3, category: 'c' };
    const resolvers = { Query: { product: () => product } };
    const definitions = {
      a: { typeDefs: root('price: Int'), resolvers },
      b: { typeDefs: root('category: String'), resolvers },
    };
    expect(await run(definitions, '{ product { id name { brand model } price category } }')).toEqual({
      data: { product },
    });
  });

  test('keys may be compound, nested and several, over subgraphs of both federation versions', async () => {
    const definitions = {
      a: {
        typeDefs: `
          type Query { items: [Item] }
          type Item @key(fields: "id") @key(fields: "sku brand { id }") { id: ID! sku: String brand: Brand }
          type Brand @shareable { id: ID! }
        `,
        resolvers: { Query: { items: () => [{ id: '1', sku: 's1', brand: { id: 'b' } }] } },
      },
      b: {
        typeDefs: `
          type Item @key(fields: "sku brand { id }") @key(fields: "code") { sku: String brand: Brand code: ID! stock: Int }
          type Brand @shareable { id: ID! }
        `,
        resolvers: { Item: { code: ({ sku }: { sku: string }) => `code of ${sku}`, stock: () => 4 } },
      },
      c: {
        typeDefs: `# fed1
          extend type Item @key(fields: "code") { code: ID! @external color: String }`,
        resolvers: { Item: { color: ({ code }: { code: string }) => `color of ${code}` } },
      },
    };
    expect(await run(definitions, '{ items { color stock } }')).toEqual({
      data: { items: [{ color: 'color of code of s1', stock: 4 }] },
    });
  });

  test('null keys leave their entity out, and the others in', async () => {
    const definitions = {
      a: {
        typeDefs:
          'type Query { shelf: [Slot] } type Slot { book: Book } type Book @key(fields: "upc") { upc: ID! }',
        resolvers: {
          Query: { shelf: () => [{ book: { upc: 'b1' } }, { book: { upc: 'b2' } }, { book: null }] },
        },
      },
      b: {
        typeDefs: 'type Book @key(fields: "id") @key(fields: "upc") { id: ID upc: ID! }',
        resolvers: {
          Book: {
            __resolveReference: ({ upc }: { upc: string }) => ({
              upc,
              id: upc === 'b2' ? null : `id of ${upc}`,
            }),
          },
        },
      },
      c: {
        typeDefs: 'type Book @key(fields: "id") { id: ID author: String }',
        resolvers: {
          Book: {
            __resolveReference: ({ id }: { id: string | null }) => {
              if (id === null) throw new Error('Invalid reference');
              return { id, author: `author of ${id}` };
            },
          },
        },
      },
    };
    const { data } = await run(definitions, '{ shelf { book { upc author } } }');
    expect(data).toEqual({
      shelf: [
        { book: { upc: 'b1', author: 'author of id of b1' } },
        { book: { upc: 'b2', author: null } },
        { book: null },
      ],
    });
  });
});

describe('what is not the API', () => {
  const definitions = {
    a: {
      typeDefs: `
        type Query { user: User users(level: Level): [User] }
        type User @key(fields: "id") { id: ID! hidden: String @inaccessible level: Level strict: Level! levels: [Level] }
        enum Level { HIGH LOW @inaccessible }
      `,
      resolvers: {
        Query: {
          user: () => ({ id: '1', hidden: 'h', level: 'LOW', levels: ['HIGH', 'LOW'], strict: 'LOW' }),
        },
      },
    },
    b: {
      typeDefs: `
        type User @key(fields: "id") { id: ID! hidden: String @external shown: String @requires(fields: "hidden") }
      `,
      resolvers: { User: { shown: ({ hidden }: { hidden: string }) => `shown ${hidden}` } },
    },
  };

  test('can be required by subgraphs all the same', async () => {
    expect(await run(definitions, '{ user { shown } }')).toEqual({ data: { user: { shown: 'shown h' } } });
  });

  test('is null where it is an enum value', async () => {
    expect(await run(definitions, '{ user { level levels } }')).toEqual({
      data: { user: { level: null, levels: ['HIGH', null] } },
    });
    const { data, errors } = await run(definitions, '{ user { strict } }');
    expect(data).toEqual({ user: null });
    expect(errors).toMatchObject([{ path: ['user', 'strict'] }]);
  });

  test('is left out of inputs and enums that subgraphs do not share', async () => {
    const { runtime } = federate({
      a: {
        typeDefs: `type Query { a(filter: Filter, kind: Kind): Int } input Filter { first: Int! last: Int } enum Kind { X Y }`,
      },
      b: {
        typeDefs:
          'type Query { b(filter: Filter, kind: Kind): Int } input Filter { first: Int } enum Kind { X }',
      },
    });
    expect(
      Object.keys((runtime.schema.getType('Filter') as never as { getFields(): object }).getFields()),
    ).toEqual(['first']);
  });

  test('is given no name of its type', async () => {
    const { data } = await run(
      {
        a: {
          typeDefs: `
            type Query { things: [Thing] } union Thing = Open | Closed
            type Open { id: ID! } type Closed @inaccessible { id: ID! }
          `,
          resolvers: {
            Query: {
              things: () => [
                { __typename: 'Open', id: 1 },
                { __typename: 'Closed', id: 2 },
              ],
            },
          },
        },
        b: { typeDefs: 'type Query { b: Int }' },
      },
      '{ things { __typename ... on Open { id } } }',
    );
    expect(data).toEqual({ things: [{ __typename: 'Open', id: '1' }, null] });
  });
});

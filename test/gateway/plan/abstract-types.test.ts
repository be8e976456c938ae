import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createPlanRuntime } from '../../../gateway/index.ts';
import type { SubgraphDefinitions } from './subgraphs.ts';
import { composeSupergraph, federate, remoteExecutor, subgraphSchema } from './subgraphs.ts';

const run = (definitions: SubgraphDefinitions, query: string) => federate(definitions).run(query);

describe('unions', () => {
  const book = { __typename: 'Book', id: 'b', title: 'Book', aTitle: 'A', bTitle: 'B' };
  const song = { __typename: 'Song', id: 's', title: 'Song', aTitle: 'A song' };
  const movie = { __typename: 'Movie', id: 'm', title: 'Movie', bTitle: 'B movie' };
  const find =
    (all: { id: string }[]) =>
    ({ id }: { id: string }) =>
      all.find((each) => each.id === id);
  const definitions = {
    a: {
      typeDefs: `
        union Media = Book | Song
        type Book @key(fields: "id") { id: ID! title: String! @shareable aTitle: String! }
        type Song @key(fields: "id") { id: ID! title: String! @shareable aTitle: String! }
        type Query { media: Media @shareable aMedia: [Media] book: Book @shareable }
      `,
      resolvers: {
        Query: { media: () => book, aMedia: () => [book, song], book: () => book },
        Book: { __resolveReference: find([book]) },
        Song: { __resolveReference: find([song]) },
      },
    },
    b: {
      typeDefs: `
        union Media = Book | Movie
        type Movie @key(fields: "id") { id: ID! title: String! @shareable bTitle: String! }
        type Book @key(fields: "id") { id: ID! title: String! @shareable bTitle: String! }
        type Query { media: Media @shareable bMedia: [Media] book: Media @shareable }
      `,
      resolvers: {
        Query: { media: () => book, bMedia: () => [movie, book], book: () => book },
        Book: { __resolveReference: find([book]) },
        Movie: { __resolveReference: find([movie]) },
      },
    },
  };

  test.each([
    ['{ media { ... on Movie { title } } }', { media: {} }],
    [
      '{ media { __typename ... on Book { title aTitle bTitle } ... on Movie { title } ... on Song { title } } }',
      { media: { __typename: 'Book', title: 'Book', aTitle: 'A', bTitle: 'B' } },
    ],
    [
      '{ aMedia { ... on Book { bTitle } ... on Song { aTitle } ... on Movie { bTitle } } }',
      { aMedia: [{ bTitle: 'B' }, { aTitle: 'A song' }] },
    ],
    [
      '{ bMedia { ... on Movie { x: bTitle } ... on Book { x: aTitle } __typename } }',
      {
        bMedia: [
          { x: 'B movie', __typename: 'Movie' },
          { x: 'A', __typename: 'Book' },
        ],
      },
    ],
    ['{ book { ... on Book { aTitle bTitle } } }', { book: { aTitle: 'A', bTitle: 'B' } }],
  ])('whose members differ between subgraphs answer %s', async (query, data) => {
    expect(await run(definitions, query)).toEqual({ data });
  });

  // So the planner has it: what not every subgraph knows of a shared value is not asked for.
  test('in a value that subgraphs share have the members that all of them know', async () => {
    const wrapper = (own: string) => `
      type Query { root${own}: Box shared: Box @shareable }
      type Box @key(fields: "id") { id: ID! wrapper: Wrapper @shareable }
      type Wrapper @shareable { actions: [Action!]! }
      union Action = Common | Only${own} type Common @shareable { label: String } type Only${own} { ${own}: String }
    `;
    const common = { __typename: 'Common', label: 'common' };
    const box = (own: string) => {
      const full = { id: '1', wrapper: { actions: [common, { __typename: `Only${own}`, [own]: own }] } };
      return {
        typeDefs: wrapper(own),
        resolvers: {
          Query: { [`root${own}`]: () => full, shared: () => ({ id: '1', wrapper: { actions: [common] } }) },
          Box: { __resolveReference: () => full },
        },
      };
    };
    const fragment =
      'fragment All on Box { wrapper { actions { __typename ... on Common { label } ... on OnlyA { A } ... on OnlyB { B } } } }';
    expect(
      await run(
        { a: box('A'), b: box('B') },
        `{ rootA { ...All } rootB { ...All } shared { ...All } } ${fragment}`,
      ),
    ).toEqual({
      data: {
        rootA: { wrapper: { actions: [common, { __typename: 'OnlyA', A: null }] } },
        rootB: { wrapper: { actions: [common, { __typename: 'OnlyB', B: null }] } },
        shared: { wrapper: { actions: [common] } },
      },
    });
  });

  test('whose members have one field with different types get it under one name', async () => {
    const definitions = {
      a: {
        typeDefs: `
          type Query { users: [User] } union User = Admin | Guest
          type Admin @key(fields: "id") { id: ID! name: String! } type Guest { id: ID name: String }
        `,
        resolvers: {
          Query: {
            users: () => [
              { __typename: 'Admin', id: 1, name: 'x' },
              { __typename: 'Guest', id: 2, name: 'y' },
            ],
          },
        },
      },
      b: {
        typeDefs: 'type Query { b: Int } type Admin @key(fields: "id") { id: ID! photo: String }',
        resolvers: { Admin: { photo: () => 'photo' } },
      },
    };
    const query = '{ users { __typename ... on Admin { id name photo } ... on Guest { id name } } }';
    const data = {
      users: [
        { __typename: 'Admin', id: '1', name: 'x', photo: 'photo' },
        { __typename: 'Guest', id: '2', name: 'y' },
      ],
    };
    expect(await run(definitions, query)).toEqual({ data });
  });
});

describe('interfaces', () => {
  const definitions = {
    a: {
      typeDefs: `
        type Query { products: [Product] node(id: ID!): Node }
        interface Node { id: ID! }
        interface Product implements Node { id: ID! sku: String dimensions: Dimensions }
        type Book implements Product & Node @key(fields: "id") { id: ID! sku: String dimensions: Dimensions pages: Int }
        type Magazine implements Product & Node @key(fields: "id") { id: ID! sku: String dimensions: Dimensions }
        type Dimensions @shareable { size: String }
      `,
      resolvers: {
        Query: {
          products: () => [
            { __typename: 'Book', id: 'b1', sku: 's1', dimensions: { size: 'S' } },
            { __typename: 'Magazine', id: 'm1', sku: 's2', dimensions: null },
          ],
          node: (_: unknown, { id }: { id: string }) => ({
            __typename: id.startsWith('b') ? 'Book' : 'Magazine',
            id,
          }),
        },
      },
    },
    b: {
      typeDefs: `
        interface Product { id: ID! reviews: [Review!] }
        type Book implements Product @key(fields: "id") { id: ID! reviews: [Review!] }
        type Magazine implements Product @key(fields: "id") { id: ID! reviews: [Review!] issues: Int }
        type Review { id: Int! product: Product }
      `,
      resolvers: {
        Book: { reviews: ({ id }: { id: string }) => [{ id: 1, product: { __typename: 'Book', id } }] },
        Magazine: { reviews: () => [], issues: () => 12 },
      },
    },
  };

  test('get the fields of members from the subgraphs that have them', async () => {
    const query = `{ products {
      id sku dimensions { size } reviews { id product { __typename sku ... on Book { pages } } }
      ... on Magazine { issues } ... on Node { kind: __typename }
    } }`;
    expect(await run(definitions, query)).toEqual({
      data: {
        products: [
          {
            id: 'b1',
            sku: 's1',
            dimensions: { size: 'S' },
            reviews: [{ id: 1, product: { __typename: 'Book', sku: null, pages: null } }],
            kind: 'Book',
          },
          { id: 'm1', sku: 's2', dimensions: null, reviews: [], issues: 12, kind: 'Magazine' },
        ],
      },
    });
  });

  test('answer __typename under any alias', async () => {
    expect(await run(definitions, '{ node(id: "m") { id: __typename sku: __typename __typename } }')).toEqual(
      {
        data: { node: { id: 'Magazine', sku: 'Magazine', __typename: 'Magazine' } },
      },
    );
  });
});

describe('interface objects', () => {
  const definitions = {
    a: {
      typeDefs: `
        type Query { media: [Media] }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
        type Song implements Media @key(fields: "id") { id: ID! title: String beats: Int }
      `,
      resolvers: {
        Query: {
          media: () => [
            { __typename: 'Film', id: 'f', title: 'F', minutes: 90 },
            { __typename: 'Song', id: 's', title: 'S' },
          ],
        },
        Media: {
          __resolveReference: ({ id }: { id: string }) => ({
            __typename: id === 'f' ? 'Film' : 'Song',
            id,
            title: id,
            minutes: 9,
          }),
        },
      },
    },
    b: {
      typeDefs: `
        type Query { top: Media tops: [Media!] }
        type Media @interfaceObject @key(fields: "id") {
          id: ID! stars: Int title: String @external caption: String @requires(fields: "title") next: Media
        }
      `,
      resolvers: {
        Query: { top: () => ({ id: 'f' }), tops: () => [{ id: 's' }, { id: 'f' }] },
        Media: {
          stars: ({ id }: { id: string }) => (id === 'f' ? 5 : 3),
          caption: ({ title }: { title: string }) => `caption of ${title}`,
          next: () => ({ id: 's' }),
        },
      },
    },
  };
  // The composition at hand forgets that the title is external there.
  const supergraphSdl = composeSupergraph(definitions).replace(
    /(interface Media [^}]*?title: String)\n/,
    '$1 @join__field(graph: A) @join__field(graph: B, external: true)\n',
  );
  const executors = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      remoteExecutor(subgraphSchema(definition)),
    ]),
  );
  const runtime = createPlanRuntime({ supergraphSdl, executors });

  test.each([
    [
      '{ media { id stars } }',
      {
        media: [
          { id: 'f', stars: 5 },
          { id: 's', stars: 3 },
        ],
      },
    ],
    [
      '{ media { caption ... on Film { minutes stars } } }',
      { media: [{ caption: 'caption of F', minutes: 90, stars: 5 }, { caption: 'caption of S' }] },
    ],
    ['{ top { stars } }', { top: { stars: 5 } }],
    ['{ top { __typename } }', { top: { __typename: 'Film' } }],
    [
      '{ top { caption title ... on Film { minutes } ... on Song { beats } } }',
      { top: { caption: 'caption of f', title: 'f', minutes: 9 } },
    ],
    [
      '{ tops { __typename stars next { title ... on Song { kind: __typename } } } }',
      {
        tops: [
          { __typename: 'Song', stars: 3, next: { title: 's', kind: 'Song' } },
          { __typename: 'Film', stars: 5, next: { title: 's', kind: 'Song' } },
        ],
      },
    ],
  ])('answer %s', async (query, data) => {
    const result = await runtime.execute({ document: parse(query) });
    expect(JSON.parse(JSON.stringify(result))).toEqual({ data });
  });
});

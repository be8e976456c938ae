import { filterInternalFieldsAndTypes, getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import type { GraphQLSchema } from 'graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { publicSchema } from '../../../gateway/index.ts';
import { composeSupergraph } from './subgraphs.ts';
import { worldSupergraph, worlds } from './worlds.ts';

const text = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

const supergraphSdl = composeSupergraph({
  a: {
    typeDefs: `
      "The root" type Query {
        "A field" thing("An argument" id: ID! = "x" hidden: Int @inaccessible, old: Int @deprecated): Thing
        secret: Secret @inaccessible
        any: Any union: Either filter(by: Filter = { a: 1 }): [Named!]!
      }
      "An interface" interface Named { name: String! }
      interface Internal @inaccessible { id: ID! }
      type Thing implements Named & Internal @key(fields: "id") @tag(name: "t") {
        id: ID! name: String! level: Level old: Int @deprecated(reason: "gone") hidden: Int @inaccessible date: Date
      }
      type Secret @inaccessible { id: ID! }
      type Other { id: ID! }
      union Either = Thing | Other | Secret
      union Any @inaccessible = Thing
      enum Level { "Up" HIGH LOW @deprecated MIDDLE @inaccessible }
      input Filter { a: Int = 5 "B" b: [Level!] c: Int @inaccessible }
      input One @oneOf { a: Int b: String @deprecated }
      scalar Date @specifiedBy(url: "https://example.test/date")
      type Mutation { make(one: One!): Thing }
      type Subscription { things: Thing }
    `.replace('any: Any', 'any: Any @inaccessible'),
  },
  b: { typeDefs: 'type Thing @key(fields: "id") { id: ID! more(n: Int = 2): [[Int!]] @tag(name: "x") }' },
});

describe('the public schema', () => {
  test('has what is accessible, with descriptions and deprecations, and nothing of composition', () => {
    expect(text(publicSchema(supergraphSdl))).toMatchSnapshot();
  });

  test.each(worlds)('of the $name supergraph is what another implementation makes of it', (world) => {
    const sdl = worldSupergraph(world);
    const stitched = filterInternalFieldsAndTypes(getStitchedSchemaFromSupergraphSdl({ supergraphSdl: sdl }));
    expect(text(publicSchema(sdl))).toBe(text(stitched));
  });

  test('heeds the names under which specifications were linked', () => {
    const renamed = supergraphSdl
      .replaceAll('@inaccessible', '@hidden')
      .replace('inaccessible/v0.2"', 'inaccessible/v0.2", as: "hidden"')
      .replaceAll('join__', 'j__')
      .replace('join/v0.5"', 'join/v0.5", as: "j"')
      .replace('join/v0.3"', 'join/v0.3", as: "j"');
    expect(text(publicSchema(renamed))).toBe(text(publicSchema(supergraphSdl)));
    expect(renamed).toContain('as: "j"');
  });

  test('keeps the directives that clients can write', () => {
    const compose = '@composeDirective(name: "@trace")';
    const link = `extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.1", import: ["@key", "@composeDirective"])
      @link(url: "https://example.test/trace/v1.0", import: ["@trace"]) ${compose}
      directive @trace(level: Int = 1) on FIELD`;
    const sdl = composeSupergraph({
      a: { typeDefs: `${link} type Query { a: Int }` },
      b: { typeDefs: `${link} type Query { b: Int }` },
    });
    expect(text(publicSchema(sdl))).toBe(
      'directive @trace(level: Int = 1) on FIELD\n\ntype Query {\n  a: Int\n  b: Int\n}',
    );
  });
});

import { composeServices } from '@theguild/federation-composition';
import { type GraphQLSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { publicSchema } from '../gateway/plan/public-schema.ts';
import { printSubgraph } from '../schema/federation.ts';
import { createCloudSubgraph, createEdgeSubgraph } from '../schema/schemas.ts';

/** The four texts of `schema/sdl/`. */
export interface Sdls {
  cloud: string;
  edge: string;
  supergraph: string;
  public: string;
}

/** Composes the supergraph from the two subgraphs, at build time: they are versioned together. */
export function composeSdls(): Sdls {
  const cloud = printSubgraph(createCloudSubgraph());
  const edge = printSubgraph(createEdgeSubgraph());
  const { supergraphSdl, errors } = composeServices([
    { name: 'cloud', typeDefs: parse(cloud) },
    { name: 'edge', typeDefs: parse(edge) },
  ]);
  if (!supergraphSdl) throw new Error(`the subgraphs do not compose: ${errors?.map(String).join('; ')}`);
  return {
    cloud,
    edge,
    supergraph: `${supergraphSdl.trim()}\n`,
    public: printPublic(publicSchema(supergraphSdl)),
  };
}

export const printPublic = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;

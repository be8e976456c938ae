import SchemaBuilder from '@pothos/core';
import type { Context } from '../resolvers/context.ts';
import type { TwinValue } from '../twin/value.ts';

interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    TwinValue: { Input: TwinValue; Output: TwinValue };
    /** Milliseconds since the epoch inside, RFC 3339 outside. */
    DateTime: { Input: number; Output: number };
    JSON: { Input: Record<string, unknown>; Output: Record<string, unknown> };
  };
}

export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
export type Builder = PothosSchemaTypes.SchemaBuilder<Types>;

/** Who resolves a field: the cloud subgraph from Kubernetes, or the edge subgraph from what a node knows of its own. */
export type Owner = 'cloud' | 'edge';

/** One schema in the making: the builder, and whose fields go into it. */
export interface Placement {
  builder: Builder;
  owns(owner: Owner): boolean;
  /** A subgraph has keys and entities; the local schema is plain. */
  federated: boolean;
}

export function createPlacement(owners: readonly Owner[], { federated }: { federated: boolean }): Placement {
  const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
  return { builder, owns: (owner) => owners.includes(owner), federated };
}

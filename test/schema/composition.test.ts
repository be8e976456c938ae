import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { publicSchema } from '../../gateway/plan/public-schema.ts';
import { supergraphSdl } from '../../schema/generated/supergraph.ts';
import { createCloudSubgraph, createEdgeSubgraph, createLocalSchema } from '../../schema/schemas.ts';
import { composeSdls, printPublic } from '../../scripts/compose.ts';

const ROOT = join(import.meta.dirname, '../..');
const MACHINERY = /^_|^(?:Query|Mutation|Subscription)\._/;

const cloud = createCloudSubgraph();
const edge = createEdgeSubgraph();
const local = createLocalSchema();
const sdls = composeSdls();
const composed = publicSchema(sdls.supergraph);

describe('the supergraph and the local schema', () => {
  it('are the same public text, so that a document runs unchanged in both places', () => {
    expect(printPublic(composed)).toBe(printPublic(local));
  });

  it('have every field in one of the subgraphs, and no subgraph has one that nobody sees but seq', () => {
    const owned = new Set([...fieldNames(cloud), ...fieldNames(edge)]);
    const offered = new Set(fieldNames(local));
    expect([...offered].filter((name) => !owned.has(name))).toEqual([]);
    expect([...owned].filter((name) => !offered.has(name))).toEqual(['Twin.seq']);
  });

  it('give every field to one subgraph alone, keys and names excepted', () => {
    const both = fieldNames(cloud).filter((name) => fieldNames(edge).includes(name));
    expect(both.sort()).toEqual([
      'Device.name',
      'Device.namespace',
      'Device.nodeName',
      'DeviceName.name',
      'DeviceName.namespace',
      'Gap.dropped',
      'Node.name',
    ]);
  });

  it('hide the order key seq from clients', () => {
    expect(fieldNames(composed)).not.toContain('Twin.seq');
    expect(fieldNames(local)).not.toContain('Twin.seq');
    expect(fieldNames(edge)).toContain('Twin.seq');
  });
});

describe('composition', () => {
  it('loses no input field, enum value, union member or argument that any schema has', () => {
    const whole = inputSurface(composed);
    for (const schema of [cloud, edge, local]) {
      expect(inputSurface(schema).filter((line) => !whole.includes(line))).toEqual([]);
    }
  });

  it('has the same inputs, enums and scalars in both subgraphs, where they have them at all', () => {
    const inEdge = new Map(sharedTypes(edge));
    for (const [name, text] of sharedTypes(cloud)) if (inEdge.has(name)) expect(inEdge.get(name)).toBe(text);
    expect(inEdge.size).toBeGreaterThan(10);
  });
});

describe('the edge subgraph', () => {
  it('adds only nullable fields to shared types and to the roots', () => {
    const shared = Object.values(edge.getTypeMap()).filter(isObjectType).filter(isShared);
    const added = shared.flatMap((type) =>
      Object.values(type.getFields())
        .filter(
          (field) => !hasField(cloud, type.name, field.name) && !MACHINERY.test(`${type.name}.${field.name}`),
        )
        .map((field) => ({ name: `${type.name}.${field.name}`, isNullable: !isNonNullType(field.type) })),
    );
    expect(added.map(({ name }) => name).sort()).toEqual([
      'Device.browse',
      'Device.twin',
      'Device.twins',
      'Mutation.invokeMethod',
      'Mutation.publish',
      'Node.edgeNode',
      'Subscription.messages',
      'Subscription.twins',
    ]);
    expect(added.filter(({ isNullable }) => !isNullable)).toEqual([]);
  });

  it('keys a device by its route too, and a node by its name', () => {
    expect(keysOf(sdls.edge, 'Device')).toEqual(['namespace name nodeName']);
    expect(keysOf(sdls.edge, 'Node')).toEqual(['name']);
  });
});

describe('the cloud subgraph', () => {
  it('resolves a device by its name alone, and gives the key that carries the route', () => {
    expect(keysOf(sdls.cloud, 'Device')).toEqual(['namespace name nodeName', 'namespace name']);
    expect(keysOf(sdls.cloud, 'Node')).toEqual(['name']);
  });
});

describe('committed texts', () => {
  it.each(['cloud', 'edge', 'supergraph', 'public'] as const)(
    'schema/sdl/%s.graphql is up to date',
    (name) => {
      expect(readFileSync(join(ROOT, `schema/sdl/${name}.graphql`), 'utf8')).toBe(sdls[name]);
    },
  );

  it('the supergraph that the gateway loads is up to date', () => {
    expect(supergraphSdl).toBe(sdls.supergraph);
  });
});

function isShared({ name }: { name: string }): boolean {
  return isObjectType(cloud.getType(name)) || ['Query', 'Mutation', 'Subscription'].includes(name);
}

function hasField(schema: GraphQLSchema, type: string, field: string): boolean {
  const found = schema.getType(type);
  return isObjectType(found) && field in found.getFields();
}

/** `Type.field` of all object types, without the machinery of federation. */
function fieldNames(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
    .filter((name) => !MACHINERY.test(name));
}

/** One line for everything that a client may send: input fields, enum values, union members and arguments. */
function inputSurface(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('_'))
    .flatMap((type) => {
      if (isInputObjectType(type)) return inputLines(type);
      if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
      if (isUnionType(type)) return type.getTypes().map(({ name }) => `${type.name}|${name}`);
      if (isObjectType(type))
        return Object.values(type.getFields()).flatMap((field) => argLines(type.name, field));
      return [];
    });
}

const inputLines = (type: GraphQLInputObjectType) =>
  Object.values(type.getFields()).map(
    ({ name, type: fieldType, defaultValue }) =>
      `${type.name}.${name}: ${fieldType} = ${JSON.stringify(defaultValue)}`,
  );

const argLines = (type: string, { name: field, args }: GraphQLField<unknown, unknown>) =>
  field.startsWith('_')
    ? []
    : args.map(
        ({ name, type: argType, defaultValue }) =>
          `${type}.${field}(${name}: ${argType} = ${JSON.stringify(defaultValue)})`,
      );

/** Inputs and enums that both subgraphs have, as text. */
function sharedTypes(schema: GraphQLSchema): Array<[string, string]> {
  return Object.values(schema.getTypeMap())
    .filter((type) => (isInputObjectType(type) || isEnumType(type)) && !type.name.startsWith('_'))
    .map((type) => [
      type.name,
      type instanceof GraphQLInputObjectType
        ? inputLines(type).join()
        : isEnumType(type)
          ? type
              .getValues()
              .map(({ name }) => name)
              .join()
          : '',
    ]);
}

function keysOf(sdl: string, type: string): string[] {
  const line = sdl.split('\n').find((text) => text.startsWith(`type ${type} `)) ?? '';
  return Array.from(line.matchAll(/@key\(fields: "([^"]+)"\)/g), ([, fields]) => fields as string);
}

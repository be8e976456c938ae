/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query Overview {\n  place {\n    kind\n    nodeName\n    version\n  }\n  devices(first: 500) {\n    edges {\n      node {\n        name\n        nodeName\n        twins {\n          property\n          reported {\n            value\n            observedAt\n          }\n          desired {\n            value\n          }\n          sync {\n            state\n          }\n          freshness {\n            source\n            stale\n            link\n          }\n        }\n      }\n    }\n  }\n  nodes {\n    edges {\n      node {\n        name\n        ready\n        edgeNode {\n          link {\n            state\n          }\n        }\n      }\n    }\n  }\n}\n\nmutation SetDesired($input: SetDesiredInput!) {\n  setDesired(input: $input) {\n    __typename\n    ... on Settled {\n      change {\n        id\n        state\n        results {\n          property\n          state\n          reason\n        }\n      }\n    }\n    ... on Pending {\n      change {\n        id\n        state\n      }\n    }\n    ... on TimedOut {\n      change {\n        id\n        state\n      }\n    }\n    ... on Rejected {\n      code\n      property\n      message\n    }\n  }\n}\n\nsubscription Twins($where: DeviceFilter, $properties: [String!], $after: String) {\n  twins(where: $where, properties: $properties, after: $after) {\n    kind\n    cursor\n    deviceRef {\n      namespace\n      name\n    }\n    property\n    twin {\n      reported {\n        value\n        quality\n        observedAt\n      }\n      desired {\n        value\n      }\n      sync {\n        state\n      }\n      freshness {\n        stale\n        link\n      }\n    }\n    gap {\n      dropped\n    }\n  }\n}": typeof types.OverviewDocument,
};
const documents: Documents = {
    "query Overview {\n  place {\n    kind\n    nodeName\n    version\n  }\n  devices(first: 500) {\n    edges {\n      node {\n        name\n        nodeName\n        twins {\n          property\n          reported {\n            value\n            observedAt\n          }\n          desired {\n            value\n          }\n          sync {\n            state\n          }\n          freshness {\n            source\n            stale\n            link\n          }\n        }\n      }\n    }\n  }\n  nodes {\n    edges {\n      node {\n        name\n        ready\n        edgeNode {\n          link {\n            state\n          }\n        }\n      }\n    }\n  }\n}\n\nmutation SetDesired($input: SetDesiredInput!) {\n  setDesired(input: $input) {\n    __typename\n    ... on Settled {\n      change {\n        id\n        state\n        results {\n          property\n          state\n          reason\n        }\n      }\n    }\n    ... on Pending {\n      change {\n        id\n        state\n      }\n    }\n    ... on TimedOut {\n      change {\n        id\n        state\n      }\n    }\n    ... on Rejected {\n      code\n      property\n      message\n    }\n  }\n}\n\nsubscription Twins($where: DeviceFilter, $properties: [String!], $after: String) {\n  twins(where: $where, properties: $properties, after: $after) {\n    kind\n    cursor\n    deviceRef {\n      namespace\n      name\n    }\n    property\n    twin {\n      reported {\n        value\n        quality\n        observedAt\n      }\n      desired {\n        value\n      }\n      sync {\n        state\n      }\n      freshness {\n        stale\n        link\n      }\n    }\n    gap {\n      dropped\n    }\n  }\n}": types.OverviewDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Overview {\n  place {\n    kind\n    nodeName\n    version\n  }\n  devices(first: 500) {\n    edges {\n      node {\n        name\n        nodeName\n        twins {\n          property\n          reported {\n            value\n            observedAt\n          }\n          desired {\n            value\n          }\n          sync {\n            state\n          }\n          freshness {\n            source\n            stale\n            link\n          }\n        }\n      }\n    }\n  }\n  nodes {\n    edges {\n      node {\n        name\n        ready\n        edgeNode {\n          link {\n            state\n          }\n        }\n      }\n    }\n  }\n}\n\nmutation SetDesired($input: SetDesiredInput!) {\n  setDesired(input: $input) {\n    __typename\n    ... on Settled {\n      change {\n        id\n        state\n        results {\n          property\n          state\n          reason\n        }\n      }\n    }\n    ... on Pending {\n      change {\n        id\n        state\n      }\n    }\n    ... on TimedOut {\n      change {\n        id\n        state\n      }\n    }\n    ... on Rejected {\n      code\n      property\n      message\n    }\n  }\n}\n\nsubscription Twins($where: DeviceFilter, $properties: [String!], $after: String) {\n  twins(where: $where, properties: $properties, after: $after) {\n    kind\n    cursor\n    deviceRef {\n      namespace\n      name\n    }\n    property\n    twin {\n      reported {\n        value\n        quality\n        observedAt\n      }\n      desired {\n        value\n      }\n      sync {\n        state\n      }\n      freshness {\n        stale\n        link\n      }\n    }\n    gap {\n      dropped\n    }\n  }\n}"): (typeof documents)["query Overview {\n  place {\n    kind\n    nodeName\n    version\n  }\n  devices(first: 500) {\n    edges {\n      node {\n        name\n        nodeName\n        twins {\n          property\n          reported {\n            value\n            observedAt\n          }\n          desired {\n            value\n          }\n          sync {\n            state\n          }\n          freshness {\n            source\n            stale\n            link\n          }\n        }\n      }\n    }\n  }\n  nodes {\n    edges {\n      node {\n        name\n        ready\n        edgeNode {\n          link {\n            state\n          }\n        }\n      }\n    }\n  }\n}\n\nmutation SetDesired($input: SetDesiredInput!) {\n  setDesired(input: $input) {\n    __typename\n    ... on Settled {\n      change {\n        id\n        state\n        results {\n          property\n          state\n          reason\n        }\n      }\n    }\n    ... on Pending {\n      change {\n        id\n        state\n      }\n    }\n    ... on TimedOut {\n      change {\n        id\n        state\n      }\n    }\n    ... on Rejected {\n      code\n      property\n      message\n    }\n  }\n}\n\nsubscription Twins($where: DeviceFilter, $properties: [String!], $after: String) {\n  twins(where: $where, properties: $properties, after: $after) {\n    kind\n    cursor\n    deviceRef {\n      namespace\n      name\n    }\n    property\n    twin {\n      reported {\n        value\n        quality\n        observedAt\n      }\n      desired {\n        value\n      }\n      sync {\n        state\n      }\n      freshness {\n        stale\n        link\n      }\n    }\n    gap {\n      dropped\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
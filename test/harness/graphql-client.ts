import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { waitFor } from './wait.ts';

export interface GraphqlAnswer<Data> {
  data: Data;
  errors?: Array<{ message: string; path?: Array<string | number>; extensions?: Record<string, unknown> }>;
}

/** What an untyped document answers is the test's to know. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyData = any;

type Source<Data, Variables> = string | TypedDocumentNode<Data, Variables>;

const textOf = (source: Source<never, never>) => (typeof source === 'string' ? source : print(source));

/** One operation over HTTP POST, as any client would send it. */
export async function query<Data = AnyData, Variables = Record<string, unknown>>(
  url: string,
  source: Source<Data, Variables>,
  variables?: Variables,
): Promise<GraphqlAnswer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: textOf(source as Source<never, never>), variables }),
  });
  return (await response.json()) as GraphqlAnswer<Data>;
}

/** A live subscription that has kept every result since it began. */
export interface Subscription<Data> {
  readonly results: Array<GraphqlAnswer<Data>>;
  /** The first result that fits, past or future. */
  find(what: string, fits: (data: Data) => unknown): Promise<Data>;
  close(): Promise<void>;
}

/** Over graphql-transport-ws, with the reference client. */
export function subscribeWs<Data = AnyData, Variables = Record<string, unknown>>(
  url: string,
  source: Source<Data, Variables>,
  variables?: Variables,
): Subscription<Data> {
  const results: Array<GraphqlAnswer<Data>> = [];
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  client.subscribe(
    { query: textOf(source as Source<never, never>), variables: variables as Record<string, unknown> },
    { next: (result) => results.push(result as GraphqlAnswer<Data>), error() {}, complete() {} },
  );
  return { ...collected(results), close: async () => client.dispose() };
}

export interface SseOptions {
  variables?: Record<string, unknown>;
  token?: string;
}

/** Over server-sent events, distinct connections mode, as curl would. */
export function subscribeSse<Data = AnyData>(
  url: string,
  text: string,
  { variables, token }: SseOptions = {},
): Subscription<Data> {
  const results: Array<GraphqlAnswer<Data>> = [];
  const ending = new AbortController();
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: text, variables }),
    signal: ending.signal,
  };
  const reading = readSse(url, request, (result) => results.push(result as GraphqlAnswer<Data>));
  return {
    ...collected(results),
    async close() {
      ending.abort();
      await reading.catch(() => {});
    },
  };
}

async function readSse(url: string, request: RequestInit, push: (result: unknown) => void): Promise<void> {
  const response = await fetch(url, request);
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data && block.includes('event: next')) push(JSON.parse(data));
    }
  }
}

function collected<Data>(results: Array<GraphqlAnswer<Data>>) {
  return {
    results,
    async find(what: string, fits: (data: Data) => unknown): Promise<Data> {
      const found = await waitFor(what, () => results.find(({ data }) => data && fits(data)));
      return found.data;
    },
  };
}

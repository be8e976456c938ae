import type { Client } from 'graphql-ws';
import type { TypedDocumentString } from '../../schema/generated/dashboard/graphql.ts';
import { textOf } from '../api/document-text.ts';

/** Before a subscription that ended is asked for again, and one that was refused. */
const AGAIN_MS = 1000;
const AFTER_ERROR_MS = 5000;

export interface KeptSubscription {
  /** Asks anew, with the variables as they are then. */
  restart(): void;
  close(): void;
}

/**
 * A subscription for as long as it is wanted, whatever ends it.
 * @param variables sent as they are at each connect: who moves the cursor in them goes on there
 */
export function keepSubscribed<Data, Variables>(
  client: Client,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  take: (data: Data) => void,
): KeptSubscription {
  let isClosed = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stop = start();

  function start(): () => void {
    return client.subscribe<Data>(
      { query: textOf(document), variables: variables as Record<string, unknown> },
      {
        next: ({ data }) => data && take(data),
        error: () => restart(AFTER_ERROR_MS),
        // The server shuts down.
        complete: () => restart(AGAIN_MS),
      },
    );
  }

  function restart(afterMs: number): void {
    if (isClosed || again !== undefined) return;
    stop();
    again = setTimeout(() => {
      again = undefined;
      stop = start();
    }, afterMs);
  }

  return {
    restart: () => restart(AGAIN_MS),
    close() {
      isClosed = true;
      clearTimeout(again);
      stop();
    },
  };
}

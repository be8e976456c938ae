import type { TypedDocumentString } from '../../schema/generated/dashboard/graphql.ts';
import { ApiError } from './api-error.ts';
import { textOf } from './document-text.ts';
import type { Session } from './session.ts';

/** Relative: the page works behind a proxy that gives it a path of its own. */
const ENDPOINT = 'graphql';

export type Ask = <Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
) => Promise<Data>;

interface Answer<Data> {
  data?: Data | null;
  errors?: Array<{ message: string; extensions?: { code?: string } }>;
}

/**
 * Queries and mutations over HTTP: one that was cut is not sent again, as a WebSocket client would.
 * Partial data is an answer; what is missing in it is null.
 * @throws ApiError with the server's code, or `UNREACHABLE`
 */
export function createAsk(session: Session): Ask {
  return async (document, variables, signal) => {
    const token = session.token();
    const response = await fetch(ENDPOINT, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: textOf(document), variables }),
    }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new ApiError('UNREACHABLE', 'the server does not answer', { cause: error });
    });
    if (response.status === 401) {
      session.require(token ? 'The server does not take this token.' : 'The server asks for a token.');
      throw new ApiError('UNAUTHENTICATED', 'sign in first');
    }
    const answer = (await response.json().catch(() => ({}))) as Answer<never>;
    if (answer.data) return answer.data;
    const first = answer.errors?.[0];
    const code = first?.extensions?.code ?? `HTTP_${response.status}`;
    if (code === 'FORBIDDEN') session.mayWrite.set(false);
    throw new ApiError(code, first?.message ?? `the server answered ${response.status}`);
  };
}

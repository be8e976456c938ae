import type { Client } from 'graphql-ws';
import type { LiveEventKind, TypedDocumentString } from '../../schema/generated/dashboard/graphql.ts';
import { keepSubscribed } from './keep-subscribed.ts';

/** What is asked of a live set whose members come by other ways: that something happened to it. */
export type ChangeDocument<Variables> = TypedDocumentString<
  { change: { kind: LiveEventKind; cursor: string } },
  Variables
>;

/** A larger set is not followed as a whole: its snapshot has an event for each member. What of it is in view may be. */
export const MOST_FOLLOWED = 500;

/** However much happens at once, it is told this often at most, ms. */
const TELL_EVERY_MS = 500;

/**
 * Tells when members of a live set enter, change or leave, until closed, and once when it has begun: what happened before that no
 * event tells. A lost connection resumes behind the last event that came.
 */
export function followChanges<Variables extends { after?: string | null }>(
  client: Client,
  document: ChangeDocument<Variables>,
  variables: Omit<Variables, 'after'>,
  onChange: () => void,
): () => void {
  const sent = { ...variables, after: undefined } as Variables;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, TELL_EVERY_MS);
  };
  const { close } = keepSubscribed(client, document, sent, ({ change: { kind, cursor } }) => {
    // Half a snapshot is nothing to resume from.
    if (kind === 'SNAPSHOT') return;
    if (kind !== 'RESET') sent.after = cursor;
    tell();
  });
  return () => {
    clearTimeout(timer);
    close();
  };
}

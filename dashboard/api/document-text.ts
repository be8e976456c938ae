import type { TypedDocumentString } from '../../schema/generated/dashboard/graphql.ts';
import texts from '../../schema/generated/dashboard/persisted-documents.json' with { type: 'json' };

/** What is sent for a document: the very text that stands on the dashboard's list, which a server may allow alone. */
export const textOf = (document: TypedDocumentString<unknown, never>): string =>
  (texts as Record<string, string>)[document.__meta__?.hash] ?? '';

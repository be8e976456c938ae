import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { watchFile } from './watched-file.ts';

/** Documents that clients name by their SHA-256 instead of sending them. */
export interface PersistedDocuments {
  /** By the hash in lower-case hex. */
  documents: () => ReadonlyMap<string, string>;
  /** Only these are executed, however they are sent. */
  only: boolean;
}

export interface PersistedDocumentsOptions {
  path: string;
  only: boolean;
  logger: Logger;
}

/** A request, as far as it says which document: its text, `documentId`, or `extensions.persistedQuery.sha256Hash`. */
export interface DocumentRequest {
  query?: string | null;
  documentId?: unknown;
  extensions?: Readonly<Record<string, unknown>> | null;
}

/**
 * Documents from a JSON file that maps hashes to texts, as code generators write it. Read again when it changes.
 * @throws OctographError `PERSISTED_DOCUMENTS_INVALID` when the file cannot be used at the start
 */
export function createPersistedDocuments({
  path,
  only,
  logger,
}: PersistedDocumentsOptions): PersistedDocuments {
  const documents = watchFile<ReadonlyMap<string, string>>({
    path,
    what: 'persisted documents',
    code: 'PERSISTED_DOCUMENTS_INVALID',
    parse: (text) => parseDocuments(JSON.parse(text), path),
    nothing: new Map(),
    logger,
  });
  return { documents, only };
}

/**
 * The text of the document that a request asks for; undefined where it names none.
 * @throws GraphQLError `PERSISTED_DOCUMENT_NOT_FOUND`, or `PERSISTED_DOCUMENT_REQUIRED` for a text that is not on the list
 */
export function documentText(
  request: DocumentRequest,
  persisted: PersistedDocuments | undefined,
): string | undefined {
  const { query } = request;
  const hash = hashOf(request);
  if (typeof query === 'string' && query !== '') {
    const isListed = !persisted?.only || persisted.documents().has(sha256(query));
    if (!isListed)
      throw refusal('PERSISTED_DOCUMENT_REQUIRED', 'Only documents on the list are executed here.');
    return query;
  }
  if (hash === undefined) return undefined;
  const text = persisted?.documents().get(hash);
  if (text === undefined)
    throw refusal('PERSISTED_DOCUMENT_NOT_FOUND', `No document ${JSON.stringify(hash)} is known here.`);
  return text;
}

function hashOf({ documentId, extensions }: DocumentRequest): string | undefined {
  const persistedQuery = extensions?.persistedQuery as { sha256Hash?: unknown } | null | undefined;
  const id = documentId ?? persistedQuery?.sha256Hash;
  return typeof id === 'string'
    ? id
        .replace(/^sha256:/, '')
        .toLowerCase()
        .slice(0, 64)
    : undefined;
}

function parseDocuments(content: unknown, path: string): Map<string, string> {
  const wrong = (what: string) =>
    new OctographError('PERSISTED_DOCUMENTS_INVALID', `persisted documents ${path}: ${what}`);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw wrong('expected an object of texts by their SHA-256');
  }
  const documents = new Map<string, string>();
  for (const [id, text] of Object.entries(content)) {
    const hash = id.replace(/^sha256:/, '');
    if (typeof text !== 'string' || sha256(text) !== hash)
      throw wrong(`${id} is not the SHA-256 of its text`);
    documents.set(hash, text);
  }
  return documents;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const refusal = (code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code, http: { status: 400, spec: true } } });

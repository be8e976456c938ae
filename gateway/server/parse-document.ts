import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { limitError } from './document-limits.ts';
import type { Limits } from './limits.ts';

/** @throws GraphQLError `LIMIT_DOCUMENT`, `LIMIT_TOKENS` or `GRAPHQL_PARSE_FAILED` */
export function parseDocument(text: string, limits: Limits): DocumentNode {
  if (text.length > limits.documentLength) {
    throw limitError(
      'LIMIT_DOCUMENT',
      `The document has ${text.length} characters; ${limits.documentLength} are allowed.`,
    );
  }
  try {
    return parse(text, { maxLexicalTokens: limits.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // graphql has no other sign of it than the message.
    if (/more tha[tn] \d+ tokens/.test(error.message)) {
      throw limitError('LIMIT_TOKENS', `The document has more than ${limits.tokens} tokens.`);
    }
    error.extensions.code = 'GRAPHQL_PARSE_FAILED';
    throw error;
  }
}

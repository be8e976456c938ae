import { createHash, timingSafeEqual } from 'node:crypto';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Principal, TokenVerifier } from './authentication.ts';
import { watchFile } from './watched-file.ts';

interface Entry {
  digest: Buffer;
  principal: Principal;
}

/**
 * Tokens from a file of lines `token,name,read` or `token,name,write`; a line that starts with `#` is a comment.
 * The file is looked at for every token and read again when it has changed, so a token that was taken out is refused
 * from the next request on. While the file is missing or malformed no token is accepted, and the log says why.
 * @throws OctographError `TOKEN_FILE_INVALID` when the file cannot be used at the start.
 */
export function createTokenFile(path: string, logger: Logger): TokenVerifier {
  const entries = watchFile<Entry[]>({
    path,
    what: 'token file',
    code: 'TOKEN_FILE_INVALID',
    parse: (text) => parseEntries(text, path),
    nothing: [],
    logger,
  });
  return {
    verify(token) {
      const digest = digestOf(token);
      let found: Principal | undefined;
      // Every entry is compared, whichever matches: the time taken says nothing of the tokens.
      for (const entry of entries()) if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
      return found;
    },
  };
}

function parseEntries(text: string, path: string): Entry[] {
  const entries: Entry[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    entries.push(parseLine(line, `token file ${path}, line ${index + 1}`));
  }
  return entries;
}

/** The message never repeats the line: it may hold a token. */
function parseLine(line: string, where: string): Entry {
  const fields = line.split(',').map((field) => field.trim());
  const [token, name, rights] = fields;
  if (fields.length !== 3 || !token || !name || (rights !== 'read' && rights !== 'write')) {
    throw new OctographError(
      'TOKEN_FILE_INVALID',
      `${where}: expected "token,name,read" or "token,name,write"`,
    );
  }
  return { digest: digestOf(token), principal: { name, rights } };
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

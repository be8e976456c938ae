import { readFileSync } from 'node:fs';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { UserInfo } from './user.ts';

export interface StaticToken {
  token: string;
  user: UserInfo;
}

/**
 * Reads a file of tokens in Kubernetes' form, one per line: `token,user,uid` and, if any, `"group1,group2"`. Empty lines and
 * lines that begin with # are skipped.
 * @throws OctographError `TOKEN_FILE_INVALID`, naming the line, never the token
 */
export function readStaticTokens(file: string): StaticToken[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OctographError('TOKEN_FILE_INVALID', `the token file cannot be read: ${messageOf(error)}`);
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return [];
    const [token, username, uid, groups = '', ...more] = parseRow(line);
    if (!token || !username || uid === undefined || more.length > 0) {
      const expected = 'expected token,user,uid or token,user,uid,"group1,group2"';
      throw new OctographError('TOKEN_FILE_INVALID', `${file}, line ${index + 1}: ${expected}`);
    }
    const named = groups.split(',').map((group) => group.trim());
    const user = { username, ...(uid ? { uid } : {}), groups: named.filter((group) => group !== '') };
    return [{ token, user }];
  });
}

/** The fields of one line of CSV; a field in quotes may hold commas, and "" for a quote. */
const parseRow = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim(),
  );

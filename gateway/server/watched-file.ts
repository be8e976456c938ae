import { readFileSync, statSync } from 'node:fs';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

export interface WatchedFileOptions<T> {
  path: string;
  /** Named in errors and in the log: `token file`. */
  what: string;
  /** Of the OctographError at the start. */
  code: string;
  parse: (text: string) => T;
  /** What is known while the file cannot be used: nothing that lets anybody in. */
  nothing: T;
  logger: Logger;
}

/**
 * A file that is looked at whenever it is asked for, and read again when it has changed, in place or by another one moved
 * over it.
 * @throws OctographError with `code` when the file cannot be used at the start
 */
export function watchFile<T>(options: WatchedFileOptions<T>): () => T {
  const { path, what, nothing, logger } = options;
  let version = versionOf(path);
  let content = read(options);
  return () => {
    const current = versionOf(path);
    if (current === version) return content;
    version = current;
    try {
      content = read(options);
      logger.info({ path }, `${what} read again`);
    } catch (error) {
      content = nothing;
      logger.error({ path, reason: messageOf(error) }, `${what} refused: nothing in it is accepted`);
    }
    return content;
  };
}

function read<T>({ path, what, code, parse }: WatchedFileOptions<T>): T {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof OctographError) throw error;
    throw new OctographError(code, `${what} ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Changes whenever the file does. */
function versionOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : 'missing';
}

import type { Closable } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import type { Logger, LogLevel } from '../lib/logger.ts';
import type { Options, Settings } from './settings.ts';

/** What a command runs with. */
export interface CommandContext {
  settings: Settings;
  positionals: string[];
  logger: Logger;
  logLevel: LogLevel;
}

/** One word after `octograph`. */
export interface Command {
  usage: string;
  options: Options;
  /** What it started, to be closed by a signal; nothing when it is done. */
  run(context: CommandContext): Promise<Started | undefined>;
}

export interface Started extends Closable {
  /** Told to a supervisor: `{ url: … }`. */
  addresses: Record<string, string>;
}

/** For a command that has settings only: a word among them is a mistake, most likely a forgotten `--`. */
export function refuseWords(words: readonly string[]): void {
  if (words.length === 0) return;
  throw new OctographError('SETTINGS', `${words.join(' ')}: expected settings only, each with its --`);
}

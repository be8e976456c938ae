import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { codeOf, messageOf, OctographError } from '../lib/errors.ts';
import type { Listener } from '../lib/listen.ts';

/** One setting. Its name is the same everywhere: `--data-dir`, `OCTOGRAPH_DATA_DIR`, and `data-dir` in the YAML file. */
export interface Option {
  kind: 'text' | 'number' | 'switch' | 'list' | 'listener' | 'choice';
  help: string;
  default?: string | number | boolean | readonly string[];
  /** The words that a `choice` may be. */
  choices?: readonly string[];
  /** The least that a `number` may be. */
  minimum?: number;
  required?: boolean;
}

export type Options = Record<string, Option>;

/** Setting by name, parsed; undefined where nobody set it and it has no default. */
export type Settings = Record<string, string | number | boolean | string[] | Listener | undefined>;

export interface SettingSources {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  readFile(path: string): string;
}

/** Of every command. */
export const COMMON: Options = {
  config: { kind: 'text', help: 'YAML file with settings' },
  'print-config': { kind: 'switch', help: 'print the settings and where each comes from, and end' },
  'log-level': {
    kind: 'choice',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    help: 'what is logged, to standard error',
  },
  help: { kind: 'switch', help: 'print this help' },
};

export interface ReadSettings {
  settings: Settings;
  /** Where each setting comes from: flag, environment, file, default. */
  origins: Record<string, string>;
  positionals: string[];
}

/**
 * Flag before environment before file before default.
 * @throws OctographError `SETTINGS` naming the setting, its value, where it came from and what was expected
 */
export function readSettings(own: Options, { argv, env, readFile }: SettingSources): ReadSettings {
  const options = { ...COMMON, ...own };
  const { values, positionals } = parseFlags(options, argv);
  const configPath = textOf(values.config) ?? env.OCTOGRAPH_CONFIG;
  const file = configPath ? readConfigFile(configPath, options, readFile) : {};
  const settings: Settings = {};
  const origins: Record<string, string> = {};
  for (const [name, option] of Object.entries(options)) {
    const found = [
      [values[name], `--${name}`],
      [env[envName(name)], envName(name)],
      [file[name] ?? undefined, `${name} in ${configPath}`],
      [option.default, 'default'],
    ].find(([value]) => value !== undefined);
    if (!found) {
      if (option.required && !values.help) {
        throw fail(`--${name} is not set (nor ${envName(name)}): expected ${option.help}`);
      }
      continue;
    }
    settings[name] = parseValue(name, option, found[0], String(found[1]));
    origins[name] = String(found[1]);
  }
  return { settings, origins, positionals };
}

export function helpText(usage: string, own: Options): string {
  const all = Object.entries({ ...own, ...COMMON });
  const width = Math.max(...all.map(([name]) => name.length));
  const lines = all.map(([name, option]) => {
    const fallback = option.default === undefined ? '' : ` (default ${String(option.default)})`;
    const choices = option.choices ? `: ${option.choices.join(', ')}` : '';
    if (option.kind === 'switch' && option.default === true) {
      return `  --no-${name.padEnd(width - 3)}  do not ${option.help}`;
    }
    return `  --${name.padEnd(width)}  ${option.help}${choices}${fallback}`;
  });
  return `usage: ${usage}\n\n${lines.join('\n')}\n`;
}

function parseFlags(options: Options, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      allowNegative: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { kind }]) => [
          name,
          { type: kind === 'switch' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' },
        ]),
      ),
    });
  } catch (error) {
    const unknown = codeOf(error) === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && /'(-[^']*)'/.exec(messageOf(error));
    throw unknown ? noSetting(unknown[1] as string, options) : fail(messageOf(error));
  }
}

function readConfigFile(
  path: string,
  options: Options,
  readFile: SettingSources['readFile'],
): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFile(path)) ?? {};
  } catch (error) {
    throw fail(`--config ${path}: ${messageOf(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw fail(`--config ${path}: expected a map of settings`);
  }
  for (const name of Object.keys(parsed)) {
    if (!Object.hasOwn(options, name)) {
      throw noSetting(`${name} in ${path}`, options);
    }
  }
  return parsed as Record<string, unknown>;
}

function parseValue(name: string, option: Option, value: unknown, origin: string): Settings[string] {
  const expected = (what: string) => fail(`${origin} is ${JSON.stringify(value)}: expected ${what}`);
  switch (option.kind) {
    case 'text':
      if (typeof value === 'object') throw expected('text');
      return String(value);
    case 'number': {
      const number = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value);
      const { minimum = Number.NEGATIVE_INFINITY } = option;
      if (Number.isFinite(number) && number >= minimum) return number;
      throw expected(option.minimum === undefined ? 'a number' : `a number of at least ${minimum}`);
    }
    case 'switch':
      if (value === true || value === 'true' || value === '1') return true;
      if (value === false || value === 'false' || value === '0') return false;
      throw expected('true or false');
    case 'list':
      return [value].flat().flatMap((item) =>
        String(item)
          .split(',')
          .map((word) => word.trim())
          .filter(Boolean),
      );
    case 'choice':
      if (!option.choices?.includes(String(value))) throw expected(`one of ${option.choices?.join(', ')}`);
      return String(value);
    case 'listener':
      return parseListener(String(value)) ?? raise(expected(`host:port for ${name}, like 127.0.0.1:4000`));
  }
}

/** `127.0.0.1:4000`, `[::1]:4000`, `:4000` and `4000` (loopback). */
export function parseListener(text: string): Listener | undefined {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:[\]]*):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) return undefined;
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, '') || '127.0.0.1', port };
}

const envName = (name: string) => `OCTOGRAPH_${name.toUpperCase().replaceAll('-', '_')}`;

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

const noSetting = (what: string, options: Options) =>
  fail(`${what} is no setting; known are: ${Object.keys(options).join(', ')}`);

const fail = (message: string) => new OctographError('SETTINGS', message);

function raise(error: Error): never {
  throw error;
}

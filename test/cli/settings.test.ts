import { describe, expect, it } from 'vitest';
import {
  helpText,
  type Options,
  parseListener,
  readSettings,
  type SettingSources,
} from '../../cli/settings.ts';

const OPTIONS: Options = {
  name: { kind: 'text', help: 'a name' },
  listen: { kind: 'listener', default: '127.0.0.1:4000', help: 'where it listens' },
  budget: { kind: 'number', default: 10, minimum: 1, help: 'a budget' },
  graphiql: { kind: 'switch', default: true, help: 'serve GraphiQL' },
  fast: { kind: 'switch', help: 'be fast' },
  hosts: { kind: 'list', help: 'hosts' },
  rights: { kind: 'choice', choices: ['none', 'read'], default: 'none', help: 'rights' },
};

function read(argv: string[], { env = {}, file }: { env?: SettingSources['env']; file?: string } = {}) {
  const readFile = (path: string) => {
    if (file === undefined || path !== 'a.yaml') throw new Error(`ENOENT: ${path}`);
    return file;
  };
  return readSettings(OPTIONS, {
    argv: file === undefined ? argv : [...argv, '--config', 'a.yaml'],
    env,
    readFile,
  });
}

const settings = (...args: Parameters<typeof read>) => read(...args).settings;

describe('a setting', () => {
  it('is taken from the flag, else the environment, else the file, else its default; and tells from where', () => {
    const all = { env: { OCTOGRAPH_BUDGET: '30' }, file: 'budget: 40' };
    expect(read(['--budget', '20'], all)).toMatchObject({
      settings: { budget: 20 },
      origins: { budget: '--budget' },
    });
    expect(read([], all)).toMatchObject({
      settings: { budget: 30 },
      origins: { budget: 'OCTOGRAPH_BUDGET' },
    });
    expect(read([], { file: 'budget: 40' })).toMatchObject({
      settings: { budget: 40 },
      origins: { budget: 'budget in a.yaml' },
    });
    expect(read([])).toMatchObject({ settings: { budget: 10 }, origins: { budget: 'default' } });
  });

  it('that nobody set and that has no default is not there', () => {
    expect(read([]).settings).not.toHaveProperty('name');
    expect(read([]).origins).not.toHaveProperty('name');
  });

  it('that the file names without a value was not set', () => {
    expect(settings([], { file: 'budget:\nname:' })).toMatchObject({ budget: 10 });
    expect(settings([], { file: 'name:' })).not.toHaveProperty('name');
  });

  it('has dashes in flag and file, and underscores in the environment', () => {
    const options: Options = { 'data-dir': { kind: 'text', help: 'a folder' } };
    const sources = { argv: [], env: { OCTOGRAPH_DATA_DIR: '/data' }, readFile: () => '' };
    expect(readSettings(options, sources).settings['data-dir']).toBe('/data');
  });

  it('that is required is asked for by all of its names, unless help is wanted', () => {
    const options: Options = { 'node-name': { kind: 'text', required: true, help: 'the name of this node' } };
    const sources = { env: {}, readFile: () => '' };
    expect(() => readSettings(options, { argv: [], ...sources })).toThrow(
      '--node-name is not set (nor OCTOGRAPH_NODE_NAME): expected the name of this node',
    );
    expect(readSettings(options, { argv: ['--help'], ...sources }).settings.help).toBe(true);
  });
});

describe('an unknown setting', () => {
  it.each([
    [['--budgt', '5'], '--budgt'],
    [['--constructor', '5'], '--constructor'],
    [['-x'], '-x'],
  ])('is named with what is known: %j', (argv, name) => {
    expect(() => read(argv)).toThrow(`${name} is no setting; known are: config, print-config`);
  });

  it.each(['budgt: 5', 'toString: 5', 'OCTOGRAPH_BUDGET: 5'])(
    'in the file is named with what is known: %s',
    (file) => {
      const [name] = file.split(':');
      expect(() => read([], { file })).toThrow(
        `${name} in a.yaml is no setting; known are: config, print-config`,
      );
    },
  );

  it('is an error of SETTINGS', () => {
    expect(() => read(['--budgt'])).toThrow(expect.objectContaining({ code: 'SETTINGS' }));
  });
});

describe('a bad value', () => {
  it.each([
    [['--budget', 'ten'], {}, '--budget is "ten": expected a number of at least 1'],
    [['--budget', '0'], {}, '--budget is "0": expected a number of at least 1'],
    [['--budget', 'Infinity'], {}, '--budget is "Infinity": expected a number'],
    [['--budget='], {}, '--budget is "": expected a number'],
    [[], { env: { OCTOGRAPH_BUDGET: 'x' } }, 'OCTOGRAPH_BUDGET is "x": expected a number'],
    [[], { file: 'budget: true' }, 'budget in a.yaml is true: expected a number'],
    [[], { file: 'budget: [1, 2]' }, 'budget in a.yaml is [1,2]: expected a number'],
    [[], { file: 'name: { a: 1 }' }, 'name in a.yaml is {"a":1}: expected text'],
    [[], { env: { OCTOGRAPH_FAST: 'yes' } }, 'OCTOGRAPH_FAST is "yes": expected true or false'],
    [['--rights', 'write'], {}, '--rights is "write": expected one of none, read'],
    [
      ['--listen', 'somewhere'],
      {},
      '--listen is "somewhere": expected host:port for listen, like 127.0.0.1:4000',
    ],
    [['--listen', '127.0.0.1:65536'], {}, '--listen is "127.0.0.1:65536"'],
  ])('is named with where it came from and what was expected: %j %j', (argv, sources, message) => {
    expect(() => read(argv, sources)).toThrow(message);
  });

  it('is the file itself, where that cannot be read or is none', () => {
    expect(() => read(['--config', 'missing.yaml'])).toThrow('--config missing.yaml: ENOENT');
    expect(() => read([], { file: 'a: b: c' })).toThrow('--config a.yaml:');
    expect(() => read([], { file: '- a\n- b' })).toThrow('--config a.yaml: expected a map of settings');
    expect(settings([], { file: '# nothing set\n' }).budget).toBe(10);
  });

  it('names the file that the environment named', () => {
    expect(() => read([], { env: { OCTOGRAPH_CONFIG: 'b.yaml' } })).toThrow('--config b.yaml');
  });
});

describe('values', () => {
  it('of switches', () => {
    expect(settings(['--fast'])).toMatchObject({ fast: true, graphiql: true });
    expect(settings(['--no-graphiql'])).toMatchObject({ graphiql: false });
    expect(settings([], { env: { OCTOGRAPH_GRAPHIQL: '0', OCTOGRAPH_FAST: '1' } })).toMatchObject({
      graphiql: false,
      fast: true,
    });
    expect(settings([], { file: 'graphiql: false' }).graphiql).toBe(false);
  });

  it('of lists are the same from all places', () => {
    const expected = ['a.example', 'b.example'];
    expect(settings(['--hosts', 'a.example', '--hosts', 'b.example']).hosts).toEqual(expected);
    expect(settings(['--hosts', 'a.example,b.example']).hosts).toEqual(expected);
    expect(settings([], { env: { OCTOGRAPH_HOSTS: 'a.example, b.example,' } }).hosts).toEqual(expected);
    expect(settings([], { file: 'hosts: [a.example, b.example]' }).hosts).toEqual(expected);
  });

  it('of words after the settings are positionals', () => {
    expect(read(['link', 'edge-a', '--fast', 'down']).positionals).toEqual(['link', 'edge-a', 'down']);
  });
});

describe('a listener', () => {
  it.each([
    ['127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    ['4000', { host: '127.0.0.1', port: 4000 }],
    [':4000', { host: '127.0.0.1', port: 4000 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['[::1]:4000', { host: '::1', port: 4000 }],
    ['[::]:4000', { host: '::', port: 4000 }],
    ['[::ffff:127.0.0.1]:4000', { host: '::ffff:127.0.0.1', port: 4000 }],
  ])('may be %s', (text, expected) => {
    expect(parseListener(text)).toEqual(expected);
  });

  it.each([
    '',
    'localhost',
    'localhost:',
    '::1:4000',
    '[::1]',
    '127.0.0.1:99999',
    '127.0.0.1:-1',
    'a:b',
    '[::1:4000',
  ])('may not be %j', (text) => {
    expect(parseListener(text)).toBeUndefined();
  });
});

describe('the help', () => {
  it('names every setting with its default and choices, and how to turn one off', () => {
    const text = helpText('octograph test', OPTIONS);
    expect(text).toContain('usage: octograph test');
    expect(text).toMatch(/--budget +a budget \(default 10\)/);
    expect(text).toMatch(/--rights +rights: none, read \(default none\)/);
    expect(text).toMatch(/--no-graphiql +do not serve GraphiQL/);
    expect(text).toContain('--print-config');
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../lib/version.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Every text file that is, or is about to be, part of the repository. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(ROOT, path)))
  .map((path) => ({ path, text: read(path) }))
  .filter(({ text }) => !text.includes('\0'));

const linesWith = (pattern: RegExp, except: readonly string[] = []) =>
  files
    .filter(({ path }) => !except.includes(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => pattern.test(line))
        .map((line) => `${path}: ${line.trim().slice(0, 120)}`),
    );

describe('the repository', () => {
  it('has one version', () => {
    expect(VERSION).toBe(JSON.parse(read('package.json')).version);
    expect(VERSION).toBe(JSON.parse(read('package-lock.json')).version);
  });

  it('names no package registry: whoever installs has one of their own', () => {
    // In two parts, or this file would be the first to break the rule.
    const hosts = ['registry.npm' + 'js.org', 'registry.yarn' + 'pkg.com', 'npm.pkg.' + 'github.com'];
    expect(linesWith(new RegExp(hosts.map((host) => host.replaceAll('.', '\\.')).join('|')))).toEqual([]);
    expect(read('package-lock.json')).not.toContain('"resolved": "http');
  });

  it('names no folder of the machine that it was written on', () => {
    const home = /(?:^|[^\w.])\/(?:home|root|Users|work)\/\w/;
    expect(linesWith(home, ['test/repository/tree.test.ts'])).toEqual([]);
    expect(linesWith(new RegExp(`${ROOT.replaceAll('.', '\\.')}(?:/|\\b)`))).toEqual([]);
  });

  it('has a lockfile that fits its manifest', () => {
    const manifest = JSON.parse(read('package.json'));
    const locked = JSON.parse(read('package-lock.json')).packages[''];
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'engines'] as const) {
      expect(locked[kind], kind).toEqual(manifest[kind]);
    }
  });

  it('pins what it depends on, to the version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

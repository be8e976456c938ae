import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OctographError } from '../../lib/errors.ts';

/**
 * The URL of the module that a path or a package name means, seen from a directory. Node's own resolution starts at the file
 * that imports, which is ours; users think of where they are.
 * @throws OctographError `SETTINGS`
 */
export function resolveModule(specifier: string, from: string): string {
  const path = /^(?:\.{0,2}\/|[a-z]:\\)/i.test(specifier)
    ? resolve(from, specifier)
    : packageMain(specifier, from);
  if (!existsSync(path)) throw fail(specifier, `there is no file ${path}`);
  return pathToFileURL(path).href;
}

function packageMain(name: string, from: string): string {
  const manifestPath = manifestOf(name, from);
  if (!manifestPath)
    throw fail(name, `there is no such package; install it where you start octograph (${from})`);
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { exports?: unknown; main?: string };
  return join(dirname(manifestPath), entryOf(manifest.exports) ?? manifest.main ?? 'index.js');
}

function manifestOf(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(join(from, 'package.json')));
  } catch {
    return undefined; // No such package.
  }
}

/** What `import` of the package gives, as far as a mapper's `exports` go. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const { '.': root, import: module, node, default: fallback } = exports as Record<string, unknown>;
  return entryOf(root) ?? entryOf(module) ?? entryOf(node) ?? entryOf(fallback);
}

const fail = (specifier: string, reason: string) =>
  new OctographError('SETTINGS', `mapper ${specifier}: ${reason}`);

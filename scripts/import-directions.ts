import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** What each folder may import beside itself: the directions of CONTRIBUTING.md. `*` is a composition root. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: [],
  twin: ['lib'],
  store: ['twin', 'lib'],
  bus: ['twin', 'lib'],
  mappers: ['twin', 'lib'],
  tunnel: ['twin', 'lib'],
  kubernetes: ['twin', 'lib'],
  'kube-api': ['twin', 'lib'],
  resolvers: ['twin', 'lib'],
  schema: ['resolvers', 'twin', 'lib'],
  gateway: ['schema', 'resolvers', 'twin', 'lib'],
  'edge-node': ['gateway', 'schema', 'resolvers', 'tunnel', 'store', 'bus', 'mappers', 'twin', 'lib'],
  cloud: ['gateway', 'schema', 'resolvers', 'tunnel', 'store', 'kubernetes', 'twin', 'lib'],
  dashboard: ['schema'],
  cli: ['*'],
  scripts: ['*'],
  bench: ['*'],
  test: ['*'],
};

/** These run in a browser too: no Node modules, no clock, no randomness. */
const PURE = ['twin'];

/** Packages that would bring in what a folder is to know nothing of. */
const FOREIGN: Record<string, RegExp> = {
  kubernetes: /graphql|pothos/,
  'kube-api': /graphql|pothos/,
  resolvers: /sqlite|kubernetes|^ws$|^node:(?:net|tls|http|https|fs|child_process)/,
};

/** Not ours, or made from what is. */
const NO_SOURCES = new Set(['node_modules', 'dist', 'coverage']);

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"`]([^'"`]+)['"`]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g;

/** @returns a line per import that points the wrong way; none when the house is in order */
export function findWrongImports(root: string): string[] {
  return foldersIn(root).flatMap((folder) => {
    const sources = sourcesIn(join(root, folder));
    if (sources.length > 0 && !Object.hasOwn(ALLOWED, folder)) {
      return [`${folder}/ is new: scripts/import-directions.ts has to say what it may import`];
    }
    return sources.flatMap((path) => wrongImportsOf(root, folder, path));
  });
}

function wrongImportsOf(root: string, folder: string, path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const file = path.slice(root.length + 1);
  const wrong: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    if (!specifier.startsWith('.')) {
      if (PURE.includes(folder) && specifier.startsWith('node:'))
        wrong.push(`${file}: ${folder}/ is pure, it may not import ${specifier}`);
      if (FOREIGN[folder]?.test(specifier)) wrong.push(`${file}: ${folder}/ may not import ${specifier}`);
      continue;
    }
    const target = normalize(join(dirname(file), specifier)).split('/')[0] ?? '';
    const allowed = ALLOWED[folder] ?? [];
    const isInside = target === folder;
    const isForbidden =
      target === 'test'
        ? folder !== 'test' && folder !== 'bench'
        : !allowed.includes('*') && !allowed.includes(target);
    if (!isInside && isForbidden) wrong.push(`${file}: ${folder}/ may not import ${target}/ (${specifier})`);
  }
  if (PURE.includes(folder) && /\b(Date\.now|Math\.random|setTimeout|performance\.now)\b/.test(text)) {
    wrong.push(`${file}: ${folder}/ is pure, time and randomness are its arguments`);
  }
  return wrong;
}

function foldersIn(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_SOURCES.has(entry.name))
    .map(({ name }) => name);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}

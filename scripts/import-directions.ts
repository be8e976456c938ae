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
  cli: ['*'],
  scripts: ['*'],
  bench: ['*'],
  test: ['*'],
};

/** These run in a browser too: no Node modules, no clock, no randomness. */
const PURE = ['twin'];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;

/** @returns a line per import that points the wrong way; none when the house is in order */
export function findWrongImports(root: string): string[] {
  return Object.keys(ALLOWED).flatMap((folder) =>
    sourcesIn(join(root, folder)).flatMap((path) => wrongImportsOf(root, folder, path)),
  );
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

function sourcesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
      .map((path) => join(folder, path));
  } catch {
    return []; // A folder that is not there yet imports nothing.
  }
}

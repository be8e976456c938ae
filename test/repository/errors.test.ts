import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = [
  'bus',
  'cli',
  'cloud',
  'edge-node',
  'gateway',
  'kube-api',
  'kubernetes',
  'lib',
  'mappers',
  'resolvers',
  'schema',
  'store',
  'tunnel',
  'twin',
];

/** Of Node and SQLite, in names that look like ours. */
const FOREIGN = ['ETIMEDOUT', 'SQLITE_CORRUPT'];

/** Codes that one part of ours tells another, and that are translated before anybody hears of them. */
const INTERNAL = [
  'DESIRED_CHANGED',
  'NOT_THE_WRITER',
  'STORE_CORRUPT',
  'STORE_FULL',
  'TUNNEL_MESSAGE_TOO_LARGE',
  'TUNNEL_NOT_ADMITTED',
  'TUNNEL_PROTOCOL',
];

const source = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
    .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
).join('\n');
const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
const documented = new Set([...page.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code]) => code as string));

describe('the page of errors', () => {
  it('has every code that the source gives away', () => {
    const given = source.matchAll(
      /(?:OctographError|super|refusal|limitError|rejected|failed|notFound)\(\s*'([A-Z][A-Z_]+)'|\bcode: '([A-Z][A-Z_]+)'/g,
    );
    const codes = new Set([...given].map(([, thrown, answered]) => (thrown ?? answered) as string));
    expect(codes.size).toBeGreaterThan(100);
    const missing = [...codes].filter((code) => !documented.has(code) && !code.startsWith('LIMIT_'));
    expect(missing.sort()).toEqual([...FOREIGN, ...INTERNAL].sort());
  });

  it('has no code that the source does not know', () => {
    const unknown = [...documented].filter((code) => !new RegExp(`['"\`]${code}['"\`]`).test(source));
    expect(unknown).toEqual([]);
  });
});

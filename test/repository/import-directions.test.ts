import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findWrongImports } from '../../scripts/import-directions.ts';

/** What the rule says of a repository with this one file. */
function judge(path: string, text: string): string[] {
  const root = mkdtempSync(join(tmpdir(), 'octograph-imports-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return findWrongImports(root);
}

describe('imports', () => {
  it('of this repository point the right way', () => {
    expect(findWrongImports(join(import.meta.dirname, '../..'))).toEqual([]);
  });

  it.each([
    ['twin/a.ts', "import { b } from '../store/b.ts';", 'store/'],
    ['store/a.ts', "import type { B } from '../tunnel/b.ts';", 'tunnel/'],
    ['mappers/modbus/a.ts', "import { b } from '../../bus/b.ts';", 'bus/'],
    ['gateway/a.ts', "export { b } from '../tunnel/b.ts';", 'tunnel/'],
    ['tunnel/a.ts', "const b = await import('../gateway/b.ts');", 'gateway/'],
    ['resolvers/a.ts', "import { b } from '../schema/b.ts';", 'schema/'],
    ['kubernetes/a.ts', "import {\n  b,\n  c,\n} from '../resolvers/b.ts';", 'resolvers/'],
    ['kubernetes/a.ts', "import { parse } from 'graphql';", 'graphql'],
    ['resolvers/a.ts', "import Database from 'better-sqlite3';", 'better-sqlite3'],
    ['resolvers/a.ts', "import { connect } from 'node:net';", 'node:net'],
    ['edge-node/a.ts', "import { b } from '../cloud/b.ts';", 'cloud/'],
    ['cloud/a.ts', "import { b } from '../edge-node/b.ts';", 'edge-node/'],
    ['lib/a.ts', "import '../twin/b.ts';", 'twin/'],
    ['lib/a.ts', 'import { b } from "../twin/b.ts";', 'twin/'],
    ['cli/a.ts', "import { b } from '../test/b.ts';", 'test/'],
    ['twin/a.ts', "import { readFileSync } from 'node:fs';", 'node:fs'],
    ['twin/a.ts', 'export const now = () => Date.now();', 'time and randomness'],
    ['helpers/a.ts', 'export const a = 1;', 'helpers/ is new'],
  ])('that point the wrong way are found: %s %s', (path, text, what) => {
    const found = judge(path, `${text}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(what);
  });

  it.each([
    [
      'store/a.ts',
      "import { b } from '../twin/b.ts';\nimport { c } from './c.ts';\nimport { d } from '../lib/d.ts';",
    ],
    ['mappers/modbus/a.ts', "import { b } from '../contract.ts';"],
    ['gateway/a.ts', "import { parse } from 'graphql';"],
    ['cli/a.ts', "import { b } from '../cloud/b.ts';"],
    ['bench/a.ts', "import { b } from '../test/b.ts';"],
    ['docs/a.md', "import { b } from '../test/b.ts';"],
  ])('that point the right way are let be: %s', (path, text) => {
    expect(judge(path, `${text}\n`)).toEqual([]);
  });
});

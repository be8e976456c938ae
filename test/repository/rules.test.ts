import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'test', path), 'utf8'))
  .join('\n');

describe.each([
  ['twin', 'T'],
  ['store', 'S'],
  ['tunnel', 'W'],
])('the rules of %s/SPEC.md', (folder, letter) => {
  const spec = readFileSync(join(ROOT, folder, 'SPEC.md'), 'utf8');
  const numbered = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, number]) => Number(number)))].sort((a, b) => a - b);
  const rules = numbered(spec, new RegExp(`\\*\\*${letter}(\\d+)`, 'g'));

  it('are the ones that tests are named by', () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(numbered(tests, new RegExp(`\\[${letter}(\\d+)\\]`, 'g'))).toEqual(rules);
  });
});

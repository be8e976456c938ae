import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const schema = buildSchema(readFileSync(join(ROOT, 'schema/sdl/public.graphql'), 'utf8'));
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const blocksOf = (page: string) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)].map(
    ([, text]) => text as string,
  );

describe('the documents in the docs', () => {
  const documents = pages.flatMap((page) =>
    blocksOf(page).map((text, index) => [`${page} ${index + 1}`, text] as const),
  );

  it('are there', () => {
    expect(documents.length).toBeGreaterThan(5);
  });

  it.each(documents)('%s is valid against the public schema', (_name, text) => {
    expect(validate(schema, parse(text)).map(String)).toEqual([]);
  });
});

describe('the links in the docs', () => {
  it.each(pages)('%s names pages that are there', (page) => {
    const folder = page.startsWith('docs/') ? join(ROOT, 'docs') : ROOT;
    const links = [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g),
    ];
    for (const [, link] of links)
      expect(() => readFileSync(join(folder, link as string)), link).not.toThrow();
  });
});

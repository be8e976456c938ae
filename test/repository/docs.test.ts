import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const schema = buildSchema(readFileSync(join(ROOT, 'schema/sdl/public.graphql'), 'utf8'));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
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

/** As GitHub makes them of headings. */
const anchorsOf = (text: string) =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

describe('the links in the docs', () => {
  it.each(pages)('%s names pages and headings that are there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const links = [...text.matchAll(/(?:\]\(|src=")(?!https?:)([^)#"]*)(?:#([^)]*))?[)"]/g)];
    for (const [link, path, anchor] of links) {
      const target = path ? join(ROOT, dirname(page), path) : join(ROOT, page);
      expect(existsSync(target), link).toBe(true);
      if (anchor) expect(anchorsOf(readFileSync(target, 'utf8')), link).toContain(anchor);
    }
  });
});

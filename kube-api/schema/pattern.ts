const compiled = new Map<string, RegExp | undefined>();

/** Beyond this, patterns are compiled again each time: schemas come and go, and the table must not grow for ever. */
const MAX_COMPILED = 1000;

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** A pattern in Go's syntax as a regular expression; undefined when it is none that can be understood here. */
export function compilePattern(pattern: string): RegExp | undefined {
  const known = compiled.get(pattern);
  if (known || compiled.has(pattern)) return known;
  const expression = compile(pattern);
  if (compiled.size < MAX_COMPILED) compiled.set(pattern, expression);
  return expression;
}

function compile(pattern: string): RegExp | undefined {
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const source = pattern
    .slice(flags ? flags.length + 3 : 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\[:([a-z]+):\]/g, (text, name: string) => CLASSES[name] ?? text);
  try {
    return new RegExp(source, /\\p/i.test(source) ? `${flags}u` : flags);
  } catch {
    return undefined;
  }
}

import { stringify } from 'yaml';

/** The subset of Go templates, with Helm's functions, that our chart is written in. Anything else throws. */
export function renderTemplate(text: string, { data, defines }: RenderContext): string {
  return renderNodes(parse(text), { dot: data, root: data, variables: new Map(), defines });
}

export interface RenderContext {
  data: unknown;
  /** What `define` defined, by name. */
  defines: Map<string, Node[]>;
}

/** The definitions of a file like `_helpers.tpl`. */
export function readDefines(text: string): Map<string, Node[]> {
  const defines = new Map<string, Node[]>();
  for (const node of parse(text)) if (node.kind === 'define') defines.set(node.name, node.body);
  return defines;
}

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipeline: string }
  | { kind: 'assign'; name: string; pipeline: string }
  | { kind: 'if' | 'with' | 'range'; branches: Array<{ pipeline: string | undefined; body: Node[] }> }
  | { kind: 'define'; name: string; body: Node[] };

interface Scope {
  dot: unknown;
  root: unknown;
  variables: Map<string, unknown>;
  defines: Map<string, Node[]>;
}

function parse(text: string): Node[] {
  const root: Node[] = [];
  const stack: Array<{ node: Node; body: Node[] }> = [];
  const body = () => stack.at(-1)?.body ?? root;
  let position = 0;
  let trimNext = false;
  const addText = (raw: string, trimEnd: boolean) => {
    let piece = trimNext ? raw.trimStart() : raw;
    if (trimEnd) piece = piece.trimEnd();
    if (piece) body().push({ kind: 'text', text: piece });
  };
  for (const match of text.matchAll(/\{\{(-?)\s*(.*?)\s*(-?)\}\}/gs)) {
    addText(text.slice(position, match.index), match[1] === '-');
    position = match.index + match[0].length;
    trimNext = match[3] === '-';
    const action = match[2]!;
    const [word = ''] = action.split(/\s/, 1);
    const rest = action.slice(word.length).trim();
    if (action.startsWith('/*')) continue;
    if (word === 'if' || word === 'with' || word === 'range') {
      const branch = { pipeline: rest as string | undefined, body: [] as Node[] };
      const node: Node = { kind: word, branches: [branch] };
      body().push(node);
      stack.push({ node, body: branch.body });
    } else if (word === 'else') {
      const open = stack.at(-1);
      if (!open || open.node.kind === 'define' || !('branches' in open.node))
        throw new Error('else without if');
      const branch = { pipeline: rest ? rest.replace(/^if\s+/, '') : undefined, body: [] as Node[] };
      open.node.branches.push(branch);
      open.body = branch.body;
    } else if (word === 'define') {
      const node: Node = { kind: 'define', name: JSON.parse(rest) as string, body: [] };
      body().push(node);
      stack.push({ node, body: node.body });
    } else if (word === 'end') {
      if (!stack.pop()) throw new Error('end without a beginning');
    } else {
      const assignment = /^(\$\w+)\s*:=\s*(.*)$/s.exec(action);
      body().push(
        assignment
          ? { kind: 'assign', name: assignment[1]!, pipeline: assignment[2]! }
          : { kind: 'print', pipeline: action },
      );
    }
  }
  addText(text.slice(position), false);
  if (stack.length > 0) throw new Error(`${stack.length} actions without an end`);
  return root;
}

function renderNodes(nodes: Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'print':
      return print(evaluate(node.pipeline, scope));
    case 'assign':
      scope.variables.set(node.name, evaluate(node.pipeline, scope));
      return '';
    case 'define':
      return '';
    case 'range': {
      const [each, none] = node.branches;
      const items = (evaluate(each!.pipeline!, scope) ?? []) as unknown[];
      if (items.length === 0) return none ? renderNodes(none.body, scope) : '';
      return items.map((dot) => renderNodes(each!.body, { ...scope, dot })).join('');
    }
    default: {
      for (const { pipeline, body } of node.branches) {
        const value = pipeline === undefined ? true : evaluate(pipeline, scope);
        if (!truthy(value)) continue;
        const dot = node.kind === 'with' && pipeline !== undefined ? value : scope.dot;
        return renderNodes(body, { ...scope, dot });
      }
      return '';
    }
  }
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|\(|\)|\||[^\s()|]+)/gy;

function evaluate(pipeline: string, scope: Scope): unknown {
  const tokens = [...pipeline.matchAll(TOKEN)].map((match) => match[1]!);
  let next = 0;
  function operand(): unknown {
    const token = tokens[next++]!;
    if (token === '(') {
      const value = pipe();
      if (tokens[next++] !== ')') throw new Error(`${pipeline}: a parenthesis is not closed`);
      return value;
    }
    if (token.startsWith('"')) return JSON.parse(token);
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token.startsWith('$')) {
      const [name, ...path] = token.split('.');
      const base = name === '$' ? scope.root : scope.variables.get(name!);
      if (name !== '$' && !scope.variables.has(name!)) throw new Error(`${token} is not assigned`);
      return path.reduce(fieldOf, base);
    }
    if (token === '.') return scope.dot;
    if (token.startsWith('.')) return token.slice(1).split('.').reduce(fieldOf, scope.dot);
    throw new Error(`${pipeline}: ${token} is no operand of the subset`);
  }
  function command(piped: unknown[]): unknown {
    const token = tokens[next]!;
    const name = FUNCTIONS[token] || token === 'include' ? token : undefined;
    if (name) next++;
    const args: unknown[] = [];
    while (next < tokens.length && tokens[next] !== '|' && tokens[next] !== ')') args.push(operand());
    if (!name) return args[0];
    args.push(...piped);
    if (name !== 'include') return FUNCTIONS[name]!(...args);
    const [defined, dot] = args as [string, unknown];
    const body = scope.defines.get(defined);
    if (!body) throw new Error(`include ${defined}: nothing of that name is defined`);
    return renderNodes(body, { ...scope, dot, root: dot, variables: new Map() });
  }
  function pipe(): unknown {
    let value = command([]);
    while (tokens[next] === '|') {
      next++;
      value = command([value]);
    }
    return value;
  }
  return pipe();
}

const indent = (width: number, text: string) => text.replace(/^/gm, ' '.repeat(width));

// biome-ignore lint/suspicious/noExplicitAny: a template's functions take what they are given.
const FUNCTIONS: Record<string, (...args: any[]) => unknown> = {
  quote: (value: unknown) => JSON.stringify(print(value)),
  default: (fallback: unknown, value: unknown) => (truthy(value) ? value : fallback),
  // Of what is empty, Helm takes only an absent value and an empty text for missing.
  required: (message: string, value: unknown) => {
    if (value !== undefined && value !== null && value !== '') return value;
    throw new Error(message);
  },
  fail: (message: string) => {
    throw new Error(message);
  },
  toYaml: (value: unknown) => stringify(value).trimEnd(),
  nindent: (width: number, text: string) => `\n${indent(width, text)}`,
  trunc: (length: number, text: string) => text.slice(0, length),
  trimSuffix: (suffix: string, text: string) =>
    text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  contains: (part: string, text: string) => text.includes(part),
  printf: (format: string, ...values: unknown[]) =>
    values.reduce<string>((text, value) => text.replace('%s', print(value)), format),
  not: (value: unknown) => !truthy(value),
  and: (...values: unknown[]) => values.find((value) => !truthy(value)) ?? values.at(-1),
};

function fieldOf(value: unknown, field: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[field];
}

/** Go's notion of empty. */
function truthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const print = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

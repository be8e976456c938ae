#!/usr/bin/env node
// Nothing is imported before this check: better-sqlite3 crashes older versions of Node without a word.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(`octograph needs Node.js 24 or newer; this is ${process.versions.node}\n`);
  process.exit(1);
}
if (process.argv[2] === 'edge') {
  const { becomeSmall } = await import('../lib/small-process.ts');
  becomeSmall();
}
const { main } = await import('./main.ts');
await main(process.argv.slice(2));

export {};

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { buildDashboard } from './build-dashboard.ts';

/**
 * Natives stay outside the bundle; `serialport` too, for who has a serial bus, and `proper-lockfile`, which node-opcua's PKI
 * asks for only where it is told to.
 */
const EXTERNAL = [
  'better-sqlite3',
  '@graphql-hive/router-query-planner',
  'serialport',
  'msgpackr-extract',
  'proper-lockfile',
];

/** `npm run build`: the octograph command in `dist/`, one file per command and what they share; and the programs of mappers' processes. */
rmSync('dist', { recursive: true, force: true });
const bundle = await rolldown({
  input: {
    octograph: 'cli/octograph.ts',
    'opcua-child': 'mappers/opcua/child/main.ts',
    'mapper-child': 'mappers/package/child.ts',
  },
  platform: 'node',
  external: (id) => EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
  resolve: {
    // Two copies of graphql would not know each other's schemas: ESM and CommonJS importers get the same one.
    alias: { graphql: new URL('../node_modules/graphql/index.mjs', import.meta.url).pathname },
  },
  logLevel: 'warn',
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  minify: false,
});
await buildDashboard();

/** What authors of mappers import as types from `octograph/mapper`. */
const TYPES = [
  '--declaration',
  '--emitDeclarationOnly',
  '--allowImportingTsExtensions',
  '--skipLibCheck',
  '--strict',
];
execFileSync(
  'tsc',
  [
    '--ignoreConfig',
    'mappers/public.ts',
    '--outDir',
    'dist/types',
    '--rootDir',
    '.',
    '--types',
    'node',
    '--target',
    'es2024',
    '--module',
    'nodenext',
    ...TYPES,
  ],
  { stdio: 'inherit' },
);

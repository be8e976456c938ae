import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { buildDashboard } from './build-dashboard.ts';

/**
 * Natives stay outside the bundle; `proper-lockfile` too, which node-opcua's PKI asks for only where it is told to.
 */
const EXTERNAL = [
  'better-sqlite3',
  '@graphql-hive/router-query-planner',
  'msgpackr-extract',
  'proper-lockfile',
];

const HTTP = fileURLToPath(new URL('./bundle/http.cjs', import.meta.url));

/** White space and comments go, names stay, for stack traces: V8 keeps the text of what it runs, and an edge node is small. */
const MINIFY = { mangle: false, compress: false, codegen: { removeWhitespace: true } } as const;

/** One character beyond ASCII makes V8 keep a whole file in two bytes per character. */
const asciiOnly: Plugin = {
  name: 'ascii',
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

/** Asking Node for its `Request` loads undici and HTTP/2, 9 MB, and yoga does only to see that it is not the one it brings. */
const withoutUndici: Plugin = {
  name: 'without-undici',
  transform: (code, id) =>
    id.includes('/@whatwg-node/server/')
      ? code.replace('fetchAPI.Request !== globalThis.Request', 'true')
      : undefined,
};

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
    alias: {
      // Two copies of graphql would not know each other's schemas: ESM and CommonJS importers get the same one.
      graphql: fileURLToPath(new URL('../node_modules/graphql/index.mjs', import.meta.url)),
      serialport: fileURLToPath(new URL('./bundle/serialport.ts', import.meta.url)),
      http: HTTP,
      'node:http': HTTP,
    },
  },
  // graphql-js looks at every value for copies of itself otherwise, which a bundle cannot have: up to a fifth of an execution.
  transform: { define: { 'process.env.NODE_ENV': "'production'" } },
  logLevel: 'warn',
  plugins: [withoutUndici, asciiOnly],
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  minify: MINIFY,
});
// npm does so when it installs the command; `npx octograph` in the repository runs this very file.
chmodSync('dist/octograph.js', 0o755);
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

import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, rolldown } from 'rolldown';

const SOURCES = 'dashboard';
const OUT = 'dist/dashboard';
const ASSETS = join(OUT, 'assets');

/** All that the dashboard ever asks, by hash: for servers that allow a list of documents and no others. */
const DOCUMENTS = 'schema/generated/dashboard/persisted-documents.json';

/** What the dashboard is built from, its typed operations included. */
const INPUTS = [SOURCES, 'schema/generated/dashboard'];

/**
 * `dist/dashboard/`: `index.html`, `persisted-documents.json`, and in `assets/` the files that it names, by hash, each with its gzip beside it.
 * @param isOnlyIfOld does nothing where what is there is newer than all of its sources
 */
export async function buildDashboard({ isOnlyIfOld = false } = {}): Promise<void> {
  if (isOnlyIfOld && !isOld()) return;
  const scripts = await bundleScripts();
  const style = hashed('style.css', styles());
  const icon = hashed('icon.svg', readFileSync(join(SOURCES, 'icon.svg'), 'utf8'));
  const names = { script: scripts[0]!.name, style: style.name, icon: icon.name };
  const page = readFileSync(join(SOURCES, 'index.html'), 'utf8').replace(
    /\{(script|style|icon)\}/g,
    (_, name: keyof typeof names) => `assets/${names[name]}`,
  );

  mkdirSync(ASSETS, { recursive: true });
  const assets = [...scripts, style, icon];
  for (const { name, text } of assets) {
    writeFileSync(join(ASSETS, name), text);
    writeFileSync(join(ASSETS, `${name}.gz`), gzipSync(text, { level: 9 }));
  }
  copyFileSync(DOCUMENTS, join(OUT, 'persisted-documents.json'));
  // After them: whoever sees it finds all that it names, while somebody else builds the same.
  const next = join(OUT, `index.html.${process.pid}`);
  writeFileSync(next, page);
  renameSync(next, join(OUT, 'index.html'));
  const current = new Set(assets.flatMap(({ name }) => [name, `${name}.gz`]));
  for (const name of readdirSync(ASSETS)) if (!current.has(name)) rmSync(join(ASSETS, name), { force: true });
}

interface Asset {
  name: string;
  text: string;
}

/** The script that the page starts with, then what it loads when it needs it. */
async function bundleScripts(): Promise<Asset[]> {
  await using bundle = await rolldown({
    input: join(SOURCES, 'main.tsx'),
    platform: 'browser',
    tsconfig: join(SOURCES, 'tsconfig.json'),
    transform: { target: 'es2022' },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: 'main-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
  });
  return output
    .filter((file): file is OutputChunk => file.type === 'chunk')
    .sort((a, b) => Number(b.isEntry) - Number(a.isEntry))
    .map(({ fileName, code }) => ({ name: fileName, text: code }));
}

/** All style sheets as one, the charts' first, then ours in the order of their names, without comments and indentation. */
function styles(): string {
  const ours = readdirSync(join(SOURCES, 'style')).sort();
  return ['node_modules/uplot/dist/uPlot.min.css', ...ours.map((name) => join(SOURCES, 'style', name))]
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\n\s*/g, '\n');
}

function hashed(name: string, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 8);
  return { name: name.replace('.', `-${hash}.`), text };
}

function isOld(): boolean {
  const builtAt = statSync(join(OUT, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
  if (builtAt === undefined) return true;
  return INPUTS.some((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(
      (name) => statSync(join(folder, name)).mtimeMs > builtAt,
    ),
  );
}

if (import.meta.main) await buildDashboard({ isOnlyIfOld: process.argv.includes('--if-old') });

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, rolldown } from 'rolldown';

const SOURCES = 'dashboard';
const OUT = 'dist/dashboard';

/** What the dashboard is built from, its typed operations included. */
const INPUTS = [SOURCES, 'schema/generated/dashboard'];

/**
 * `dist/dashboard/`: `index.html`, and in `assets/` the files that it names, by hash, each with its gzip beside it.
 * @param isOnlyIfOld does nothing where what is there is newer than all of its sources
 */
export async function buildDashboard({ isOnlyIfOld = false } = {}): Promise<void> {
  if (isOnlyIfOld && !isOld()) return;
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, 'assets'), { recursive: true });
  const script = await writeScripts();
  const names = {
    script,
    style: writeAsset('style.css', styles()),
    icon: writeAsset('icon.svg', readFileSync(join(SOURCES, 'icon.svg'), 'utf8')),
  };
  const page = readFileSync(join(SOURCES, 'index.html'), 'utf8').replace(
    /\{(script|style|icon)\}/g,
    (_, name: keyof typeof names) => `assets/${names[name]}`,
  );
  // Last: whoever sees it finds all that it names.
  writeFileSync(join(OUT, 'index.html'), page);
}

/** @returns the name of the script that the page starts with */
async function writeScripts(): Promise<string> {
  await using bundle = await rolldown({
    input: join(SOURCES, 'main.tsx'),
    platform: 'browser',
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, target: 'es2022' },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: 'main-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
  });
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
  for (const { fileName, code } of chunks) writeFiles(fileName, code);
  return chunks.find(({ isEntry }) => isEntry)!.fileName;
}

/** All style sheets as one, in the order of their names, without comments and indentation. */
function styles(): string {
  return readdirSync(join(SOURCES, 'style'))
    .sort()
    .map((name) => readFileSync(join(SOURCES, 'style', name), 'utf8'))
    .join('\n')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\n\s*/g, '\n');
}

function writeAsset(name: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 8);
  const hashed = name.replace('.', `-${hash}.`);
  writeFiles(hashed, text);
  return hashed;
}

function writeFiles(name: string, text: string): void {
  const path = join(OUT, 'assets', name);
  writeFileSync(path, text);
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
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

import { execFileSync, spawnSync } from 'node:child_process';
import { findWrongImports } from './import-directions.ts';

/** `npm run check`: types, lint and format, import directions, generated files. All of them run; the first failure counts. */
const steps: Array<[name: string, run: () => boolean]> = [
  ['types', () => succeeds('tsc', ['-p', '.'])],
  ['types of the dashboard', () => succeeds('tsc', ['-p', 'dashboard'])],
  ['lint and format', () => succeeds('biome', ['ci', '--error-on-warnings', '.'])],
  ['import directions', importsAreRight],
  ['generated files', generatedAreCurrent],
];

const failed = steps.filter(([name, run]) => {
  process.stdout.write(`check: ${name}\n`);
  return !run();
});
for (const [name] of failed) process.stdout.write(`check: ${name} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function succeeds(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

function importsAreRight(): boolean {
  const wrong = findWrongImports(process.cwd());
  for (const line of wrong) process.stdout.write(`${line}\n`);
  return wrong.length === 0;
}

/** Generates again and compares with what stood there before. */
function generatedAreCurrent(): boolean {
  const snapshot = () =>
    execFileSync('git', [
      'ls-files',
      '-s',
      '--others',
      '--cached',
      'schema/sdl',
      'schema/generated',
    ]).toString();
  const hashes = () =>
    snapshot()
      .trim()
      .split('\n')
      .map((line) => line.split('\t').at(-1) as string)
      .map((path) => `${path} ${execFileSync('git', ['hash-object', path]).toString().trim()}`);
  const before = hashes();
  if (!succeeds('node', ['scripts/generate.ts'])) return false;
  const stale = hashes().filter((line) => !before.includes(line));
  for (const line of stale)
    process.stdout.write(`not up to date, run npm run generate: ${line.split(' ')[0]}\n`);
  return stale.length === 0;
}

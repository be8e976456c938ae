import { PLANTED_BUGS } from './planted-bugs.ts';
import { replay, simulate } from './simulate.ts';

/**
 * `node test/simulation/run.ts`: many worlds, or one that failed. `SIM_SEED` is the first seed (1), `SIM_SEEDS` how many (10 000, or 1
 * with `SIM_SEED`), `SIM_BUG` the name of a planted bug, `SIM_LINES` how much of a failure's trace is shown.
 */
const first = Number(process.env.SIM_SEED ?? 1);
const count = Number(process.env.SIM_SEEDS ?? (process.env.SIM_SEED ? 1 : 10_000));
const bug = process.env.SIM_BUG;
const say = (line: string) => process.stdout.write(`${line}\n`);

if (bug !== undefined && !(bug in PLANTED_BUGS)) {
  throw new Error(`SIM_BUG is ${bug}: expected one of ${Object.keys(PLANTED_BUGS).join(', ')}`);
}
const startedAt = performance.now();
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const { violation } = await simulate({ seed, bug });
  if (violation === undefined) continue;
  failed++;
  say(
    count === 1
      ? await replay({ seed, bug }, Number(process.env.SIM_LINES ?? 60))
      : `seed ${seed}: ${violation}`,
  );
}
const seconds = (performance.now() - startedAt) / 1000;
say(`${count} seeds, ${failed} failed, ${(count / seconds).toFixed(1)} seeds/s`);
process.exitCode = failed === 0 ? 0 : 1;

import { PLANTED_BUGS } from './planted-bugs.ts';
import { simulate } from './simulate.ts';

/** Seeds within which each planted bug has to be found. */
export const SEED_LIMIT = 1000;

export interface Found {
  bug: string;
  /** The first seed that shows it; undefined where none does. */
  seed?: number;
  violation?: string;
}

export async function findBug(bug: string, limit = SEED_LIMIT): Promise<Found> {
  for (let seed = 1; seed <= limit; seed++) {
    const { violation } = await simulate({ seed, bug });
    if (violation !== undefined) return { bug, seed, violation };
  }
  return { bug };
}

if (import.meta.main) {
  for (const bug of Object.keys(PLANTED_BUGS)) {
    const { seed, violation } = await findBug(bug);
    process.stdout.write(`${seed ?? 'not found'}\t${bug}\t${violation ?? ''}\n`);
  }
}

import { Workload } from './workload.ts';
import { Violation, World, type WorldOptions } from './world.ts';

export interface Outcome {
  seed: number;
  /** The rule that did not hold; undefined where all of them did. */
  violation?: string;
}

/** One world, from its beginning to its rest. */
export async function simulate(options: WorldOptions): Promise<Outcome> {
  const world = new World(options);
  const workload = new Workload(world);
  try {
    workload.begin();
    await workload.run();
    await world.comeToRest();
    return { seed: options.seed };
  } catch (error) {
    if (error instanceof Violation) return { seed: options.seed, violation: error.message };
    throw error;
  }
}

/** The same seed once more, with the last of what happened: for whoever has to find out why. */
export async function replay(options: Omit<WorldOptions, 'trace'>, lines = 60): Promise<string> {
  const trace: string[] = [];
  const { violation } = await simulate({ ...options, trace: (line) => void trace.push(line) });
  return [
    `seed ${options.seed}: ${violation}`,
    `replay with SIM_SEED=${options.seed}; the last of what happened:`,
    ...trace.slice(-lines),
  ].join('\n');
}

import { say, spread } from './figures.ts';
import { fillStore, firstAnswer, inFolder, type Server, startBare, startEdge } from './node.ts';
import { devicesOf, PROPERTIES } from './objects.ts';
import { readings } from './readings.ts';

const TWINS = 100_000;
const ROUNDS = 7;
const QUERY = `{ device(namespace: "default", name: "none${TWINS / PROPERTIES - 1}") { twins { reported { value } } } }`;

/** From the start of the process to its first answered query; beside a bare Node that answers the same. */
export async function measureRestart(): Promise<void> {
  await inFolder(async (folder) => {
    await fillStore(
      folder,
      devicesOf('none', TWINS / PROPERTIES, () => ({})),
      readings(TWINS, 1, Date.now()),
    );
    const first = await startEdge(folder);
    const answer = await firstAnswer(first.url, QUERY);
    await first.stop();
    const rounds = { edge: [] as number[][], bare: [] as number[][] };
    for (let n = 0; n < ROUNDS; n++) {
      rounds.edge.push([await startTime(() => startEdge(folder))]);
      rounds.bare.push([await startTime(() => startBare(answer))]);
    }
    say(`restart with ${TWINS} twins, until the first answer`, { ms: spread(rounds.edge).p50Ms });
    say('bare Node, until the first answer', { ms: spread(rounds.bare).p50Ms });
  });
}

async function startTime(start: () => Promise<Server>): Promise<number> {
  const startedAt = performance.now();
  const server = await start();
  await firstAnswer(server.url, QUERY);
  const elapsed = performance.now() - startedAt;
  await server.stop('SIGKILL');
  return elapsed;
}

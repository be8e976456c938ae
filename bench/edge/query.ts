import { round, say, spread } from './figures.ts';
import { fillStore, firstAnswer, inFolder, startBare, startEdge, timesOf } from './node.ts';
import { devicesOf } from './objects.ts';
import { readings } from './readings.ts';

const DEVICES = 100;
const ROUNDS = 5;
const QUERIES = 2000;

const queryOf = (device: number) => `{
  device(namespace: "default", name: "none${device}") {
    name state
    twins { property type reported { value quality observedAt } desired { value } sync { state } freshness { stale } }
  }
}`;

/** One device with its ten twins, over a connection that is kept, one after the other; beside Node's HTTP server with the same bytes. */
export async function measureQuery(): Promise<void> {
  await inFolder(async (folder) => {
    await fillStore(
      folder,
      devicesOf('none', DEVICES, () => ({})),
      readings(DEVICES * 10, 1, Date.now()),
    );
    const edge = await startEdge(folder);
    const answer = await firstAnswer(edge.url, queryOf(1));
    const bare = await startBare(answer);
    await firstAnswer(bare.url, queryOf(1));
    const rounds = { edge: [] as number[][], bare: [] as number[][] };
    for (let n = 0; n < ROUNDS; n++) {
      rounds.edge.push(await timesOf(edge.url, QUERIES, (n) => queryOf(n % DEVICES)));
      rounds.bare.push(await timesOf(bare.url, QUERIES, (n) => queryOf(n % DEVICES)));
    }
    await bare.stop();
    await edge.stop();
    const [own, yardstick] = [spread(rounds.edge), spread(rounds.bare)];
    say('local query of one device with ten twins', { answerBytes: answer.length, ...own });
    say('node:http answering the same bytes', {
      ...yardstick,
      overheadP50Ms: round(own.p50Ms.best - yardstick.p50Ms.best),
    });
  });
}

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { WireMessage } from '../tunnel/fragments.ts';
import { checkUpMessage } from '../tunnel/message-check.ts';
import { SyncDecoder } from '../tunnel/sync-payload.ts';
import { deviceName, IngestNode, startIngestCloud } from './cloud/ingest.ts';

/**
 * What an update costs the cloud, from the tunnel's frame to the bytes of a subscription: with no subscriber, with one that
 * sees one device, with one that sees everything, and beside them the decoding of the same frames alone. In turns, so that
 * neighbours on the machine disturb all alike; processor time, not elapsed.
 *
 *     node bench/cloud-ingest.ts [--devices 1000] [--batch 400] [--rounds 9] [--only 'of all']
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string' },
  },
});
const [devices, batch, rounds] = [Number(values.devices), Number(values.batch), Number(values.rounds)];
const UPDATES = 20_000;
const WARM_UP = 3;

const subscription = (where: string) => `subscription { twins${where} {
  kind cursor property
  device { namespace name model { name } }
  twin { reported { value quality observedAt } } } }`;

interface Lane {
  what: string;
  run(frames: WireMessage[]): Promise<unknown>;
  /** CPU microseconds per update, one of each round. */
  costs: number[];
}

const node = new IngestNode(devices);
const beginning = [node.states(), ...node.reports(devices * 10, batch)];
const lanes: Lane[] = [
  decoding(),
  await ingesting('ingest, no subscriber'),
  await ingesting('ingest, a subscriber of one device', `(where: { name: { eq: "${deviceName(7)}" } })`),
  await ingesting('ingest, a subscriber of all', ''),
].filter(({ what }, index) => index === 0 || !values.only || what.includes(values.only));

for (let round = -WARM_UP; round < rounds; round++) {
  const frames = node.reports(UPDATES, batch);
  for (const lane of lanes) {
    const before = process.cpuUsage();
    await lane.run(frames);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) lane.costs.push((user + system) / UPDATES);
  }
}
const [yardstick] = lanes as [Lane];
for (const { what, costs } of lanes) {
  const cost = median(costs);
  const ratio = median(costs.map((own, round) => own / (yardstick.costs[round] as number)));
  const perSecond = Math.round(1e6 / cost);
  process.stdout.write(
    `${what}: ${cost.toFixed(1)} µs CPU per update, ${perSecond} updates/s of one core, ${ratio.toFixed(1)} × decoding\n`,
  );
}
process.stdout.write(`load ${loadavg()[0]?.toFixed(1)}\n`);
process.exit(0);

function decoding(): Lane {
  const decoder = new SyncDecoder();
  for (const frame of beginning) decoder.decode(frame);
  return {
    what: 'decoding alone',
    costs: [],
    async run(frames) {
      for (const frame of frames) checkUpMessage(decoder.decode(frame));
    },
  };
}

/** @param where of the subscription: '' for all devices; without it nobody subscribes */
async function ingesting(what: string, where?: string): Promise<Lane> {
  const cloud = startIngestCloud(devices);
  for (const frame of beginning) cloud.take(frame);
  // That they are fresh is told a slice at a time.
  await new Promise((resolve) => setTimeout(resolve, 1000 + devices));
  const subscriber = where === undefined ? undefined : await cloud.subscribe(subscription(where));
  const seesAll = where === '';
  // The snapshot and its end.
  let due = devices * 10 + 1;
  if (seesAll) await subscriber?.upTo(due);
  else void subscriber?.upTo(Number.POSITIVE_INFINITY);
  return {
    what,
    costs: [],
    async run(frames) {
      for (const frame of frames) {
        cloud.take(frame);
        // Frames come one after the other: in between the event loop turns.
        await new Promise((resolve) => setImmediate(resolve));
        due += batch;
        if (seesAll) await subscriber?.upTo(due);
      }
    },
  };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

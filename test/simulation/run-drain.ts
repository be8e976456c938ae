import { drain } from './drain.ts';

/**
 * `node test/simulation/run-drain.ts`: `DRAIN_HOURS` simulated hours (72) offline with `DRAIN_PROPERTIES` (1000) that report every second, then
 * the backlog goes up over a line of `DRAIN_BYTES` a second (250 000) and a tenth of a second. Says what it found, and fails where it
 * is not what the docs promise (docs/testing.md).
 */
const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const DISK_BUDGET = 512 * 1024 * 1024;

const startedAt = performance.now();
const facts = await drain({
  offlineSeconds: number('DRAIN_HOURS', 72) * 3600,
  properties: number('DRAIN_PROPERTIES', 1000),
  bytesPerSecond: number('DRAIN_BYTES', 250_000),
  latencyMs: 100,
});
const worst = (times: number[]) => Math.max(...times);
const { liveMs, stateMs, ...counts } = facts;
const said = { ...counts, worstLiveMs: worst(liveMs), worstStateMs: worst(stateMs), live: liveMs.length };
process.stdout.write(`${JSON.stringify(said)}\n${Math.round((performance.now() - startedAt) / 1000)} s\n`);
const holds =
  facts.missing === facts.dropped &&
  facts.outOfOrder === 0 &&
  facts.outboxLeft === 0 &&
  worst(liveMs) < 1000 &&
  worst(stateMs) < 1000 &&
  facts.diskBytes <= DISK_BUDGET;
process.exitCode = holds ? 0 : 1;

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFleetPki } from './tunnel/pki.ts';

/**
 * A fleet that connects at once, and comes back after its gateway was killed: real TLS with client certificates, gateway and
 * nodes in processes of their own. One line of JSON per figure. Run: node bench/tunnel-storm.ts [--nodes 5000]
 */
const { values } = parseArgs({ options: { nodes: { type: 'string', default: '5000' } } });
const NODES = Number(values.nodes);
const PATIENCE_MS = 300_000;

const say = (figure: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const now = () => performance.timeOrigin + performance.now();
const seconds = (ms: number) => Math.round(ms / 10) / 100;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const start = (program: string): ChildProcess =>
  fork(fileURLToPath(new URL(program, import.meta.url)), {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
  });

interface Figures {
  sessions: number;
  admitted: number;
  accepted: number;
  shed: number;
  rss: number;
  cpuMs: number;
}

async function startGateway(port: number, tls: object) {
  const child = start('./tunnel/gateway.ts');
  child.send({ start: { port, tls, fleetSize: NODES } });
  const [{ port: taken }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port: taken,
    child,
    async figures(): Promise<Figures> {
      child.send({});
      return ((await once(child, 'message')) as [Figures])[0];
    },
  };
}

/** Resolves with the times at which the nodes came up, after `from`. */
async function allUp(ups: Map<number, number>, from: number): Promise<number[]> {
  const deadline = now() + PATIENCE_MS;
  while (ups.size < NODES && now() < deadline) await pause(100);
  return [...ups.values()].map((at) => at - from).sort((a, b) => a - b);
}

const percentile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const pki = await createFleetPki(NODES);
let gateway = await startGateway(0, pki.server);
const before = await gateway.figures();

const fleet = start('./tunnel/fleet.ts');
const ups = new Map<number, number>();
const errors = new Map<string, number>();
fleet.on(
  'message',
  ({ index, up, at, lastError }: { index: number; up: boolean; at: number; lastError?: string }) => {
    if (up) ups.set(index, at);
    else {
      ups.delete(index);
      const words = (lastError ?? '').replaceAll(/\d+/g, 'N');
      errors.set(words, (errors.get(words) ?? 0) + 1);
    }
  },
);

const tell = async (what: string, from: number) => {
  const took = await allUp(ups, from);
  const { accepted, admitted, shed, rss, sessions, cpuMs } = await gateway.figures();
  say({
    what,
    nodes: NODES,
    up: took.length,
    p50s: seconds(percentile(took, 0.5)),
    p95s: seconds(percentile(took, 0.95)),
    lasts: seconds(took.at(-1) ?? 0),
    perSecond: Math.round((took.length / (took.at(-1) ?? 1)) * 1000),
    shedBeforeTls: shed,
    handshakes: accepted,
    wastedPercent: Math.round(((accepted - sessions) / accepted) * 10_000) / 100,
    admitted,
    gatewayCpuMsPerNode: Math.round((cpuMs / NODES) * 10) / 10,
    gatewayRssMb: Math.round(rss / 1e6),
    errors: Object.fromEntries(errors),
  });
  errors.clear();
  return rss;
};

const startedAt = now();
fleet.send({ port: gateway.port, nodes: pki.nodes });
await tell('all nodes start at once', startedAt);
// Long enough for a ping of each: that is how they learn how many they are.
await pause(15_000);
const held = await gateway.figures();
say({
  what: 'memory per tunnel in the gateway',
  kb: Math.round((held.rss - before.rss) / NODES / 1024),
  rssMb: Math.round(held.rss / 1e6),
});

const killedAt = now();
gateway.child.kill('SIGKILL');
await once(gateway.child, 'exit');
gateway = await startGateway(gateway.port, pki.server);
await pause(1000);
await tell('the gateway was killed and started again', killedAt);

fleet.kill('SIGKILL');
gateway.child.kill('SIGKILL');

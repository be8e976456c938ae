import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Disposables } from '../lib/disposables.ts';
import { createPki } from '../test/tunnel/harness.ts';
import { createNetwork, whyNoNamespaces } from '../test/tunnel/namespaces.ts';

/**
 * What an idle node costs: both ends on machines of their own (network namespaces), counted from
 * the IP header up. Needs root. Run: node bench/tunnel-idle.ts [--seconds 300]
 */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } });
const SECONDS = Number(values.seconds);
const PING_MS = 10_000;

const why = whyNoNamespaces();
if (why) {
  process.stderr.write(`not measured: ${why}\n`);
  process.exit(1);
}

const open = new Disposables();
const network = createNetwork(open);
const pki = await createPki();
const { cloud: host } = network.address;
const cloud = network.start('cloud', 'programs/cloud.ts', {
  tls: await pki.server({ hosts: [host] }),
  host,
  pingMs: PING_MS,
});
const port = (await cloud.next('listening ')).split(' ')[1];
const edge = network.start('edge', 'programs/edge.ts', {
  tls: await pki.node('edge-a'),
  url: `wss://${host}:${port}`,
  pingMs: PING_MS,
});
await edge.next('connected');

/** What the edge's machine sent and received since it was made, from the IP header up; it does nothing else. */
function countedBytes(): number {
  const [names = '', values = ''] = execFileSync(
    'ip',
    ['netns', 'exec', network.edge, 'cat', '/proc/net/netstat'],
    {
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'));
  const value = (name: string) => Number(values.split(' ')[names.split(' ').indexOf(name)]);
  return value('InOctets') + value('OutOctets');
}

// What neighbours say when they first meet is not of the tunnel.
await new Promise((resolve) => setTimeout(resolve, 5000));
const before = countedBytes();
await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
const bytes = countedBytes() - before;
process.stdout.write(
  `${JSON.stringify({
    what: 'idle node',
    pingMs: PING_MS,
    seconds: SECONDS,
    kilobytesPerHour: Math.round((bytes * 3.6) / SECONDS),
    bytesPerPing: Math.round((bytes * PING_MS) / 1000 / SECONDS),
  })}\n`,
);
await open.close();

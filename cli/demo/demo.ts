import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Started } from '../command.ts';
import { startControl } from './control.ts';
import { joinTokenPath, removeJoinTokens, writeJoinTokens } from './join-tokens.ts';
import { assertPortsFree, type DemoLayout, type DemoNode, HOST, THERMOSTATS } from './layout.ts';
import { type Link, startLink } from './link.ts';
import { demoManifests } from './manifests.ts';
import { Processes } from './processes.ts';
import { waitUntilLive } from './ready.ts';
import { seedCluster } from './seed.ts';

export interface DemoOptions {
  layout: DemoLayout;
  clock: Clock;
  /** A line for the person in front of it. */
  say(line: string): void;
}

/** Longest wait between two dials of an edge node: in a demo nobody wants to wait for the next try. */
const RECONNECT_CAP_MS = 1000;

/** Kubernetes API, cloud gateway, edge nodes and devices, each a process of its own, and a link per node to break. */
export async function startDemo({ layout, clock, say }: DemoOptions): Promise<Started> {
  await assertPortsFree(layout);
  mkdirSync(layout.stateDir, { recursive: true });
  removeJoinTokens(layout);
  const open = new Disposables();
  try {
    const processes = new Processes({ logDir: join(layout.stateDir, 'logs'), clock, say });
    open.add(() => processes.stop());
    const links = new Map<string, Link>();
    for (const { name } of layout.nodes) links.set(name, open.use(await startLink(name, layout.tunnelPort)));

    // Everybody else waits for nobody: the edge nodes join and dial until the cloud is there, the rooms until their broker is.
    const others = Promise.all([
      ...layout.nodes.map((node) => processes.start(`plant-${node.name}`, plantArgs(node))),
      ...layout.nodes.map((node) =>
        processes.start(node.name, configured(layout, node.name, 'edge', edgeSettings(layout, node, links))),
      ),
    ]);
    const kubeSettings = {
      listen: `${HOST}:${layout.kubePort}`,
      'state-dir': join(layout.stateDir, 'kube'),
      kubeconfig: layout.kubeconfig,
    };
    await processes.start('kube', configured(layout, 'kube', 'kube', kubeSettings));
    const manifests = demoManifests(layout.nodes);
    await Promise.all([
      writeJoinTokens(layout, clock),
      seedCluster(layout.kubeconfig, manifests, clock),
      processes.start('cloud', configured(layout, 'cloud', 'cloud', cloudSettings(layout))),
      others,
    ]);
    open.use(await startControl(layout.controlSocket, (words) => handleControl(words, links)));
    const devices = manifests.filter(({ collection }) => collection.endsWith('/devices'));
    const names = devices.map(({ object }) => object.metadata.name);
    await waitUntilLive(graphqlUrl(layout.cloudPort), names, clock);
    const tell = () =>
      writeFileSync(layout.file, `${JSON.stringify({ layout, processes: processes.pids() }, null, 2)}\n`);
    processes.onStart(tell);
    tell();
    return { addresses: { graphql: graphqlUrl(layout.cloudPort) }, close: () => open.close() };
  } catch (error) {
    await open.close();
    throw error;
  }
}

export const graphqlUrl = (port: number): string => `http://${HOST}:${port}/graphql`;

async function handleControl(words: string[], links: Map<string, Link>): Promise<string> {
  const [command, nodeName = '', state = ''] = words;
  const link = links.get(nodeName);
  if (command !== 'link' || !link || (state !== 'up' && state !== 'down')) {
    throw new OctographError('DEMO', `expected <node> up|down with one of ${[...links.keys()].join(', ')}`);
  }
  await link.set(state === 'up');
  return `the link of ${nodeName} is ${state}`;
}

/** Settings in a file, so that whoever looks at the process list sees what runs, and can start it by hand. */
function configured(
  layout: DemoLayout,
  name: string,
  command: string,
  settings: Record<string, unknown>,
): string[] {
  const path = join(layout.stateDir, `${name}.yaml`);
  writeFileSync(path, stringify(settings));
  return [command, '--config', path];
}

const plantArgs = ({ room, modbusPort, mqttPort }: DemoNode): string[] => [
  'simulate',
  ...['--modbus-listen', `${HOST}:${modbusPort}`],
  ...['--thermostats', String(THERMOSTATS)],
  ...['--mqtt-url', `mqtt://${HOST}:${mqttPort}`],
  ...['--room', room],
];

function edgeSettings(layout: DemoLayout, node: DemoNode, links: Map<string, Link>) {
  return {
    'node-name': node.name,
    'data-dir': join(layout.stateDir, node.name),
    listen: `${HOST}:${node.graphqlPort}`,
    anonymous: 'write',
    'mqtt-listen': `${HOST}:${node.mqttPort}`,
    cloud: `wss://${HOST}:${links.get(node.name)?.port}`,
    'join-token-file': joinTokenPath(layout, node.name),
    'reconnect-cap-ms': RECONNECT_CAP_MS,
  };
}

function cloudSettings(layout: DemoLayout) {
  return {
    listen: `${HOST}:${layout.cloudPort}`,
    anonymous: 'write',
    'state-dir': join(layout.stateDir, 'cloud'),
    kubeconfig: layout.kubeconfig,
    'tunnel-listen': `${HOST}:${layout.tunnelPort}`,
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import { listen } from '../../lib/listen.ts';

/** One edge node of the demo, with what stands around it. */
export interface DemoNode {
  name: string;
  room: string;
  graphqlPort: number;
  mqttPort: number;
  modbusPort: number;
}

/** Where everything is. */
export interface DemoLayout {
  stateDir: string;
  /** Tells others where the running demo is: its layout, and its processes by name. */
  file: string;
  kubeconfig: string;
  controlSocket: string;
  kubePort: number;
  cloudPort: number;
  tunnelPort: number;
  nodes: DemoNode[];
}

export const HOST = '127.0.0.1';
export const THERMOSTATS = 4;

export function defaultLayout(stateDir: string): DemoLayout {
  const root = resolve(stateDir);
  return {
    stateDir: root,
    file: join(root, 'demo.json'),
    kubeconfig: join(root, 'kubeconfig'),
    controlSocket: join(root, 'control.sock'),
    kubePort: 16443,
    cloudPort: 4000,
    tunnelPort: 4443,
    nodes: [
      { name: 'edge-a', room: 'room-a', graphqlPort: 4101, mqttPort: 18831, modbusPort: 15021 },
      { name: 'edge-b', room: 'room-b', graphqlPort: 4102, mqttPort: 18832, modbusPort: 15022 },
    ],
  };
}

/** The same demo on ports that were free at its first start, so that several run side by side. */
export async function freeLayout(stateDir: string): Promise<DemoLayout> {
  const layout = defaultLayout(stateDir);
  // The devices in its cluster name their ports: the next start on this state has to find them there.
  if (existsSync(layout.file)) return JSON.parse(readFileSync(layout.file, 'utf8')).layout;
  const ports = await freePorts(3 + layout.nodes.length * 3);
  const next = () => ports.pop() as number;
  return {
    ...layout,
    kubePort: next(),
    cloudPort: next(),
    tunnelPort: next(),
    nodes: layout.nodes.map((node) => ({
      ...node,
      graphqlPort: next(),
      mqttPort: next(),
      modbusPort: next(),
    })),
  };
}

/** @throws OctographError `PORT_TAKEN`, naming the port and what wants it, before anything was started */
export async function assertPortsFree(layout: DemoLayout): Promise<void> {
  const wanted: Array<[number, string]> = [
    [layout.kubePort, 'the Kubernetes API'],
    [layout.cloudPort, 'the cloud gateway'],
    [layout.tunnelPort, 'the tunnel'],
    ...layout.nodes.flatMap(
      ({ name, graphqlPort, mqttPort, modbusPort }): Array<[number, string]> => [
        [graphqlPort, `the GraphQL API of ${name}`],
        [mqttPort, `the MQTT broker of ${name}`],
        [modbusPort, `the Modbus devices of ${name}`],
      ],
    ),
  ];
  for (const [port, what] of wanted) await probe(port, what);
}

/** All at once, so that no two of them are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map((server) => listen(server, { host: HOST, port: 0 }, 'a free port')),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

async function probe(port: number, what: string): Promise<void> {
  const server = createServer();
  await listen(server, { host: HOST, port }, what).catch((error) => {
    if (codeOf(error) !== 'PORT_TAKEN') throw error;
    const hint =
      'if that is another demo, run this one beside it with --free-ports and a --state-dir of its own';
    throw new OctographError('PORT_TAKEN', `${messageOf(error)}: ${hint}`);
  });
  await new Promise((done) => server.close(done));
}

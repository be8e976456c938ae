import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Command, Started } from '../command.ts';
import { askControl } from '../demo/control.ts';
import { graphqlUrl, startDemo } from '../demo/demo.ts';
import { type DemoLayout, defaultLayout, freeLayout, HOST } from '../demo/layout.ts';

export const demoCommand: Command = {
  usage: 'octograph demo [settings], or octograph demo link NODE up|down',
  options: {
    'state-dir': { kind: 'text', default: '.octograph', help: 'where the demo keeps what it makes' },
    'free-ports': { kind: 'switch', help: 'take free ports instead of the usual ones' },
  },
  async run({ settings, positionals }) {
    const stateDir = settings['state-dir'] as string;
    const [action, ...words] = positionals;
    if (action === 'link') {
      const { controlSocket } = runningLayout(stateDir);
      process.stdout.write(`${await askControl(controlSocket, ['link', ...words])}\n`);
      return undefined;
    }
    if (action !== undefined)
      throw new OctographError('SETTINGS', `demo ${action}: expected nothing, or link NODE up|down`);
    return runDemo(settings['free-ports'] ? await freeLayout(stateDir) : defaultLayout(stateDir));
  },
};

async function runDemo(layout: DemoLayout): Promise<Started> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say('Starting Kubernetes API, cloud gateway, two edge nodes and their devices …');
  const startedAt = systemClock.monotonic();
  const demo = await startDemo({ layout, clock: systemClock, say });
  say(welcome(layout, systemClock.monotonic() - startedAt));
  watchParent();
  return demo;
}

/** npm may be ended without a word to us: a process that lost its parent is told by its new one. */
function watchParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 1000).unref();
}

function runningLayout(stateDir: string): DemoLayout {
  const layout = defaultLayout(stateDir);
  return existsSync(layout.file) ? JSON.parse(readFileSync(layout.file, 'utf8')).layout : layout;
}

function welcome(layout: DemoLayout, tookMs: number): string {
  const cloud = graphqlUrl(layout.cloudPort);
  const nodes = layout.nodes.flatMap(({ name, graphqlPort, mqttPort, modbusPort }) => [
    `  ${name.padEnd(16)} ${graphqlUrl(graphqlPort)}`,
    `  ${''.padEnd(16)} MQTT ${HOST}:${mqttPort}   Modbus ${HOST}:${modbusPort}`,
  ]);
  const query = '{ devices { edges { node { name nodeName twins { property reported { value } } } } } }';
  const subscription =
    'subscription { twins(properties: ["temperature"]) { kind deviceRef { name } twin { reported { value } } } }';
  return `
Octograph is up after ${(tookMs / 1000).toFixed(1)} s.

  dashboard        ${cloud.replace('/graphql', '/')}   (fleet; each edge node has its own, at the address below without /graphql)
  cloud gateway    ${cloud}   (GraphiQL: ${cloud.replace('/graphql', '/graphiql/')})
${nodes.join('\n')}
  Kubernetes API   https://${HOST}:${layout.kubePort}   (kubectl --kubeconfig ${layout.kubeconfig} get devices)
  tunnel           wss://${HOST}:${layout.tunnelPort}

Try, in another terminal:

  curl -s ${cloud} -H 'content-type: application/json' \\
    -d '${JSON.stringify({ query })}'

  curl -sN ${cloud} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
    -d '${JSON.stringify({ query: subscription })}'

  npm run demo:link -- ${layout.nodes[0]?.name} down      (and: up)

A process that dies is started again. Ctrl-C ends everything.`;
}

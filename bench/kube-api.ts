import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type KubeApi, startKubeApi } from '../kube-api/index.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';

/**
 * The embedded Kubernetes API, in a process of its own: bytes per device in memory and on disk, writes per second, and how
 * long lists take while watches are open and devices change. One line of JSON per figure.
 * Run: node bench/kube-api.ts [--devices 10000] [--watches 50] [--lists 200]
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '10000' },
    watches: { type: 'string', default: '50' },
    lists: { type: 'string', default: '200' },
    server: { type: 'string' },
  },
});
const DEVICES = Number(values.devices);
const WATCHES = Number(values.watches);
const LISTS = Number(values.lists);
const PATH = '/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices';

type Server = Pick<KubeApi, 'url' | 'token' | 'caPem'>;
const say = (figure: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(figure)}\n`);

const device = (index: number) => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name: `device-${index}`, labels: { site: `site-${index % 100}` } },
  spec: {
    deviceModelRef: { name: 'thermostat' },
    nodeName: `edge-${index % 20}`,
    protocol: { protocolName: 'modbus', configData: { host: '10.0.0.1', port: 502, unit: index % 247 } },
    properties: Array.from({ length: 5 }, (_, property) => ({
      name: `property-${property}`,
      collectCycle: 1000,
      desired: { value: '21.5' },
      visitors: { protocolName: 'modbus', configData: { register: 'HoldingRegister', offset: property } },
    })),
  },
});

/** The server's process: tells what it holds when it is asked to. */
async function serve(directory: string): Promise<void> {
  const { url, token, caPem } = await startKubeApi({
    stateDir: join(directory, 'state'),
    listen: { host: '127.0.0.1', port: 0 },
    kubeconfigPath: join(directory, 'kubeconfig'),
    clock: systemClock,
    logger: silentLogger,
  });
  process.on('message', () => {
    global.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.send?.({ rss, heapUsed });
  });
  process.send?.({ url, token, caPem });
}

const agent = new Agent({ keepAlive: true });
async function open(
  server: Server,
  method: string,
  path: string,
  body?: object,
  contentType = 'application/json',
) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': contentType };
  const sent = request(`${server.url}${path}`, { method, headers, agent, ca: server.caPem });
  sent.end(body && JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
async function ask(...given: Parameters<typeof open>): Promise<number> {
  const response = await open(...given);
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
  if (response.statusCode! >= 300)
    throw new Error(`${given[1]} ${given[2]} was answered with ${response.statusCode}`);
  return bytes;
}

async function memoryOf(child: ChildProcess): Promise<{ rss: number; heapUsed: number }> {
  child.send('memory');
  const [memory] = await once(child, 'message');
  return memory;
}

const quantile = (sorted: number[], part: number) =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;

async function measureLists(server: Server, what: string, query: string): Promise<void> {
  const times: number[] = [];
  let bytes = 0;
  for (let index = 0; index < LISTS; index++) {
    const startedAt = performance.now();
    bytes = await ask(server, 'GET', PATH + query);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  say({ figure: 'list', what, bytes, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) });
}

async function measure(directory: string): Promise<void> {
  const script = new URL(import.meta.url).pathname;
  const child = fork(script, ['--server', directory], { execArgv: ['--expose-gc'] });
  const [server] = (await once(child, 'message')) as [Server];
  try {
    const before = await memoryOf(child);
    const startedAt = performance.now();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let index = writer; index < DEVICES; index += 8) await ask(server, 'POST', PATH, device(index));
    });
    await Promise.all(writers);
    const seconds = (performance.now() - startedAt) / 1000;
    say({ figure: 'creates per second', value: Math.round(DEVICES / seconds), durable: true });
    const after = await memoryOf(child);
    const perDevice = (bytes: number) => Math.round(bytes / DEVICES);
    const files = ['kube.sqlite', 'kube.sqlite-wal'].map(
      (file) => statSync(join(directory, 'state', file)).size,
    );
    say({
      figure: 'bytes per device',
      json: Buffer.byteLength(JSON.stringify(device(0))),
      heap: perDevice(after.heapUsed - before.heapUsed),
      rss: perDevice(after.rss - before.rss),
      disk: perDevice(files.reduce((sum, size) => sum + size, 0)),
      serverRssMb: Math.round(after.rss / 2 ** 20),
    });

    let events = 0;
    for (let watch = 0; watch < WATCHES; watch++) {
      const response = await open(server, 'GET', `${PATH}?watch=1&resourceVersion=${DEVICES}`);
      response.on('data', (chunk: Buffer) => {
        events += chunk.toString().split('\n').length - 1;
      });
      response.on('error', () => {});
    }
    let writing = true;
    let writes = 0;
    const change = async () => {
      for (; writing; writes++) {
        const patch = [{ op: 'replace', path: '/spec/properties/0/desired/value', value: String(writes) }];
        await ask(
          server,
          'PATCH',
          `${PATH}/device-${writes % DEVICES}`,
          patch,
          'application/json-patch+json',
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const changing = change();
    await measureLists(server, `all ${DEVICES}`, '');
    await measureLists(server, 'a page of 500', '?limit=500');
    await measureLists(server, 'by label, 1 of 100', '?labelSelector=site%3Dsite-7');
    writing = false;
    await changing;
    const { rss } = await memoryOf(child);
    say({ figure: 'watches', open: WATCHES, writes, events, serverRssMb: Math.round(rss / 2 ** 20) });
  } finally {
    agent.destroy();
    child.kill();
    await once(child, 'exit');
  }
}

if (values.server) await serve(values.server);
else {
  const directory = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
  await measure(directory).finally(() => rmSync(directory, { recursive: true, force: true }));
}

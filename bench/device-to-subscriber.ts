import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';
import { createKubeClient } from '../kubernetes/client.ts';
import { loadKubeConfig } from '../kubernetes/kube-config.ts';
import { systemClock } from '../lib/clock.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import { BuiltProcesses, freePort } from './cloud/built-processes.ts';

/**
 * From a device to a subscriber in the cloud, everything durable on its way: an MQTT device publishes the moment as its value, the
 * edge node commits it (10 ms window), the tunnel carries it, and a graphql-transport-ws client that selects a field of the
 * cloud's too reads it. One clock for both ends; each process is `octograph` from `dist/`. Beside it, as the machine's own share: a timer
 * of 10 ms and a write of 4 KB with `fdatasync`, again and again.
 *
 *     npm run build && node bench/device-to-subscriber.ts [--rate 1000] [--seconds 30]
 */
const { values } = parseArgs({
  options: { rate: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '30' } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
const HOST = '127.0.0.1';
const DEVICES = 100;
const PROPERTIES = Array.from({ length: 10 }, (_, index) => `p${index}`);
const API = '/apis/devices.kubeedge.io/v1beta1/namespaces/default';
const SUBSCRIPTION = `subscription { twins {
  kind property
  device { name model { name } }
  twin { reported { value } } } }`;

const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
const processes = new BuiltProcesses(folder);
try {
  const [kubePort, cloudPort, tunnelPort, edgePort, mqttPort] = await Promise.all(
    Array.from({ length: 5 }, freePort),
  );
  const kubeconfig = join(folder, 'kubeconfig');
  await processes.start('kube', {
    listen: `${HOST}:${kubePort}`,
    'state-dir': join(folder, 'kube'),
    kubeconfig,
  });
  await createDevices(kubeconfig);
  await processes.start('cloud', {
    listen: `${HOST}:${cloudPort}`,
    anonymous: 'read',
    'state-dir': join(folder, 'cloud'),
    kubeconfig,
    'tunnel-listen': `${HOST}:${tunnelPort}`,
  });
  await processes.start('edge', {
    'node-name': 'edge-a',
    'data-dir': join(folder, 'edge'),
    listen: `${HOST}:${edgePort}`,
    'mqtt-listen': `${HOST}:${mqttPort}`,
    cloud: `wss://${HOST}:${tunnelPort}`,
    token: processes.run('token', 'create', '--kubeconfig', kubeconfig).trim(),
  });

  const device = await connectAsync(`mqtt://${HOST}:${mqttPort}`);
  const publish = (index: number) => {
    const name = `device-${Math.floor(index / PROPERTIES.length) % DEVICES}`;
    device.publish(`${name}/${PROPERTIES[index % PROPERTIES.length]}`, String(now()));
  };
  const subscriber = await subscribe(`ws://${HOST}:${cloudPort}/graphql`);
  // Until the node holds its devices, what they publish is nobody's.
  while (subscriber.ages.length === 0) {
    publish(0);
    await pause(100);
  }
  await run(publish, rate * 5);
  await subscriber.quiet();
  subscriber.ages.length = 0;
  const bare = bareCommits(join(folder, 'bare'));
  const cpu = processes.cpuMs();
  await run(publish, rate * seconds);
  const bareAges = await bare.stop();
  await subscriber.quiet();

  const { ages } = subscriber;
  const shares = Object.entries(processes.cpuMs()).map(
    ([name, ms]) => `${name} ${(((ms - (cpu[name] ?? 0)) / seconds / 1000) * 100).toFixed(0)} %`,
  );
  process.stdout.write(
    `device to cloud subscriber, ${rate} updates/s: ${spread(ages)}; ` +
      `10 ms and a synced write alone: ${spread(bareAges)}; ${ages.length} of ${rate * seconds} came, ${subscriber.gaps} gaps; of a core: ${shares.join(', ')}; ` +
      `load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  await device.endAsync();
  subscriber.close();
} finally {
  await processes.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function createDevices(kubeconfig: string): Promise<void> {
  const client = createKubeClient({ config: loadKubeConfig({ kubeconfig }), clock: systemClock });
  const model: DeviceModelObject = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name: 'sensor', namespace: 'default' },
    spec: { protocol: 'mqtt', properties: PROPERTIES.map((name) => ({ name, type: 'DOUBLE' })) },
  };
  await client.create(`${API}/devicemodels`, model);
  for (let index = 0; index < DEVICES; index++) {
    const name = `device-${index}`;
    const visitors = (property: string) => ({
      protocolName: 'mqtt',
      configData: { topic: `${name}/${property}` },
    });
    const device: DeviceObject = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'Device',
      metadata: { name, namespace: 'default' },
      spec: {
        deviceModelRef: { name: 'sensor' },
        nodeName: 'edge-a',
        protocol: { protocolName: 'mqtt', configData: {} },
        properties: PROPERTIES.map((property) => ({ name: property, visitors: visitors(property) })),
      },
    };
    await client.create(`${API}/devices`, device);
  }
  client.close();
}

/** Each of them when it is due, and what a late timer left out at once. */
async function run(publish: (index: number) => void, count: number): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; sent < count; await pause(1)) {
    const due = Math.min(count, ((performance.now() - startedAt) / 1000) * rate);
    for (; sent < due; sent++) publish(sent);
  }
}

/** What a commit takes at least, on this machine at this moment. */
function bareCommits(path: string) {
  const ages: number[] = [];
  let isStopped = false;
  const running = (async () => {
    const file = await open(path, 'w');
    const block = Buffer.alloc(4096);
    while (!isStopped) {
      const startedAt = now();
      await pause(10);
      await file.write(block, 0, block.length, 0);
      await file.datasync();
      ages.push(now() - startedAt);
    }
    await file.close();
  })();
  return {
    async stop() {
      isStopped = true;
      await running;
      return ages;
    },
  };
}

function spread(ages: number[]): string {
  const sorted = ages.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

interface Frame {
  type: string;
  payload?: {
    data?: {
      twins: {
        kind: string;
        property: string;
        device: { name: string; model: { name: string } } | null;
        twin: { reported: { value: number } | null } | null;
      };
    };
  };
}

async function subscribe(url: string) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const told = new Map<string, number>();
  const subscriber = {
    /** Milliseconds from publication to receipt. */
    ages: [] as number[],
    gaps: 0,
    /** Until nothing came for a second. */
    async quiet() {
      for (let before = -1; before !== subscriber.ages.length; await pause(1000))
        before = subscriber.ages.length;
    },
    close: () => socket.close(),
  };
  socket.on('message', (data) => {
    const receivedAt = now();
    const { type, payload } = JSON.parse(String(data)) as Frame;
    if (type === 'connection_ack')
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }));
    if (type !== 'next') return;
    const event = payload?.data?.twins;
    if (!event) throw new Error(String(data));
    if (event.kind === 'GAP') subscriber.gaps++;
    const value = event.twin?.reported?.value;
    if (event.kind !== 'UPDATED' || value === undefined) return;
    if (event.device?.model.name !== 'sensor') throw new Error(String(data));
    // The same value again tells that the twin is fresh now.
    const key = `${event.device.name}/${event.property}`;
    if (told.get(key) === value) return;
    told.set(key, value);
    subscriber.ages.push(receivedAt - value);
  });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  return subscriber;
}

/** Milliseconds, the same in every process of the machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

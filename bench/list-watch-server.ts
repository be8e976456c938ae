import { createServer, type ServerResponse } from 'node:http';
import { collectionPath, DEVICE_MODELS, DEVICE_OBJECTS, NODES, PODS } from '../kubernetes/resources.ts';
import { listen } from '../lib/listen.ts';

/**
 * A Kubernetes API of many objects that nobody changes: lists in pages and watches that stay silent. Each object is made when
 * it is asked for, with the managedFields that a real server sends along.
 *
 *     node bench/list-watch-server.ts <nodes> <pods> <devices>     # prints its port; ends with its parent
 */
const [nodes = 0, pods = 0, devices = 0] = process.argv.slice(2).map(Number);

const MODELS = 20;

const KINDS = new Map<string, { count: number; make: (index: number) => object }>([
  [collectionPath(NODES), { count: nodes, make: node }],
  [collectionPath(PODS), { count: pods, make: pod }],
  [collectionPath(DEVICE_OBJECTS), { count: devices, make: device }],
  [collectionPath(DEVICE_MODELS), { count: MODELS, make: model }],
]);

const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://localhost');
  const { count, make } = KINDS.get(url.pathname) ?? { count: 0, make: () => ({}) };
  response.setHeader('content-type', 'application/json');
  if (url.searchParams.has('watch')) response.flushHeaders();
  else sendPage(response, url.searchParams, count, make);
});

function sendPage(
  response: ServerResponse,
  query: URLSearchParams,
  count: number,
  make: (index: number) => object,
): void {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(count, from + Number(query.get('limit') ?? count));
  const items = Array.from({ length: to - from }, (_, index) => make(from + index));
  const metadata = { resourceVersion: '1', continue: to < count ? String(to) : undefined };
  response.end(JSON.stringify({ metadata, items }));
}

function meta(kind: string, name: string, namespace?: string) {
  return {
    name,
    namespace,
    uid: `00000000-${kind}-4000-8000-${name.padStart(12, '0')}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'app.kubernetes.io/name': kind, room: `room-${name.length}` },
    managedFields: [
      {
        manager: 'kubectl-client-side-apply',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {}, 'f:room': {} } },
          'f:spec': { 'f:nodeName': {}, 'f:properties': {}, 'f:protocol': { '.': {}, 'f:protocolName': {} } },
        },
      },
    ],
  };
}

function node(index: number) {
  const condition = { status: 'False', reason: 'KubeletHasSufficient', message: 'kubelet has enough of it' };
  const types = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];
  return {
    metadata: meta('node', `n${index}`),
    spec: { podCIDR: `10.${index >> 8}.${index & 255}.0/24`, taints: [] },
    status: {
      capacity: { cpu: '4', memory: '16Gi', pods: '110' },
      allocatable: { cpu: '4', memory: '15Gi', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'Hostname', address: `n${index}` },
      ],
      conditions: types.map((type) => ({ type, ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' })),
      nodeInfo: {
        architecture: 'arm64',
        kubeletVersion: 'v1.34.1',
        operatingSystem: 'linux',
        osImage: 'Debian',
      },
    },
  };
}

function pod(index: number) {
  return {
    metadata: {
      ...meta('pod', `p${index}`, `ns-${index % 50}`),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: `r${index % 500}` }],
    },
    spec: {
      nodeName: `n${index % nodes}`,
      containers: [
        {
          name: 'app',
          image: 'example/app:1.2.3',
          env: [{ name: 'MODE', value: 'production' }],
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
        },
      ],
      volumes: [
        { name: 'token', projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607 } }] } },
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.1.2.3',
      startTime: '2026-01-01T00:00:00Z',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
      })),
      containerStatuses: [
        { name: 'app', image: 'example/app:1.2.3', ready: true, restartCount: 0, state: { running: {} } },
      ],
    },
  };
}

function device(index: number) {
  const properties = ['temperature', 'setpoint', 'mode'].map((name, offset) => ({
    name,
    collectCycle: 1000,
    reportCycle: 1000,
    reportToCloud: true,
    ...(offset === 1 ? { desired: { value: '21.5', metadata: { type: 'float' } } } : {}),
    visitors: {
      protocolName: 'modbus',
      configData: { register: 'HoldingRegister', offset, limit: 1, scale: 0.1 },
    },
  }));
  return {
    metadata: meta('device', `d${index}`, `ns-${index % 50}`),
    spec: {
      deviceModelRef: { name: `m${index % MODELS}` },
      nodeName: `n${index % nodes}`,
      protocol: { protocolName: 'modbus', configData: { ip: '10.0.0.9', port: 502, slaveID: index % 247 } },
      properties,
    },
  };
}

function model(index: number) {
  const properties = ['temperature', 'setpoint', 'mode'].map((name) => ({
    name,
    type: 'FLOAT',
    accessMode: 'ReadWrite',
  }));
  return { metadata: meta('model', `m${index}`, 'ns-0'), spec: { protocol: 'modbus', properties } };
}

process.stdout.write(
  `${await listen(server, { host: '127.0.0.1', port: 0 }, 'the list and watch server')}\n`,
);
// Whoever started us holds the other end of standard input.
process.stdin.on('end', () => process.exit()).resume();

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { type Broker, startBroker } from '../../../bus/broker.ts';
import { type CloudGateway, startCloud } from '../../../cloud/cloud.ts';
import { type EdgeNode, type EdgeNodeOptions, startEdgeNode } from '../../../edge-node/edge-node.ts';
import { collectionPath, DEVICE_MODELS, DEVICE_OBJECTS, NODES } from '../../../kubernetes/resources.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { startFaultProxy } from '../../harness/fault-proxy.ts';
import { query, subscribeWs } from '../../harness/graphql-client.ts';
import { deviceObject, modelObject } from '../../harness/objects.ts';
import { waitFor } from '../../harness/wait.ts';
import { SHARED, startEmbedded } from '../../kubernetes/embedded.ts';
import { createPki } from '../../tunnel/harness.ts';

export const NODE = 'edge-a';
const LOOPBACK = { host: '127.0.0.1', port: 0 };

const MESSAGES = `subscription ($topic: String!, $nodeName: String, $after: String) {
  messages(topic: $topic, nodeName: $nodeName, after: $after) {
    kind cursor nodeName node { name } message { topic payload encoding receivedAt } gap { dropped }
  }
}`;

const PUBLISH = `mutation ($input: PublishInput!) { publish(input: $input) {
  __typename
  ... on MessagePublished { id }
  ... on MessageStored { id expiresAt }
  ... on MessageRejected { code message }
} }`;

/** A cluster, a cloud gateway, a line that can break, and one edge node with an MQTT broker. */
export async function startSite(
  options: { edge?: Partial<EdgeNodeOptions>; brokerUrl?: string; isWithoutBus?: boolean } = {},
) {
  const { cluster, kubeconfig } = await startEmbedded();
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } };
  await cluster.client.create(collectionPath(NODES), node as never);
  const folder = mkdtempSync(join(tmpdir(), 'octograph-messages-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const pki = await createPki();

  let cloud: CloudGateway | undefined;
  const cloudTls = await pki.server();
  const startGateway = async () => {
    cloud = await startCloud({
      kubernetes: { kubeconfig },
      listen: LOOPBACK,
      access: { anonymous: 'write' },
      graphiql: false,
      tunnel: {
        listen: { ...LOOPBACK, port: cloud?.tunnelPort ?? 0 },
        identity: { tls: cloudTls },
        pingMs: 1000,
      },
      statusWritesPerSecond: 10,
      leaseNamespace: 'default',
      stateDir: join(folder, 'cloud'),
      ...SHARED,
    });
  };
  await startGateway();
  onTestFinished(() => cloud?.close());
  const line = await startFaultProxy({ port: cloud!.tunnelPort });
  onTestFinished(() => line.close());

  let broker: Broker | undefined;
  const startBus = async () => {
    if (options.brokerUrl) return;
    const { port = 0 } = broker ?? {};
    broker = await startBroker({ ...LOOPBACK, port, ...SHARED, sessionsPath: join(folder, 'broker.db') });
  };
  await startBus();
  onTestFinished(() => broker?.close());
  const brokerUrl = options.brokerUrl ?? broker!.url;
  const edgeTls = await pki.node(NODE);
  let edge: EdgeNode | undefined;
  const startEdge = async () => {
    edge = await startEdgeNode({
      nodeName: NODE,
      dataDir: join(folder, 'edge'),
      listen: LOOPBACK,
      access: { anonymous: 'write' },
      graphiql: false,
      tunnel: { url: `wss://127.0.0.1:${line.port}`, tls: edgeTls, backoffCapMs: 100, pingMs: 1000 },
      mappers: [],
      bus: options.isWithoutBus ? undefined : { url: brokerUrl },
      messages: { filters: ['plant/#'] },
      ...SHARED,
      logger: silentLogger,
      ...options.edge,
    });
  };
  await startEdge();
  onTestFinished(() => edge?.close());
  const program = await connectAsync(brokerUrl);
  onTestFinished(() => program.endAsync(true));

  const linkIs = (state: 'UP' | 'DOWN') =>
    waitFor(`the link to be ${state}`, async () => {
      const text = `{ node(name: "${NODE}") { edgeNode { link { state } } } }`;
      return (await query(cloud!.url, text)).data?.node?.edgeNode?.link.state === state;
    });
  await linkIs('UP');
  await waitFor('the bus of the node', async () => {
    if (options.isWithoutBus) return true;
    const input = { nodeName: NODE, topic: 'probe', payload: '' };
    return (await query(edge!.url, PUBLISH, { input })).data.publish?.__typename === 'MessagePublished';
  });

  const follow = async (url: string, topic: string, more: { nodeName?: string; after?: string } = {}) => {
    const subscription = subscribeWs(url, MESSAGES, { topic, ...more });
    onTestFinished(() => subscription.close());
    if (more.after === undefined)
      await subscription.find('the begin', ({ messages }) => messages.kind === 'SUBSCRIBED');
    const events = () => subscription.results.map(({ data }) => data.messages);
    const payloads = (): string[] =>
      events().flatMap(({ kind, message }) => (kind === 'MESSAGE' ? [message.payload] : []));
    return {
      ...subscription,
      events,
      payloads,
      heard: (payload: string) => waitFor(`message ${payload}`, () => payloads().includes(payload)),
    };
  };

  /** A device of the node whose own program speaks on the bus. */
  const createDevice = async (name: string, annotations: Record<string, string> = {}) => {
    const { client } = cluster;
    const { metadata: _metadata, ...model } = modelObject();
    const { spec, apiVersion, kind } = deviceObject(name, { nodeName: NODE });
    await client.create(collectionPath(DEVICE_MODELS, 'default'), {
      ...model,
      metadata: { name: 'thermostat', namespace: 'default' },
    } as never);
    await client.create(collectionPath(DEVICE_OBJECTS, 'default'), {
      ...{ apiVersion, kind, metadata: { name, namespace: 'default', annotations } },
      spec: { ...spec, protocol: { protocolName: 'vendor' } },
    } as never);
    await waitFor(`${name} at the edge`, async () => {
      const { data } = await query(edge!.url, `{ device(name: "${name}") { name } }`);
      return data?.device;
    });
  };

  return {
    createDevice,
    line,
    program,
    startBus,
    stopBus: () => broker!.close(),
    cloudUrl: () => cloud!.url,
    edgeUrl: () => edge!.url,
    linkIs,
    async breakLink() {
      await line.refuse(true);
      line.cut();
      await linkIs('DOWN');
    },
    async mendLink() {
      await line.refuse(false);
      await linkIs('UP');
    },
    async restartCloud() {
      await cloud!.close();
      await startGateway();
    },
    stopEdge: () => edge!.close(),
    startEdge,
    follow,
    publish: async (url: string, input: Record<string, unknown>) => {
      const { data, errors } = await query(url, PUBLISH, { input: { nodeName: NODE, ...input } });
      if (errors) throw new Error(JSON.stringify(errors));
      return data.publish;
    },
  };
}

/** A program on the bus that writes down what it hears. */
export async function listenOnBus(client: MqttClient, topic: string): Promise<string[]> {
  const heard: string[] = [];
  client.on('message', (at, payload) => {
    if (at.startsWith(topic.replace('/#', ''))) heard.push(payload.toString());
  });
  await client.subscribeAsync(topic, { qos: 1 });
  return heard;
}

export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubeClient } from '../../kubernetes/client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { SetDesiredDocument } from '../../schema/generated/client/graphql.ts';
import { type Demo, startDemo } from '../harness/demo.ts';
import { query, subscribeWs } from '../harness/graphql-client.ts';
import { connectModbus, type ModbusMaster } from '../harness/modbus-master.ts';
import { waitFor } from '../harness/wait.ts';

/** What holds when the link, an edge node or the gateway goes away: nothing acknowledged is lost, nobody lies about age. */
let demo: Demo;
let plantA: ModbusMaster;

beforeAll(async () => {
  demo = await startDemo();
  plantA = await connectModbus(demo.edge('edge-a').modbusPort);
}, 90_000);

afterAll(async () => {
  await plantA?.close();
  await demo?.stop();
});

const VIEW = `{ devices(first: 100, where: { nodeName: { eq: "edge-a" } }) { edges { node { name twins(properties: null) {
  property desired { value change } sync { state } } } } } }`;
const STATE = `{ place { kubernetes { current reason } } node(name: "edge-a") { edgeNode { link { state } } }
  device(name: "thermostat-a1") { twin(property: "setpoint") { reported { value } freshness { source stale link } } } }`;

const linkIs = (state: 'UP' | 'DOWN') =>
  waitFor(`the link of edge-a to be ${state}`, async () => {
    const { data } = await query(demo.cloudUrl, STATE);
    return data.node.edgeNode.link.state === state;
  });

const setPoint = (url: string, device: string, value: number, waitFor = 'REPORTED') =>
  query(url, SetDesiredDocument, {
    input: { device: { name: device }, values: [{ property: 'setpoint', value }], waitFor } as never,
  });

describe('a link that is cut', () => {
  it('leaves the cloud with last known values and the edge at work, and both agree afterwards', async () => {
    await setPoint(demo.cloudUrl, 'thermostat-a1', 21);
    const edgeUrl = demo.edge('edge-a').url;
    const atEdge = subscribeWs(
      edgeUrl,
      'subscription { twins(properties: ["setpoint"]) { kind twin { reported { value } } } }',
    );
    await atEdge.find('the snapshot at the edge', ({ twins }) => twins.kind === 'SNAPSHOT_END');

    const inCloud = subscribeWs(
      demo.cloudUrl,
      'subscription { twins(where: { name: { eq: "thermostat-a1" } }, properties: ["setpoint"]) { kind twin { freshness { stale } } } }',
    );
    await inCloud.find('the snapshot in the cloud', ({ twins }) => twins.kind === 'SNAPSHOT_END');
    const told = () => inCloud.results.flatMap(({ data }) => data.twins.twin?.freshness.stale ?? []).at(-1);

    await demo.link('edge-a', 'down');
    await linkIs('DOWN');
    await waitFor('the cloud to tell that the twin is stale', async () => told() === true);
    const { data, errors } = await query(demo.cloudUrl, STATE);
    expect(errors).toBeUndefined();
    expect(data.device.twin).toEqual({
      reported: { value: 21 },
      freshness: { source: 'LAST_KNOWN', stale: true, link: 'DOWN' },
    });
    expect((await setPoint(demo.cloudUrl, 'thermostat-a2', 17)).data.setDesired.__typename).toBe('Pending');

    const here = await setPoint(edgeUrl, 'thermostat-a1', 22.5);
    expect(here.data.setDesired).toMatchObject({ __typename: 'Settled', change: { state: 'REPORTED' } });
    expect(await plantA.holding(1, 0)).toBe(225);
    await atEdge.find('the change at the edge', ({ twins }) => twins.twin?.reported?.value === 22.5);
    const seenHere = (await query(edgeUrl, STATE)).data;
    expect(seenHere.device.twin.freshness).toMatchObject({ source: 'EDGE', stale: false, link: 'DOWN' });
    expect(seenHere.place.kubernetes).toEqual({ current: false, reason: expect.any(String) });
    await atEdge.close();

    await demo.link('edge-a', 'up');
    await linkIs('UP');
    await waitFor('cloud and edge to say the same', async () => {
      const [cloud, edge] = await Promise.all([query(demo.cloudUrl, VIEW), query(edgeUrl, VIEW)]);
      const settled =
        JSON.stringify(cloud.data).includes('"value":17') && !JSON.stringify(cloud.data).includes('PENDING');
      return settled && JSON.stringify(cloud.data) === JSON.stringify(edge.data);
    });
    expect(await plantA.holding(2, 0)).toBe(170);
    await waitFor('the cloud to tell that the twin is fresh again', async () => told() === false);
    await inCloud.close();
  });

  it('[T19] leaves a conflict with both values where both sides set one, and lets somebody decide', async () => {
    const edgeUrl = demo.edge('edge-a').url;
    await setPoint(demo.cloudUrl, 'thermostat-a4', 20);
    await demo.link('edge-a', 'down');
    await linkIs('DOWN');
    await setPoint(demo.cloudUrl, 'thermostat-a4', 16, 'ACCEPTED');
    await setPoint(edgeUrl, 'thermostat-a4', 24);
    expect(await plantA.holding(4, 0)).toBe(240);
    await demo.link('edge-a', 'up');
    const text = `{ conflicts(where: { device: { name: "thermostat-a4" }, open: true }) { edges { node {
      id property winner { from value } loser { from value } } } } }`;
    const conflict = await waitFor('the conflict in the ledger of the cloud', async () => {
      return (await query(demo.cloudUrl, text)).data.conflicts.edges[0]?.node;
    });
    expect(conflict).toMatchObject({
      property: 'setpoint',
      winner: { from: 'CLOUD', value: 16 },
      loser: { from: 'EDGE', value: 24 },
    });
    await waitFor('the register to hold what won', async () => (await plantA.holding(4, 0)) === 160);
    await waitFor('the same conflict in the ledger of the edge', async () => {
      return (await query(edgeUrl, text)).data.conflicts.edges[0]?.node.id === conflict.id;
    });
    const resolve = `mutation ($id: ID!) { resolveConflict(input: { id: $id, keep: LOSER }) { __typename } }`;
    const resolved = await query(demo.cloudUrl, resolve, { id: conflict.id });
    expect(resolved.data.resolveConflict.__typename).toBe('ConflictResolved');
    await waitFor('the register to hold what had lost', async () => (await plantA.holding(4, 0)) === 240);
    expect((await query(demo.cloudUrl, text)).data.conflicts.edges).toEqual([]);
  });

  it('delivers 500 numbered values of one property over a cut, each once and in order', async () => {
    await addCounter(demo);
    const at = subscribeWs(
      demo.cloudUrl,
      'subscription { twins(where: { name: { eq: "counter" } }) { kind twin { reported { value observedAt } } gap { dropped } } }',
    );
    await at.find('the snapshot', ({ twins }) => twins.kind === 'SNAPSHOT_END');
    const device = await connectAsync(`mqtt://127.0.0.1:${demo.edge('edge-a').mqttPort}`);
    await device.publishAsync('counter/n', '0', { qos: 1 });
    await at.find('the first value', ({ twins }) => twins.twin?.reported?.value === 0);

    const seenAtEdge = (value: number) =>
      waitFor(`the edge to have ${value}`, async () => {
        const { data } = await query(
          demo.edge('edge-a').url,
          '{ device(name: "counter") { twin(property: "n") { reported { value } } } }',
        );
        return data.device.twin.reported?.value === value;
      });
    for (let value = 1; value <= 500; value++) {
      if (value === 170) await demo.link('edge-a', 'down');
      if (value === 340) {
        await seenAtEdge(339);
        await demo.link('edge-a', 'up');
      }
      await device.publishAsync('counter/n', String(value), { qos: 1 });
    }
    await at.find('the last value', ({ twins }) => twins.twin?.reported?.value === 500);
    const received: number[] = [];
    let last: string | undefined;
    for (const { data } of at.results) {
      const { reported } = data.twins.kind === 'UPDATED' ? data.twins.twin : {};
      // The very reading again: the link made it stale, or fresh.
      const told = reported && JSON.stringify(reported);
      if (told && told !== last) received.push(reported.value);
      last = told ?? last;
    }
    expect(received).toEqual(Array.from({ length: 501 }, (_, value) => value));
    expect(at.results.some(({ data }) => data.twins.kind === 'GAP')).toBe(false);
    await device.endAsync();
    await at.close();
  });
});

describe('kill -9', () => {
  it('of an edge node that is cut off loses nothing that it acknowledged', async () => {
    await demo.link('edge-a', 'down');
    await linkIs('DOWN');
    const edgeUrl = demo.edge('edge-a').url;
    await setPoint(edgeUrl, 'thermostat-a3', 19.5);
    await demo.kill('edge-a');
    const text =
      '{ node(name: "edge-a") { name } pods { totalCount } device(name: "thermostat-a3") { model { name } twin(property: "setpoint") { desired { value } reported { value } sync { state } } } }';
    const { data, errors } = await query(edgeUrl, text);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      node: { name: 'edge-a' },
      pods: { totalCount: 2 },
      device: {
        model: { name: 'thermostat' },
        twin: { desired: { value: 19.5 }, reported: { value: 19.5 }, sync: { state: 'IN_SYNC' } },
      },
    });
    await demo.link('edge-a', 'up');
    await waitFor('the cloud to want what the edge set', async () => {
      const twin = (
        await query(
          demo.cloudUrl,
          '{ device(name: "thermostat-a3") { twin(property: "setpoint") { desired { value } } } }',
        )
      ).data.device.twin;
      return twin.desired?.value === 19.5;
    });
  });

  it('of the cloud keeps what it accepted, and its edges fill it again', async () => {
    const accepted = await setPoint(demo.cloudUrl, 'thermostat-b2', 18);
    const { id } = (accepted.data.setDesired as unknown as { change: { id: string } }).change;
    const changeText = `{ change(id: "${id}") { id state settledAt values { property value } } }`;
    const before = await query(demo.cloudUrl, changeText);
    expect(before.data.change.state).toBe('REPORTED');
    await demo.kill('cloud');
    expect(await query(demo.cloudUrl, changeText)).toEqual(before);
    const text =
      '{ devices(first: 100) { edges { node { name twins { property reported { value } freshness { stale } } } } } device(name: "thermostat-b2") { twin(property: "setpoint") { desired { value } reported { value } } } }';
    await waitFor('the cloud to know all twins again', async () => {
      const { data, errors } = await query(demo.cloudUrl, text);
      // The counter said nothing since its edge node was started again: stale is the truth of it.
      const live = data.devices.edges.filter(
        ({ node }: { node: { name: string } }) => node.name !== 'counter',
      );
      const twins = live.flatMap(({ node }: { node: { twins: unknown[] } }) => node.twins ?? [undefined]);
      const isLive = twins.every(
        (twin: { reported: unknown; freshness: { stale: boolean } }) =>
          twin?.reported && !twin.freshness.stale,
      );
      return (
        !errors && isLive && data.device.twin.desired?.value === 18 && data.device.twin.reported.value === 18
      );
    });
  });

  it('[W33] of the cloud keeps the messages that it stored for a bus, and of the edge those that wait for the cloud', async () => {
    const { mqttPort, url } = demo.edge('edge-a');
    const numbers = Array.from({ length: 20 }, (_, n) => String(n));
    const publish = (at: string, payload: string, idempotencyKey: string) =>
      query(at, 'mutation ($input: PublishInput!) { publish(input: $input) { __typename } }', {
        input: { nodeName: 'edge-a', topic: 'cmd/n', payload, idempotencyKey },
      });
    const program = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
    const heard: string[] = [];
    program.on('message', (_topic, payload) => heard.push(payload.toString()));
    await program.subscribeAsync('cmd/n', { qos: 1 });
    await demo.link('edge-a', 'down');
    await linkIs('DOWN');
    for (const n of numbers) {
      const { data } = await publish(demo.cloudUrl, n, `down-${n}`);
      expect(data.publish.__typename).toBe('MessageStored');
    }
    await demo.kill('cloud');
    await demo.link('edge-a', 'up');
    await waitFor('the last message on the bus', () => heard.includes('19'));
    expect(heard).toEqual(numbers);
    expect((await publish(demo.cloudUrl, '3', 'down-3')).data.publish.__typename).toBe('MessagePublished');

    await demo.link('edge-a', 'down');
    await linkIs('DOWN');
    for (const n of numbers) await program.publishAsync('plant/user/n', n, { qos: 1 });
    // What was put before is on disk when this is answered.
    await waitFor('the bus at the edge', async () => {
      const { data } = await publish(url, 'kept', 'kept');
      return data.publish.__typename === 'MessagePublished';
    });
    const at = subscribeWs(
      demo.cloudUrl,
      'subscription { messages(topic: "+/user/#", nodeName: "edge-a") { kind message { payload } } }',
    );
    await at.find('the begin', ({ messages }) => messages.kind === 'SUBSCRIBED');
    await demo.kill('edge-a');
    await demo.link('edge-a', 'up');
    await at.find('the last message', ({ messages }) => messages.message?.payload === '19');
    expect(at.results.slice(1).map(({ data }) => data.messages.message?.payload)).toEqual(numbers);
    expect(heard.slice(numbers.length)).toEqual(['kept']);
    await at.close();
    await program.endAsync(true);
  });
});

/** A device that reports what is published: the numbers of the test. */
async function addCounter({ layout }: Demo): Promise<void> {
  const client = createKubeClient({
    config: loadKubeConfig({ kubeconfig: layout.kubeconfig }),
    clock: systemClock,
  });
  const base = '/apis/devices.kubeedge.io/v1beta1/namespaces/default';
  const common = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    metadata: { name: 'counter', namespace: 'default' },
  };
  await client.create(`${base}/devicemodels`, {
    ...common,
    kind: 'DeviceModel',
    spec: { protocol: 'mqtt', properties: [{ name: 'n', type: 'INT', accessMode: 'ReadOnly' }] },
  } as never);
  const visitors = { protocolName: 'mqtt', configData: { topic: 'counter/n', payload: 'plain' } };
  await client.create(`${base}/devices`, {
    ...common,
    kind: 'Device',
    spec: {
      deviceModelRef: { name: 'counter' },
      nodeName: 'edge-a',
      protocol: { protocolName: 'mqtt', configData: {} },
      properties: [{ name: 'n', visitors }],
    },
  } as never);
  client.close();
  await waitFor('the edge to run the counter', async () => {
    const { data } = await query(
      `http://127.0.0.1:${layout.nodes[0]!.graphqlPort}/graphql`,
      '{ device(name: "counter") { state } }',
    );
    return data.device;
  });
}

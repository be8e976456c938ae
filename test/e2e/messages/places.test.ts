import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MOSQUITTO, startMosquitto } from '../../bus/mosquitto.ts';
import { query, subscribeWs } from '../../harness/graphql-client.ts';
import { waitFor } from '../../harness/wait.ts';
import { listenOnBus, numbers, startSite } from './site.ts';

describe.skipIf(!MOSQUITTO)('with mosquitto as the broker', () => {
  it('messages go up and down, over a broken link, each once', async () => {
    const broker = await startMosquitto();
    onTestFinished(() => broker.close());
    const site = await startSite({ brokerUrl: broker.url });
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    const tapped = await site.follow(site.edgeUrl(), '#');
    const heard = await listenOnBus(site.program, 'cmd/#');
    await site.breakLink();
    for (const n of numbers(1, 20)) {
      await site.program.publishAsync('plant/n', n, { qos: 1 });
      await site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: n });
    }
    await site.mendLink();
    await at.heard('20');
    await waitFor('the last one', () => heard.includes('20'));
    expect([at.payloads(), heard]).toEqual([numbers(1, 20), numbers(1, 20)]);
    await tapped.heard('20');
  });
});

describe('what the broker had retained', () => {
  it('is no news where it is only repeated, and news where it is said', async () => {
    const site = await startSite();
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    await site.program.publishAsync('plant/state', 'on', { qos: 1, retain: true });
    await at.heard('on');
    await site.stopEdge();
    await site.startEdge();
    await site.linkIs('UP');
    await site.program.publishAsync('plant/end', 'end', { qos: 1 });
    await at.heard('end');
    expect(at.payloads()).toEqual(['on', 'end']);
  });
});

describe('a broker that goes away', () => {
  it('ends subscriptions to what the node does not keep: what is said meanwhile is missed', async () => {
    const site = await startSite();
    const text = 'subscription { messages(topic: "other/#") { kind } }';
    const tapped = subscribeWs(site.edgeUrl(), text);
    onTestFinished(() => tapped.close());
    await tapped.find('the begin', ({ messages }) => messages.kind === 'SUBSCRIBED');
    await site.stopBus();
    await waitFor('the end', () =>
      tapped.results.some(({ errors }) => errors?.[0]?.extensions?.code === 'BUS_UNREACHABLE'),
    );
  });
});

describe('data of a device that is local only', () => {
  it('stays on the node, where it is heard', async () => {
    const site = await startSite({ edge: { messages: undefined } });
    await site.createDevice('secret', { 'octograph.dev/local-only': 'true' });
    const [inCloud, atEdge] = [
      await site.follow(site.cloudUrl(), '$ke/#'),
      await site.follow(site.edgeUrl(), '$ke/events/device/+/data/update'),
    ];
    await site.program.publishAsync('$ke/events/device/secret/data/update', 'mine', { qos: 1 });
    await site.program.publishAsync('$ke/events/device/other/data/update', 'yours', { qos: 1 });
    await inCloud.heard('yours');
    await atEdge.heard('yours');
    expect([inCloud.payloads(), atEdge.payloads()]).toEqual([['yours'], ['mine', 'yours']]);
  });
});

describe('a long backlog on a slow line', () => {
  it('leaves the way to what is said of a device', async () => {
    const site = await startSite();
    await site.createDevice('pump');
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    const twins = subscribeWs(site.cloudUrl(), 'subscription { twins { kind twin { reported { value } } } }');
    onTestFinished(() => twins.close());
    await twins.find('the snapshot', ({ twins: { kind } }) => kind === 'SNAPSHOT_END');
    await site.breakLink();
    const atEdge = await site.follow(site.edgeUrl(), 'plant/#');
    const said = numbers(1, 300).map((n) => n + randomBytes(4_000).toString('base64'));
    for (const text of said) site.program.publish('plant/n', text, { qos: 1 });
    await atEdge.heard(said.at(-1) as string);
    site.line.line.bytesPerSecond = 300_000;
    await site.mendLink();
    await at.heard(said[0] as string);
    const update = { event_id: '1', timestamp: 0, twin: { temperature: { actual: { value: '21.5' } } } };
    const topic = '$hw/events/device/default/pump/twin/update';
    await site.program.publishAsync(topic, JSON.stringify(update), { qos: 1 });
    await twins.find('the reading', ({ twins: { twin } }) => twin?.reported?.value === 21.5);
    expect(at.payloads().length).toBeLessThan(said.length / 2);
    await at.heard(said.at(-1) as string);
    // As the node heard them: a client may have told its broker something twice.
    expect(at.payloads()).toEqual(atEdge.payloads());
  });
});

describe('a node without a bus', () => {
  it('says so, here and in the cloud', async () => {
    const site = await startSite({ isWithoutBus: true });
    const { errors } = await query(site.edgeUrl(), 'subscription { messages(topic: "#") { kind } }');
    expect(errors?.[0]?.extensions?.code).toBe('BUS_ABSENT');
    for (const url of [site.edgeUrl(), site.cloudUrl()]) {
      const outcome = await site.publish(url, { topic: 'cmd', payload: '' });
      expect(outcome).toMatchObject({
        code: 'BUS_ABSENT',
        message: expect.stringContaining('--mqtt-listen'),
      });
    }
  });
});

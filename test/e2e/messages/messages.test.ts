import { describe, expect, it } from 'vitest';
import { query } from '../../harness/graphql-client.ts';
import { waitFor } from '../../harness/wait.ts';
import { listenOnBus, NODE, numbers, startSite } from './site.ts';

/** Long enough for many batches, and not to be deflated to nothing. */
const noise = (n: string, words = 80) =>
  `${n} ${Array.from({ length: words }, () => Math.random().toString(36)).join('')}`;

describe('messages of a bus', () => {
  it('reach subscribers in the cloud and at the edge with the same document', async () => {
    const site = await startSite();
    const { program } = site;
    const inCloud = await site.follow(site.cloudUrl(), 'plant/+/alarms', { nodeName: NODE });
    const atEdge = await site.follow(site.edgeUrl(), 'plant/+/alarms');
    await program.publishAsync('plant/1/alarms', 'höher', { qos: 1 });
    await program.publishAsync('plant/1/other', 'not wanted', { qos: 1 });
    await program.publishAsync('elsewhere/1/alarms', 'not wanted', { qos: 1 });
    await program.publishAsync('plant/2/alarms', Buffer.from([0xff, 0x00, 0x01]), { qos: 1 });
    for (const place of [inCloud, atEdge]) {
      await place.heard('/wAB');
      expect(place.events().slice(1)).toEqual([
        expect.objectContaining({
          kind: 'MESSAGE',
          nodeName: NODE,
          message: expect.objectContaining({ topic: 'plant/1/alarms', payload: 'höher', encoding: 'TEXT' }),
        }),
        expect.objectContaining({
          kind: 'MESSAGE',
          message: expect.objectContaining({ topic: 'plant/2/alarms', payload: '/wAB', encoding: 'BASE64' }),
        }),
      ]);
    }
    expect(inCloud.events()[1].node).toEqual({ name: NODE });
  });

  it('[W32] that were said while the link was down come in order and once, also when it breaks in the middle', async () => {
    const site = await startSite();
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    await site.program.publishAsync('plant/n', '0', { qos: 1 });
    await at.heard('0');
    await site.breakLink();
    const said = numbers(1, 600).map((n) => noise(n));
    for (const text of said) site.program.publish('plant/n', text, { qos: 1 });
    await waitFor('the node to have all', async () => {
      await site.program.publishAsync('plant/n', 'last', { qos: 1 });
      return true;
    });
    for (const bytes of [40_000, 80_000, 100_000]) {
      const cut = site.line.cutAfter(bytes);
      await site.line.refuse(false);
      await cut;
    }
    await at.heard('last');
    expect(at.payloads()).toEqual(['0', ...said, 'last']);
    expect(at.events().filter(({ kind }) => kind !== 'MESSAGE')).toHaveLength(1);
  });

  it('[W32] are kept over a restart of the node', async () => {
    const site = await startSite();
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    const atEdge = await site.follow(site.edgeUrl(), 'plant/#');
    await site.breakLink();
    for (const n of numbers(1, 50)) await site.program.publishAsync('plant/n', n, { qos: 1 });
    await atEdge.heard('50');
    await site.stopEdge();
    // The session of the bus is persistent: the broker keeps these for it.
    for (const n of numbers(51, 60)) await site.program.publishAsync('plant/n', n, { qos: 1 });
    await site.startEdge();
    await site.mendLink();
    await at.heard('60');
    expect(at.payloads()).toEqual(numbers(1, 60));
  });

  it('[S15] beyond the bound leave a GAP that counts exactly what is missing', async () => {
    const limitBytes = 20_000;
    const site = await startSite({ edge: { messages: { filters: ['plant/#'], limitBytes } } });
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    const atEdge = await site.follow(site.edgeUrl(), 'plant/#');
    await site.breakLink();
    for (const n of numbers(1, 500)) await site.program.publishAsync('plant/n', n, { qos: 1 });
    await atEdge.heard('500');
    await site.mendLink();
    await at.heard('500');
    const [begin, gap, ...rest] = at.events();
    expect(begin.kind).toBe('SUBSCRIBED');
    expect(gap).toMatchObject({ kind: 'GAP', nodeName: NODE });
    expect(rest.map(({ message }) => message.payload)).toEqual(numbers(gap.gap.dropped + 1, 500));
  });

  it('of devices go up on the topic of KubeEdge, but for those that are to stay', async () => {
    const site = await startSite({ edge: { messages: undefined } });
    const at = await site.follow(site.cloudUrl(), '$ke/events/device/#');
    const topic = '$ke/events/device/default/pump/data/update';
    await site.program.publishAsync(topic, '{"event_id":"1"}', { qos: 1 });
    await at.heard('{"event_id":"1"}');
    expect(at.events().at(-1).message.topic).toBe(topic);
  });

  it('are resumed behind a cursor, and a foreign one is told', async () => {
    const site = await startSite();
    const at = await site.follow(site.cloudUrl(), 'plant/#');
    for (const n of ['1', '2', '3']) await site.program.publishAsync('plant/n', n, { qos: 1 });
    await at.heard('3');
    const after = at.events().find(({ message }) => message?.payload === '1').cursor;
    const again = await site.follow(site.cloudUrl(), 'plant/#', { after });
    await again.heard('3');
    expect(again.payloads()).toEqual(['2', '3']);
    const foreign = await site.follow(site.edgeUrl(), 'plant/#', { after });
    await foreign.find('the begin', ({ messages }) => messages.kind === 'SUBSCRIBED');
    expect(foreign.events().map(({ kind }) => kind)).toEqual(['RESET', 'SUBSCRIBED']);
  });

  it('that the node does not keep are heard at the edge while somebody listens', async () => {
    const site = await startSite();
    const at = await site.follow(site.edgeUrl(), '#');
    const inCloud = await site.follow(site.cloudUrl(), '#');
    await site.program.publishAsync('other/topic', 'here', { qos: 1 });
    await site.program.publishAsync('plant/n', 'everywhere', { qos: 1 });
    await at.heard('everywhere');
    await inCloud.heard('everywhere');
    expect(at.payloads()).toEqual(['here', 'everywhere']);
    expect(inCloud.payloads()).toEqual(['everywhere']);
  });

  it('are not subscribed to with a filter that is none, or at a node that is not there', async () => {
    const site = await startSite();
    const failure = async (url: string, args: string) =>
      (await query(url, `subscription { messages(${args}) { kind } }`)).errors?.[0];
    for (const url of [site.cloudUrl(), site.edgeUrl()]) {
      for (const args of ['topic: "plant/#/x"', 'topic: "plant/a+"', 'topic: ""'])
        expect((await failure(url, args))?.extensions?.code, args).toBe('BAD_USER_INPUT');
      const unknown = await failure(url, 'topic: "plant/#", nodeName: "edge-x"');
      expect(unknown?.extensions?.code).toBe('NODE_NOT_FOUND');
    }
  });
});

describe('publish', () => {
  it('reaches the bus from the cloud and from the edge', async () => {
    const site = await startSite();
    const heard = await listenOnBus(site.program, 'cmd/#');
    const result = await site.publish(site.cloudUrl(), { topic: 'cmd/x', payload: 'from the cloud' });
    expect(result).toEqual({ __typename: 'MessagePublished', id: expect.stringMatching(/^msg-/) });
    const here = await site.publish(site.edgeUrl(), {
      topic: 'cmd/x',
      payload: 'YXQgdGhlIGVkZ2U=',
      encoding: 'BASE64',
    });
    expect(here.__typename).toBe('MessagePublished');
    await waitFor('both', () => heard.length === 2);
    expect(heard).toEqual(['from the cloud', 'at the edge']);
    const set = { topic: 'state/lamp', payload: 'on', retain: true, qos: 2 };
    expect((await site.publish(site.cloudUrl(), set)).__typename).toBe('MessagePublished');
    const retained = await listenOnBus(site.program, 'state/#');
    await waitFor('the retained message', () => retained[0] === 'on');
  });

  it('[W33] is stored while the link is down, over a restart of the cloud, and forwarded in order and once', async () => {
    const site = await startSite();
    const heard = await listenOnBus(site.program, 'cmd/#');
    await site.breakLink();
    for (const n of numbers(1, 100)) {
      const stored = await site.publish(site.cloudUrl(), {
        topic: 'cmd/n',
        payload: n,
        idempotencyKey: `key-${n}`,
      });
      expect(stored).toMatchObject({ __typename: 'MessageStored', expiresAt: expect.any(String) });
    }
    await site.restartCloud();
    const again = await site.publish(site.cloudUrl(), {
      topic: 'cmd/n',
      payload: '7',
      idempotencyKey: 'key-7',
    });
    expect(again.__typename).toBe('MessageStored');
    await site.mendLink();
    await waitFor('the last one', () => heard.includes('100'));
    const done = await site.publish(site.cloudUrl(), {
      topic: 'cmd/n',
      payload: '7',
      idempotencyKey: 'key-7',
    });
    expect(done).toEqual({ __typename: 'MessagePublished', id: again.id });
    await site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: 'end' });
    await waitFor('the end', () => heard.includes('end'));
    expect(heard).toEqual([...numbers(1, 100), 'end']);
  });

  it('[W33] is not done twice where the link breaks before the acknowledgement, or the node restarts', async () => {
    const site = await startSite();
    const heard = await listenOnBus(site.program, 'cmd/#');
    await site.breakLink();
    for (const n of numbers(1, 120))
      await site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: noise(n, 250) });
    for (const bytes of [40_000, 50_000, 60_000]) {
      const cut = site.line.cutAfter(bytes);
      await site.line.refuse(false);
      await cut;
    }
    await site.stopEdge();
    await site.startEdge();
    await site.linkIs('UP');
    await waitFor('the last one', () => heard.some((text) => text.startsWith('120 ')));
    expect(heard.map((text) => text.split(' ')[0])).toEqual(numbers(1, 120));
  });

  it('[W33] waits for a broker that is away, and ends when its time is over', async () => {
    const site = await startSite();
    await site.stopBus();
    await waitFor('the node to see it', async () => {
      const outcome = await site.publish(site.edgeUrl(), { topic: 'cmd/n', payload: 'now' });
      return outcome.code === 'BUS_UNREACHABLE';
    });
    const soon = new Date(Date.now() + 400).toISOString();
    const late = site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: 'late', expiresAt: soon });
    const kept = site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: 'kept', timeoutMs: 30_000 });
    expect(await late).toMatchObject({ __typename: 'MessageRejected', code: 'MESSAGE_EXPIRED' });
    await site.startBus();
    expect((await kept).__typename).toBe('MessagePublished');
  });

  it('refuses what must not be published, with a reason', async () => {
    const site = await startSite();
    const cases: Array<[string, Record<string, unknown>]> = [
      ['TOPIC_FORBIDDEN', { topic: '$hw/events/device/default/pump/twin/update', payload: '{}' }],
      ['TOPIC_FORBIDDEN', { topic: '$ke/events/device/pump/data/update', payload: '{}' }],
      ['TOPIC_FORBIDDEN', { topic: 'cmd/#', payload: '' }],
      ['TOPIC_FORBIDDEN', { topic: '', payload: '' }],
      ['INVALID_VALUE', { topic: 'cmd', payload: 'no base64!', encoding: 'BASE64' }],
      ['INVALID_VALUE', { topic: 'cmd', payload: '', qos: 3 }],
      ['MESSAGE_TOO_LONG', { topic: 'cmd', payload: 'x'.repeat(128_001) }],
      ['MESSAGE_EXPIRED', { topic: 'cmd', payload: '', expiresAt: '2001-01-01T00:00:00Z' }],
      ['NODE_NOT_FOUND', { topic: 'cmd', payload: '', nodeName: 'edge-x' }],
    ];
    for (const url of [site.cloudUrl(), site.edgeUrl()]) {
      for (const [code, input] of cases) {
        const result = await site.publish(url, input);
        expect(result, `${code} ${JSON.stringify(input).slice(0, 80)}`).toMatchObject({
          __typename: 'MessageRejected',
          code,
        });
        expect(result.message.length).toBeGreaterThan(10);
      }
      await site.publish(url, { topic: 'cmd', payload: 'a', idempotencyKey: 'k' });
      const reused = await site.publish(url, { topic: 'cmd', payload: 'b', idempotencyKey: 'k' });
      expect(reused.code).toBe('IDEMPOTENCY_KEY_REUSED');
    }
  });

  it('[W33] refuses the message beyond the bound of a node that is away', async () => {
    const site = await startSite();
    await site.breakLink();
    const payload = 'x'.repeat(120_000);
    const outcomes: string[] = [];
    for (let n = 0; n < 40; n++) {
      const { __typename, code } = await site.publish(site.cloudUrl(), { topic: 'cmd/n', payload });
      outcomes.push(code ?? __typename);
    }
    const kept = outcomes.filter((outcome) => outcome === 'MessageStored').length;
    expect(outcomes.slice(kept).every((outcome) => outcome === 'QUEUE_FULL')).toBe(true);
    expect(kept).toBe(Math.ceil((4 * 1024 * 1024) / (120_000 * (4 / 3))));
    await site.mendLink();
    await waitFor('room', async () => {
      const { __typename } = await site.publish(site.cloudUrl(), { topic: 'cmd/n', payload: 'again' });
      return __typename === 'MessagePublished';
    });
  });
});

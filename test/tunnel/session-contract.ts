import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import type { CloudSessionHandler, Hello, LinkState, NodeSessionHandler } from '../../tunnel/contract.ts';
import { waitFor } from '../harness/wait.ts';
import { createSubgraph, HELLO, RecordingCloud, RecordingEdge, reports } from './harness.ts';

export interface EdgeWish {
  handler: CloudSessionHandler;
  hello?: () => Hello;
  subgraph?: ReturnType<typeof createSubgraph>;
}

/** A cloud that edges can dial, over some transport. */
export interface TunnelUnderTest {
  startEdge(nodeName: string, wish: EdgeWish): Promise<{ state(): LinkState; close(): Promise<void> }>;
  close(): Promise<void>;
}

const incompressible = (length: number) => randomBytes(length).toString('base64').slice(0, length);

/** What a session does, whatever carries it. */
export function registerSessionContract(
  transport: string,
  createTunnel: (handler: NodeSessionHandler) => Promise<TunnelUnderTest>,
): void {
  describe(`a session over ${transport}`, () => {
    let open = new Disposables();
    afterEach(async () => {
      await open.close();
      open = new Disposables();
    });

    async function connect() {
      const cloud = new RecordingCloud();
      const edge = new RecordingEdge();
      const subgraph = createSubgraph();
      const tunnel = open.use(await createTunnel(cloud));
      const link = open.use(await tunnel.startEdge('edge-a', { handler: edge, subgraph }));
      await waitFor('the session at both ends', () => cloud.session && edge.session);
      return { cloud, edge, subgraph, tunnel, link };
    }

    it('[W4] introduces the ends to each other', async () => {
      const { cloud, edge, link } = await connect();
      expect(cloud.session).toMatchObject({ nodeName: 'edge-a', hello: HELLO });
      expect(edge.session?.welcome.replicaId).toBe('replica-1');
      expect(Math.abs(edge.session!.welcome.serverTime - Date.now())).toBeLessThan(60_000);
      await waitFor(
        'a first ping',
        () => link.state().rttMs !== undefined && cloud.session?.rttMs !== undefined,
      );
      expect(link.state()).toMatchObject({ up: true, reconnects: 0 });
      expect(Math.abs(link.state().clockOffsetMs!)).toBeLessThan(60_000);
      expect(link.state().bytesIn).toBeGreaterThan(0);
      expect(cloud.session!.bytesIn).toBeGreaterThan(0);
    });

    it('[W16] hands messages over in the order in which they were sent, whatever their size', async () => {
      const { cloud, edge } = await connect();
      const sizes = [1, 500, 1, 3000, 20, 1];
      const sent = sizes.map((size, index) => reports(index * 10_000, size));
      for (const message of sent) edge.session!.send(message);
      for (let seq = 1; seq <= 100; seq++) cloud.session!.send({ type: 'acked', seq });
      await waitFor(
        'all of them',
        () => cloud.messages.length === sizes.length && edge.messages.length === 100,
      );
      expect(cloud.messages).toEqual(sent);
      expect(edge.messages.map((message) => message.type === 'acked' && message.seq)).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    });

    it('[W16] hands the next message over when the one before is done', async () => {
      const { cloud, edge } = await connect();
      let running = 0;
      let most = 0;
      cloud.onUp = async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      };
      for (let seq = 0; seq < 200; seq++) edge.session!.send(reports(seq, 1));
      await waitFor('all of them', () => cloud.messages.length === 200 && running === 0);
      expect(most).toBe(1);
    });

    it('[W11] carries a message of 12 MB', async () => {
      const { cloud, edge } = await connect();
      const message = reports(1, 3, 'x'.repeat(4_000_000));
      edge.session!.send(message);
      await waitFor('it', () => cloud.messages.length === 1);
      expect(cloud.messages[0]).toEqual(message);
    });

    it('[W20] pushes back when the handler is slow, and still answers queries', async () => {
      const { cloud, edge } = await connect();
      let release = () => {};
      cloud.gate = new Promise((resolve) => {
        release = resolve;
      });
      for (let index = 0; index < 40; index++) edge.session!.send(reports(index, 1, incompressible(30_000)));
      await waitFor('the window to fill', () => edge.session!.bufferedBytes > 0);
      expect((await cloud.session!.execute({ query: '{ hello }' })).data).toEqual({ hello: 'hello you' });
      expect(cloud.messages).toHaveLength(0);
      expect(edge.session!.bufferedBytes).toBeGreaterThan(200_000);
      release();
      await waitFor('all of them', () => cloud.messages.length === 40);
      await waitFor('nothing to be left', () => edge.session!.bufferedBytes === 0);
    });

    it('[W23] runs a query on the node, with variables and errors as they are', async () => {
      const { cloud } = await connect();
      const session = cloud.session!;
      const request = { query: 'query ($n: String) { hello(name: $n) fails }', variables: { n: 'octo' } };
      const result = await session.execute(request);
      expect(result.data).toEqual({ hello: 'hello octo', fails: null });
      expect(result.errors?.[0]).toMatchObject({
        message: 'no such thing',
        path: ['fails'],
        extensions: { code: 'NOT_FOUND' },
      });
      const invalid = await session.execute({ query: '{ nothing }' });
      expect(invalid.errors?.[0]?.message).toContain('Cannot query field "nothing"');
      const malformed = await session.execute({ query: '{ hello' });
      expect(malformed.errors?.[0]?.message).toContain('Syntax Error');
      expect((await session.execute({ query: '{ hello }' })).data).toEqual({ hello: 'hello you' });
    });

    it('[W34] tells the node how many milliseconds its caller still waits', async () => {
      const { cloud } = await connect();
      const ask = async (timeoutMs?: number) =>
        (await cloud.session!.execute({ query: '{ timeoutMs }', timeoutMs })).data?.timeoutMs;
      expect([await ask(1500), await ask(0), await ask()]).toEqual([1500, 0, null]);
    });

    it('[W23] runs many queries at a time, and one with a result of 5 MB', async () => {
      const { cloud } = await connect();
      const session = cloud.session!;
      const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
      const [big, ...small] = await Promise.all([
        session.execute({ query: '{ big(size: 5000000) }' }),
        ...names.map((name) => session.execute({ query: `{ hello(name: "${name}") }` })),
      ]);
      expect(big?.data?.big).toHaveLength(5_000_000);
      expect(small.map((result) => result.data?.hello)).toEqual(names.map((name) => `hello ${name}`));
    });

    it('[W23] refuses one operation more than 1024 in flight', async () => {
      const { cloud } = await connect();
      const controller = new AbortController();
      const inFlight = Array.from({ length: 1024 }, () =>
        cloud.session!.execute({ query: '{ never }', signal: controller.signal }).catch(() => 'aborted'),
      );
      await expect(cloud.session!.execute({ query: '{ hello }' })).rejects.toMatchObject({
        code: 'EDGE_NODE_BUSY',
      });
      controller.abort();
      expect(new Set(await Promise.all(inFlight))).toEqual(new Set(['aborted']));
      expect((await cloud.session!.execute({ query: '{ hello }' })).data).toEqual({ hello: 'hello you' });
    });

    it('[W24] ends an operation that its caller aborts, at both ends', async () => {
      const { cloud, subgraph } = await connect();
      const controller = new AbortController();
      const never = cloud.session!.execute({ query: '{ never }', signal: controller.signal });
      await waitFor('it to run', () => subgraph.events.started === 1);
      controller.abort(new Error('deadline'));
      await expect(never).rejects.toThrow('deadline');
      await expect(cloud.session!.execute({ query: '{ hello }', signal: controller.signal })).rejects.toThrow(
        'deadline',
      );
    });

    it('[W24] delivers a subscription until its reader leaves, and ends it at the node then', async () => {
      const { cloud, subgraph } = await connect();
      const results = cloud.session!.subscribe({ query: 'subscription { numbers }' });
      await waitFor('it to run', () => subgraph.events.started === 1);
      for (const value of [1, 2, 3]) subgraph.events.push(value);
      for (const numbers of [1, 2, 3]) expect((await results.next()).value).toEqual({ data: { numbers } });
      await results.return?.();
      subgraph.events.push(4);
      await waitFor('its end at the node', () => subgraph.events.ended === 1);
    });

    it('[W25] fails what is in flight with EDGE_NODE_DISCONNECTED, naming the node, when the link ends', async () => {
      const { cloud, subgraph, link } = await connect();
      const session = cloud.session!;
      const never = session.execute({ query: '{ never }' }).catch((error) => error);
      const results = session.subscribe({ query: 'subscription { numbers }' });
      const next = results.next().catch((error) => error);
      await waitFor('both to run', () => subgraph.events.started === 2);
      await link.close();
      const expected = {
        code: 'EDGE_NODE_DISCONNECTED',
        message: 'edge node edge-a is disconnected: the node is going away',
      };
      expect(await never).toMatchObject(expected);
      expect(await next).toMatchObject(expected);
      await expect(session.execute({ query: '{ hello }' })).rejects.toMatchObject(expected);
      expect(cloud.log).toEqual([
        'connected edge-a store-1/1',
        'disconnected edge-a store-1/1: the node is going away',
      ]);
    });

    it('[W7] lets a new connection of a node fence the old one, which ends first', async () => {
      const { cloud, edge, tunnel } = await connect();
      const hello = () => ({ ...HELLO, epoch: 2 });
      open.use(await tunnel.startEdge('edge-a', { handler: new RecordingEdge(), hello }));
      await waitFor('the second', () => cloud.session?.hello.epoch === 2);
      expect(cloud.log).toEqual([
        'connected edge-a store-1/1',
        'disconnected edge-a store-1/1: superseded by a newer connection of node edge-a',
        'connected edge-a store-1/2',
      ]);
      expect(edge.log).toEqual([
        'connected',
        'disconnected: superseded by a newer connection of node edge-a',
      ]);
    });

    it('[W7] refuses an earlier start of the store that is connected', async () => {
      const { cloud, tunnel } = await connect();
      const old = await tunnel.startEdge('edge-a', {
        handler: new RecordingEdge(),
        hello: () => ({ ...HELLO, epoch: 0 }),
      });
      open.use(old);
      await waitFor('the refusal', () =>
        old.state().lastError?.includes('a later start of the store of node edge-a'),
      );
      expect(old.state().up).toBe(false);
      expect(cloud.log).toEqual(['connected edge-a store-1/1']);
    });

    it('[W26] ends the connection when a handler fails, so that the message comes again, and says no more than that', async () => {
      const { cloud, edge } = await connect();
      let fails = true;
      cloud.onUp = () => {
        if (fails) throw new Error('secret: disk full');
      };
      edge.session!.send(reports(1, 1));
      await waitFor('the end', () => cloud.log.length >= 2);
      fails = false;
      expect(cloud.log[1]).toBe('disconnected edge-a store-1/1: a handler failed: secret: disk full');
      await waitFor('the link to come back', () => edge.session && cloud.session);
      expect(edge.log[1]).toBe('disconnected: internal error');
    });

    it('[W16] begins no message after the end of the session', async () => {
      const { cloud, edge } = await connect();
      let release = () => {};
      cloud.gate = new Promise((resolve) => {
        release = resolve;
      });
      const before = cloud.session!.bytesIn;
      for (let seq = 0; seq < 10; seq++) edge.session!.send(reports(seq, 1));
      await waitFor('the first to arrive', () => cloud.session!.bytesIn > before + 100);
      cloud.session!.close(4403, 'revoked');
      expect(cloud.log[1]).toBe('disconnected edge-a store-1/1: revoked');
      release();
      await waitFor('the edge to notice', () => edge.log[1] === 'disconnected: revoked');
      // The one that had begun ends; the other nine are never begun.
      expect(cloud.messages).toHaveLength(1);
    });
  });
}

import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import type { TunnelClientOptions } from '../../tunnel/client.ts';
import type { TunnelServerOptions } from '../../tunnel/server.ts';
import { startFaultProxy } from '../harness/fault-proxy.ts';
import { waitFor } from '../harness/wait.ts';
import {
  createPki,
  createSubgraph,
  type Pki,
  RecordingCloud,
  RecordingEdge,
  reports,
  startCloud,
  startEdge,
  times,
} from './harness.ts';

describe('a tunnel over a bad network', () => {
  let pki: Pki;
  let open = new Disposables();
  beforeAll(async () => {
    pki = await createPki();
  });
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  async function connect({
    cloudOptions = {},
    edgeOptions = {},
  }: {
    cloudOptions?: Partial<TunnelServerOptions>;
    edgeOptions?: Partial<TunnelClientOptions>;
  } = {}) {
    const cloud = new RecordingCloud();
    const edge = new RecordingEdge();
    const subgraph = createSubgraph();
    const server = open.use(await startCloud(await pki.server(), cloud, cloudOptions));
    const proxy = open.use(await startFaultProxy(server));
    const link = open.use(
      startEdge(proxy.port, await pki.node('edge-a'), edge, { serveGraphql: subgraph.serve, ...edgeOptions }),
    );
    await waitFor('the session at both ends', () => cloud.session && edge.session);
    return { cloud, edge, subgraph, server, proxy, link };
  }

  it('[W17] finds a half-open link at both ends, and comes back', async () => {
    const fast = { pingMs: 200 };
    const { cloud, edge, proxy, link } = await connect({ cloudOptions: fast, edgeOptions: fast });
    await waitFor('a few pings', () => link.state().rttMs);
    proxy.halfOpen();
    await waitFor('both ends to notice', () => cloud.log.length > 1 && edge.log.length > 1);
    expect(edge.log[1]).toMatch(/^disconnected: silent for \d+ ms: the link is half-open or too slow$/);
    expect(cloud.log[1]).toMatch(/silent for \d+ ms|superseded by a newer connection/);
    await waitFor('the link to come back', () => cloud.session && edge.session);
    expect(link.state().reconnects).toBe(1);
  });

  it('[W17] finds a half-open link in the cloud, when the node is gone for good', async () => {
    const { cloud, proxy } = await connect({ cloudOptions: { pingMs: 200 } });
    await proxy.refuse(true);
    proxy.halfOpen();
    await waitFor('the cloud to notice', () => cloud.log.length > 1);
    expect(cloud.log[1]).toMatch(/silent for \d+ ms/);
  });

  it('[W11] never hands over a part of a message, wherever the connection is cut', async () => {
    const { cloud, edge, proxy, link } = await connect({ edgeOptions: { backoff: { baseMs: 2, capMs: 5 } } });
    // Each message tells by its own how long it must be; a prefix of one would not fit.
    const message = (id: number) => {
      const length = 1 + ((id * 7919) % 60_000);
      return reports(id, 1, `${length}:`.padEnd(length, randomBytes(30_000).toString('base64')));
    };
    let whole = 0;
    cloud.onUp = (received) => {
      if (received.type !== 'reports') throw new Error(received.type);
      const raw = received.updates[0]!.reported!.raw!;
      expect(raw).toHaveLength(Math.max(Number.parseInt(raw, 10), `${Number.parseInt(raw, 10)}:`.length));
      whole++;
    };
    let id = 0;
    let cuts = 0;
    const deadline = performance.now() + times(25_000, 1_000_000);
    while (cuts < times(120, 1000) && performance.now() < deadline) {
      await waitFor('the session at both ends', () => cloud.session && edge.session, { everyMs: 1 });
      void proxy.cutAfter(1 + Math.floor(Math.random() * 200_000));
      const session = edge.session;
      while (edge.session === session) {
        if (session!.bufferedBytes < 300_000) session!.send(message(++id));
        await new Promise((resolve) => setImmediate(resolve));
      }
      cuts++;
    }
    // As many as the time was good for.
    expect(cuts).toBeGreaterThanOrEqual(times(20, 1000));
    expect(whole).toBeGreaterThan(cuts);
    expect(cloud.log.filter((line) => line.includes('protocol') || line.includes('handler failed'))).toEqual(
      [],
    );
    expect(link.state().reconnects).toBeGreaterThanOrEqual(cuts - 1);
  });

  it('[W25] fails a query in flight with EDGE_NODE_DISCONNECTED when the line is cut', async () => {
    const { cloud, subgraph, proxy } = await connect();
    const never = cloud.session!.execute({ query: '{ never }' }).catch((error) => error);
    await waitFor('it to run', () => subgraph.events.started === 1);
    proxy.reset();
    expect(await never).toMatchObject({
      code: 'EDGE_NODE_DISCONNECTED',
      message: expect.stringContaining('edge node edge-a is disconnected'),
    });
    await waitFor('a new session that answers', async () => {
      const result = await cloud.session?.execute({ query: '{ hello }' });
      return result?.data?.hello;
    });
  });

  it('[W25] ends the subscriptions at the node when the line is cut', async () => {
    const { cloud, subgraph, proxy } = await connect();
    const results = cloud.session!.subscribe({ query: 'subscription { numbers }' });
    await waitFor('it to run', () => subgraph.events.started === 1);
    const next = results.next().catch((error) => error.code);
    proxy.cut();
    expect(await next).toBe('EDGE_NODE_DISCONNECTED');
    subgraph.events.push(1);
    await waitFor('its end at the node', () => subgraph.events.ended === 1);
  });

  it('[W18] answers a ping before the bulk that was given to it earlier', async () => {
    const { cloud, edge, proxy, link } = await connect();
    let bytesAtFirstPong = 0;
    proxy.line.bytesPerSecond = 4_000_000;
    const bulk = Array.from({ length: 50 }, (_, index) =>
      reports(index, 1, randomBytes(750_000).toString('base64')),
    );
    const sizeOf = 50 * 1_000_000;
    for (const message of bulk) edge.session!.send(message);
    expect(edge.session!.bufferedBytes).toBeGreaterThan(0.7 * sizeOf);
    await waitFor('some of it', () => cloud.session!.bytesIn > 1_000_000);
    const asked = cloud.session!.bytesIn;
    const answer = cloud.session!.execute({ query: '{ hello }' }).then(() => {
      bytesAtFirstPong = cloud.session!.bytesIn;
    });
    await answer;
    // What was on its way, and a few windows more; not the 35 MB that wait.
    expect(bytesAtFirstPong - asked).toBeLessThan(2_000_000);
    expect(cloud.messages.length).toBeLessThan(50);
    expect(link.state().up).toBe(true);
    proxy.line.bytesPerSecond = 0;
    await waitFor('all of it', () => cloud.messages.length === 50);
  });

  it('[W18] keeps a link up that is busy for many pings', async () => {
    const fast = { pingMs: 250 };
    const { cloud, edge, proxy, link } = await connect({ cloudOptions: fast, edgeOptions: fast });
    proxy.line.bytesPerSecond = 1_250_000;
    for (let index = 0; index < 5; index++)
      edge.session!.send(reports(index, 1, randomBytes(750_000).toString('base64')));
    const rtts = new Set<number>();
    await waitFor('all of it', () => {
      rtts.add(cloud.session?.rttMs ?? 0);
      return cloud.messages.length === 5;
    });
    expect(rtts.size).toBeGreaterThan(8);
    expect(link.state().reconnects).toBe(0);
    expect(cloud.log).toHaveLength(1);
  });

  it('[W22] reconnects when the gateway is started again', async () => {
    const { cloud, edge, server, proxy } = await connect();
    await server.close();
    await waitFor('the end', () => !edge.session);
    expect(edge.log[1]).toBe('disconnected: the gateway is going away');
    const again = new RecordingCloud();
    const restarted = await startCloud(await pki.server(), again, {
      listen: { host: '127.0.0.1', port: server.port },
    });
    open.use(restarted);
    await waitFor('the link to come back', () => again.session && edge.session);
    edge.session!.send(reports(1, 1));
    await waitFor('a message', () => again.messages.length === 1);
    expect(cloud.messages).toEqual([]);
    expect(proxy.connections).toBe(1);
  });

  it('[W22] comes back when new connections are let through again', async () => {
    const { edge, cloud, proxy, link } = await connect();
    await proxy.refuse(true);
    proxy.reset();
    await waitFor('the refusal', () => link.state().lastError?.startsWith('refused'));
    await proxy.refuse(false);
    await waitFor('the link to come back', () => cloud.session && edge.session);
  });

  it('[W28] leaves no socket and no timer behind', async () => {
    const resources = () => {
      const counts: Record<string, number> = {};
      for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
      return {
        sockets: counts.TCPSocketWrap ?? 0,
        servers: counts.TCPServerWrap ?? 0,
        timers: counts.Timeout ?? 0,
      };
    };
    const before = resources();
    const { edge, link, proxy, server } = await connect();
    edge.session!.send(reports(1, 1000));
    expect(resources().sockets).toBeGreaterThan(before.sockets);
    await link.close();
    await proxy.close();
    await server.close();
    await waitFor('everything to be gone', () => {
      const { sockets, servers, timers } = resources();
      // The wait itself takes a timer or two.
      return sockets <= before.sockets && servers <= before.servers && timers <= before.timers + 1;
    });
  });

  it('[W28] gives up an attempt that is under way when it is closed', async () => {
    const { proxy, edge, link } = await connect();
    proxy.line.latencyMs = 60_000;
    proxy.cut();
    await waitFor('the next attempt', () => !edge.session && proxy.connections === 1);
    await link.close();
    await waitFor('nothing to be left', () => proxy.connections === 0);
  });
});

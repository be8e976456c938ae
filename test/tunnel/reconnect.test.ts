import { describe, expect, it } from 'vitest';
import type { LinkState } from '../../tunnel/contract.ts';
import type { EdgeLinkOptions } from '../../tunnel/edge-link.ts';
import type { NodeSessionsOptions } from '../../tunnel/node-sessions.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { HELLO, RecordingCloud, RecordingEdge } from './harness.ts';
import { createNodeSessions, startMemoryEdge } from './memory-tunnel.ts';

/** Random numbers just below 1: every wait is as long as it can get. */
const longest = () => 1 - Number.EPSILON;

function start(options: Partial<EdgeLinkOptions> = {}, cloudOptions: Partial<NodeSessionsOptions> = {}) {
  const clock = new ManualClock();
  const cloud = new RecordingCloud();
  const nodes = createNodeSessions(cloud, { clock, ...cloudOptions });
  const states: LinkState[] = [];
  const dials: number[] = [];
  const edge = startMemoryEdge(nodes, 'edge-a', new RecordingEdge(), {
    clock,
    random: longest,
    backoff: { baseMs: 500, capMs: 60_000, resetAfterMs: 60_000 },
    onStateChange: (state) => states.push(state),
    hello: () => {
      dials.push(clock.now());
      return HELLO;
    },
    ...options,
  });
  const flush = () => edge.pairs.at(-1)?.flush();
  flush();
  /** Moves time in steps that are short against a ping, with the network in between. */
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      await clock.advance(Math.min(250, ms - passed));
      flush();
    }
  };
  return { ...edge, clock, cloud, nodes, states, dials, advance, flush };
}

describe('the link', () => {
  it('[W22] comes back within half a second and a round trip after a lost connection', async () => {
    const { link, pairs, advance } = start();
    expect(link.state().up).toBe(true);
    pairs[0]!.cut();
    expect(link.state()).toMatchObject({ up: false, lastError: 'the connection was lost (1006)' });
    await advance(750);
    expect(link.state()).toMatchObject({ up: true, reconnects: 1 });
    await link.close();
  });

  it('[W22] waits twice as long after each failure, up to the cap, and a random part of it', async () => {
    const { link, network, pairs, clock, advance } = start({
      backoff: { baseMs: 500, capMs: 4000, resetAfterMs: 60_000 },
    });
    network.up = false;
    const attempts: number[] = [];
    const lostAt = clock.now();
    Object.defineProperty(network, 'up', {
      get() {
        attempts.push(clock.now() - lostAt);
        return false;
      },
    });
    pairs[0]!.cut();
    await advance(20_000);
    const waits = attempts.map((at, index) => Math.round(at - (attempts[index - 1] ?? 0)));
    expect(waits).toEqual([500, 1000, 2000, 4000, 4000, 4000, 4000]);
    await link.close();
  });

  it('[W22] forgets earlier failures once a connection has lived for a minute, not before', async () => {
    const { link, pairs, advance, dials, clock } = start();
    const waitAfterCut = async () => {
      const cutAt = clock.now();
      pairs.at(-1)!.cut();
      await advance(70_000);
      return Math.round(dials.at(-1)! - cutAt);
    };
    const short = [];
    for (let round = 0; round < 3; round++) {
      const cutAt = clock.now();
      pairs.at(-1)!.cut();
      while (!link.state().up) await advance(250);
      short.push(Math.round(dials.at(-1)! - cutAt));
    }
    expect(short).toEqual([500, 1000, 2000]);
    await advance(60_000);
    expect(await waitAfterCut()).toBe(500);
    await link.close();
  });

  it('[W22] does not dial before the gateway asked for, and not all nodes at the same time', async () => {
    const waits = [];
    for (const random of [() => 0, longest]) {
      const { link, nodes, dials, clock, advance, flush } = start({ random });
      const toldAt = clock.now();
      nodes.closeAll(1001, 'the gateway is going away', 5000);
      flush();
      await advance(12_000);
      waits.push(Math.round(dials[1]! - toldAt));
      expect(link.state()).toMatchObject({ up: true, lastError: 'the gateway is going away' });
      await link.close();
    }
    expect(waits).toEqual([5000, 10_000]);
  });

  it('[W29] spreads its first attempt over the window that the cloud told last, and only the first', async () => {
    let windowMs = 1000;
    const { link, pairs, network, clock, advance } = start({}, { reconnectWindowMs: () => windowMs });
    windowMs = 30_000;
    await advance(10_000);
    network.up = false;
    const dials: number[] = [];
    const lostAt = clock.now();
    Object.defineProperty(network, 'up', {
      get() {
        dials.push(Math.round(clock.now() - lostAt));
        return false;
      },
    });
    pairs[0]!.cut();
    await advance(34_000);
    expect(dials).toEqual([30_000, 31_000, 33_000]);
    await link.close();
  });

  it('[W29] takes no window over a minute, and adds it to what a leaving gateway asked for', async () => {
    const hour = { reconnectWindowMs: () => 3_600_000 };
    const { link, nodes, dials, clock, advance, flush } = start({}, hour);
    const toldAt = clock.now();
    nodes.closeAll(1001, 'the gateway is going away', 5000);
    flush();
    await advance(66_000);
    expect(Math.round(dials[1]! - toldAt)).toBe(65_000);
    await link.close();
  });

  it('[E6] dials anew at once when it is told to, and its next wait is a first one', async () => {
    const { link, cloud, dials, advance } = start();
    link.redial('the certificate was renewed');
    await advance(1);
    expect(dials).toHaveLength(2);
    await advance(250);
    expect(link.state()).toMatchObject({ up: true, reconnects: 1, lastError: 'the certificate was renewed' });
    expect(cloud.log).toEqual([
      'connected edge-a store-1/1',
      'disconnected edge-a store-1/1: the certificate was renewed',
      'connected edge-a store-1/1',
    ]);
    await link.close();
    link.redial('too late');
    await advance(1000);
    expect(dials).toHaveLength(2);
  });

  it('[E6] dials anew at once when it is between two attempts', async () => {
    const { link, network, pairs, advance } = start();
    network.up = false;
    pairs[0]!.cut();
    await advance(100);
    network.up = true;
    link.redial('the certificate was renewed');
    await advance(1);
    expect(link.state().up).toBe(true);
    await link.close();
  });

  it('[W27] tells every change of its state, once', async () => {
    const { link, pairs, network, states, advance } = start();
    network.up = false;
    pairs[0]!.cut();
    await advance(10_000);
    network.up = true;
    await advance(10_000);
    await link.close();
    expect(states.map(({ up, lastError, reconnects }) => [up, lastError, reconnects])).toEqual([
      [true, undefined, 0],
      [false, 'the connection was lost (1006)', 0],
      [false, 'Error: no network', 0],
      [true, 'Error: no network', 1],
      [false, 'Error: no network', 1],
    ]);
    expect(states[2]!.since).toBe(states[1]!.since);
  });

  it('[W27] counts bytes over its connections', async () => {
    const { link, pairs, advance } = start();
    const before = link.state();
    pairs[0]!.cut();
    await advance(750);
    expect(link.state().bytesOut).toBeGreaterThanOrEqual(2 * before.bytesOut - 20);
    expect(link.state().bytesIn).toBeGreaterThan(before.bytesIn);
    await link.close();
  });

  it('[W28] once closed, stays closed: no dial, no timer, no word', async () => {
    const { link, pairs, dials, states, advance } = start();
    pairs[0]!.cut();
    await link.close();
    await link.close();
    const told = states.length;
    await advance(100_000);
    expect(dials).toHaveLength(1);
    expect(states).toHaveLength(told);
  });

  it('[W26] survives a hello that cannot be made', async () => {
    let fails = true;
    const { link, advance } = start({
      hello: () => {
        if (fails) throw new Error('the store is locked');
        return HELLO;
      },
    });
    expect(link.state()).toMatchObject({
      up: false,
      lastError: 'the hello could not be made: the store is locked',
    });
    fails = false;
    await advance(2000);
    expect(link.state().up).toBe(true);
    await link.close();
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, parseFrame } from '../../tunnel/frame.ts';
import { PROTOCOL } from '../../tunnel/handshake.ts';
import { createMemoryPair } from '../../tunnel/memory-pair.ts';
import type { SocketLike } from '../../tunnel/socket.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import {
  createRecordingLogger,
  encodeSync,
  HELLO,
  nodeCertificate,
  RecordingCloud,
  RecordingEdge,
  reports,
} from './harness.ts';
import { createNodeSessions, startMemoryEdge } from './memory-tunnel.ts';

/** A peer that sends whatever the test wants. */
class RawPeer {
  socket!: SocketLike;
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | undefined;

  take = (socket: SocketLike) => {
    this.socket = socket;
    return {
      message: (data: unknown) => void this.frames.push(parseFrame(data)),
      closed: (code: number, reason: string) => {
        this.closed = { code, reason };
      },
    };
  };

  send(...frames: Frame[]): void {
    for (const frame of frames) this.socket.send(encodeFrame(frame), () => {});
  }
}

const hello = (protocol = PROTOCOL, fields = {}): Frame => ({
  type: 'hello',
  hello: { ...HELLO, ...fields, protocol },
});
const welcome = (protocol = PROTOCOL): Frame => ({
  type: 'welcome',
  welcome: { protocol, replicaId: 'replica-1', serverTime: 1 },
});
const syncFrame = (message = reports(1, 1)): Frame => ({ type: 'sync', more: false, ...encodeSync(message) });
const graphql = (text: string): Frame => ({
  type: 'graphql',
  more: false,
  deflated: false,
  bytes: Buffer.from(text),
});

function dialCloud() {
  const clock = new ManualClock();
  const cloud = new RecordingCloud();
  const { logger, text } = createRecordingLogger();
  const nodes = createNodeSessions(cloud, { clock, logger });
  const node = new RawPeer();
  const pair = createMemoryPair(node.take, (socket) => nodes.accept(socket, nodeCertificate('edge-a')));
  return { clock, cloud, nodes, node, pair, log: text };
}

describe('the cloud, dialled by a node that breaks a rule,', () => {
  it.each<[string, Frame[], string]>([
    ['sends a message first', [syncFrame()], 'sync: the first frame is the hello'],
    ['asks first', [graphql('{}')], 'graphql: the first frame is the hello'],
    [
      'grants credit first',
      [{ type: 'credit', channel: 'sync', bytes: 1 }],
      'credit: the first frame is the hello',
    ],
    ['welcomes', [welcome()], 'welcome: a welcome goes from the cloud to the edge'],
    ['says hello twice', [hello(), hello()], 'hello: the handshake is over'],
    [
      'sends garbage as a message',
      [hello(), { ...syncFrame(), bytes: Uint8Array.of(0xc1) } as Frame],
      'sync: message type',
    ],
    [
      'sends what goes down',
      [hello(), syncFrame({ type: 'acked', seq: 1 } as never)],
      'sync: message type acked',
    ],
    ['sends no JSON', [hello(), graphql('{')], 'graphql: '],
    [
      'subscribes',
      [hello(), graphql('{"type":"subscribe","id":"1","payload":{"query":"{a}"}}')],
      'graphql: subscribe',
    ],
    [
      'acknowledges twice',
      [hello(), graphql('{"type":"connection_ack"}'), graphql('{"type":"connection_ack"}')],
      'a second',
    ],
    [
      'sends text that is no UTF-8',
      [hello(), { ...graphql(''), bytes: Uint8Array.of(0xff) } as Frame],
      'is not UTF-8',
    ],
  ])('[W6] closes with 4400 and the rule when it %s', async (_what, frames, words) => {
    const { cloud, node, pair, clock } = dialCloud();
    node.send(...frames);
    pair.flush();
    await clock.advance(0);
    expect(node.closed).toMatchObject({ code: 4400, reason: expect.stringContaining(words) });
    expect(node.frames.at(-1)).toMatchObject({
      type: 'goodbye',
      goodbye: { reason: expect.stringContaining(words) },
    });
    expect(cloud.messages).toEqual([]);
    expect(cloud.log.filter((line) => line.startsWith('connected')).length).toBe(
      cloud.log.filter((line) => line.startsWith('disconnected')).length,
    );
  });

  it('[W20] closes with 4400 when it sends more than it has credit for', () => {
    const { cloud, node, pair } = dialCloud();
    cloud.gate = new Promise(() => {});
    const raw = randomBytes(75_000).toString('base64');
    node.send(hello(), syncFrame(reports(1, 1, raw)), syncFrame(reports(2, 1, raw)));
    pair.flush();
    expect(node.closed?.code).toBe(4400);
    expect(node.closed?.reason).toMatch(/^sync: \d+ bytes beyond the credit$/);
  });

  it('[W4] closes with 4408 when no hello comes, however often it pings', async () => {
    const { clock, node, pair } = dialCloud();
    for (let second = 0; second < 11; second++) {
      node.send({ type: 'ping', sentAt: second, rttMs: undefined, lagMs: undefined });
      pair.flush();
      await clock.advance(1000);
    }
    expect(node.closed).toEqual({ code: 4408, reason: 'no hello within 10000 ms' });
  });

  it.each([
    [{ major: 1, minor: 0 }, undefined],
    [{ major: 1, minor: 2 }, undefined],
    [{ major: 1, minor: 3 }, 'the node speaks tunnel 1.3, the gateway 1.1: upgrade the gateway'],
    [{ major: 2, minor: 0 }, 'the node speaks tunnel 2.0, the gateway 1.1: upgrade the gateway'],
  ])('[W5] and speaks version %j', (protocol, words) => {
    const { cloud, node, pair, log } = dialCloud();
    node.send(hello(protocol, { fieldOfALaterVersion: true }));
    pair.flush();
    expect(node.closed).toEqual(words && { code: 4426, reason: words });
    expect(cloud.log).toHaveLength(words ? 0 : 1);
    if (words) expect(log()).toContain(words);
  });

  it('[W7] lets another connection of the same start take over', () => {
    const { cloud, nodes, node, pair } = dialCloud();
    const second = new RawPeer();
    node.send(hello());
    pair.flush();
    const other = createMemoryPair(second.take, (socket) => nodes.accept(socket, nodeCertificate('edge-a')));
    second.send(hello());
    other.flush();
    expect(node.closed?.code).toBe(4409);
    expect(second.closed).toBeUndefined();
    expect(nodes.list()).toHaveLength(1);
    expect(cloud.log.map((line) => line.split(' ')[0])).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('[W7] keeps the nodes apart', () => {
    const { nodes, node, pair } = dialCloud();
    const second = new RawPeer();
    const other = createMemoryPair(second.take, (socket) => nodes.accept(socket, nodeCertificate('edge-b')));
    node.send(hello());
    second.send(hello());
    pair.flush();
    other.flush();
    expect(nodes.list().map(({ nodeName }) => nodeName)).toEqual(['edge-a', 'edge-b']);
    expect(node.closed).toBeUndefined();
  });

  it('[W8] tears a socket down whose peer does not answer the close', async () => {
    const { clock, nodes, node, pair } = dialCloud();
    const terminated: number[] = [];
    const stubborn: SocketLike = {
      send() {},
      bufferedBytes: 0,
      close() {},
      terminate: () => terminated.push(clock.now()),
    };
    const events = nodes.accept(stubborn, nodeCertificate('edge-b'));
    events.message(encodeFrame(hello()));
    nodes.closeAll(1001, 'the gateway is going away');
    const closedAt = clock.now();
    await clock.advance(5000);
    expect(terminated).toEqual([closedAt + 1000]);
    expect(node.closed?.code).toBe(1001);
    pair.cut();
  });
});

describe('the edge, whose gateway breaks a rule,', () => {
  function answerEdge() {
    const clock = new ManualClock();
    const edge = new RecordingEdge();
    const gateway = new RawPeer();
    let flush = () => {};
    const { link } = startMemoryEdge(createNodeSessions(new RecordingCloud()), 'edge-a', edge, {
      clock,
      dial: ({ opened }) => {
        const pair = createMemoryPair(opened, gateway.take);
        flush = () => pair.flush();
        return () => {};
      },
    });
    return { clock, edge, gateway, link, flush: () => flush() };
  }

  it.each<[string, Frame[], number, string]>([
    ['says hello', [hello()], 4400, 'hello: a hello goes from the edge to the cloud'],
    [
      'sends before the welcome',
      [syncFrame({ type: 'acked', seq: 1 } as never)],
      4400,
      'sync: the first frame is the welcome',
    ],
    ['welcomes twice', [welcome(), welcome()], 4400, 'welcome: the handshake is over'],
    ['is two minors ahead', [welcome({ major: 1, minor: 3 })], 4426, 'upgrade the node'],
    [
      'sends what goes up',
      [welcome(), syncFrame()],
      4400,
      'sync: message type reports, expected one of objects',
    ],
    [
      'subscribes unannounced',
      [welcome(), graphql('{"type":"subscribe","id":"1","payload":{"query":"{hello}"}}')],
      4400,
      'graphql: Unauthorized',
    ],
    ['sends no JSON', [welcome(), graphql('nonsense')], 4400, 'graphql: Invalid message received'],
    [
      'sends a result',
      [welcome(), graphql('{"type":"next","id":"1","payload":{}}')],
      4400,
      'graphql: Unexpected message of type next',
    ],
  ])('[W6] closes when it %s, and tells why', async (_what, frames, code, words) => {
    const { clock, edge, gateway, link, flush } = answerEdge();
    gateway.send(...frames);
    flush();
    await clock.advance(0);
    expect(gateway.closed).toMatchObject({ code, reason: expect.stringContaining(words) });
    expect(link.state()).toMatchObject({ up: false, lastError: expect.stringContaining(words) });
    expect(edge.messages).toEqual([]);
    await link.close();
  });

  it('[W4] closes with 4408 when no welcome comes', async () => {
    const { clock, gateway, link, flush } = answerEdge();
    for (let second = 0; second < 10; second++) {
      gateway.send({ type: 'ping', sentAt: 1, rttMs: undefined, lagMs: undefined });
      flush();
      await clock.advance(1000);
    }
    expect(gateway.closed).toEqual({ code: 4408, reason: 'no welcome within 10000 ms' });
    expect(link.state().lastError).toBe('no welcome within 10000 ms');
    await link.close();
  });
});

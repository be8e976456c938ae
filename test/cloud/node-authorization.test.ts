import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import { encodeFrame, type Frame, type FrameType, parseFrame } from '../../tunnel/frame.ts';
import { PROTOCOL } from '../../tunnel/handshake.ts';
import { createMemoryPair } from '../../tunnel/memory-pair.ts';
import type { DownMessage, TwinsUp } from '../../tunnel/messages.ts';
import type { SocketLike } from '../../tunnel/socket.ts';
import { SyncDecoder, SyncEncoder } from '../../tunnel/sync-payload.ts';
import { bucketOf } from '../../twin/digest.ts';
import type { Machine } from '../../twin/machine.ts';
import { proposal } from '../edge-node/fixture.ts';
import { machine } from '../harness/objects.ts';
import { createRecordingLogger, HELLO, nodeCertificate } from '../tunnel/harness.ts';
import { createNodeSessions } from '../tunnel/memory-tunnel.ts';
import { CloudFixture, snapshot, state, twin } from './fixture.ts';

/** A node that says whatever the test wants, over the tunnel as it is. */
class ForeignNode {
  #socket!: SocketLike;
  readonly received: DownMessage[] = [];
  readonly #decoder = new SyncDecoder();
  #flush: () => void = () => {};

  constructor(nodes: ReturnType<typeof createNodeSessions>, nodeName: string) {
    const pair = createMemoryPair(
      (socket) => {
        this.#socket = socket;
        return {
          message: (data) => {
            const frame = parseFrame(data);
            if (frame.type === 'sync') this.received.push(this.#decoder.decode(frame) as DownMessage);
          },
          closed: () => {},
        };
      },
      (socket) => nodes.accept(socket, nodeCertificate(nodeName)),
    );
    this.#flush = () => pair.flush();
  }

  async send(...frames: Frame[]): Promise<void> {
    for (const frame of frames) this.#socket.send(encodeFrame(frame), () => {});
    this.#flush();
    // Messages are handled one at a time, each in a turn of its own.
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#flush();
    }
  }
}

const hello = (fields: object = {}): Frame => ({
  type: 'hello',
  hello: { ...HELLO, ...fields, protocol: PROTOCOL },
});
const sync = (message: TwinsUp): Frame => ({
  type: 'sync',
  more: false,
  ...new SyncEncoder().encode(message),
});

/** Devices that edge-b does not hold, each in another way. */
const FOREIGN = {
  'a device of another node': { device: 'default/pump' },
  'a device of no node': { device: 'default/spare' },
  'a device that does not exist': { device: 'default/ghost' },
  'an earlier device of its name': { device: 'default/own', uid: 'uid-of-long-ago' },
  'a name that is no device': { device: '__proto__' },
};

/** A digest names no device, and a node tells of its own machine alone. */
type ClaimType = Exclude<TwinsUp['type'], 'digest' | 'machine'>;

/** What a node can say of a device, one per message type: the compiler asks for every new one. */
const CLAIMS: Record<ClaimType, (of: { device: string; uid?: string }) => TwinsUp> = {
  reports: (of) => ({ type: 'reports', updates: [twin(7, 99, of)] }),
  states: (of) => ({ type: 'states', states: [state(of)], sentAt: 0 }),
  snapshot: (of) => snapshot([twin(7, 99, of)], { states: [state(of)] }),
  devices: (of) => ({
    type: 'devices',
    buckets: [bucketOf(of.device)],
    devices: [{ uid: `uid-${of.device.split('/')[1]}`, ...of, digest: 99 }],
    last: true,
  }),
  proposals: (of) => ({ type: 'proposals', proposals: [proposal(of)] }),
};

/** Every other frame, with another node's name wherever it might be believed. */
const FRAMES: Record<Exclude<FrameType, 'sync'>, Frame> = {
  hello: hello({ nodeName: 'edge-a', certificate: { nodeName: 'edge-a' } }),
  welcome: { type: 'welcome', welcome: { protocol: PROTOCOL, replicaId: 'edge-a', serverTime: 0 } },
  goodbye: { type: 'goodbye', goodbye: { reason: 'edge-a' } },
  ping: { type: 'ping', sentAt: 0, rttMs: undefined, lagMs: undefined },
  pong: { type: 'pong', sentAt: 0, wallTime: 0, reconnectWindowMs: undefined },
  credit: { type: 'credit', channel: 'sync', bytes: 1 },
  graphql: {
    type: 'graphql',
    more: false,
    deflated: false,
    bytes: Buffer.from('{"id":"1","type":"next","payload":{"data":{"hello":"from edge-b"}}}'),
  },
};

describe('a node that speaks for another', () => {
  let cloud: CloudFixture;
  let written: unknown[];
  let told: string[];
  let log: () => string;
  let authorizer: NodeAuthorizer;
  let nodes: ReturnType<typeof createNodeSessions>;
  let honest: ForeignNode;
  let foreign: ForeignNode;

  beforeEach(async () => {
    cloud = new CloudFixture();
    written = [];
    told = [];
    const { cluster, clock } = cloud;
    cluster.markSynced();
    cluster.putDevice('pump');
    cluster.putDevice('own', { nodeName: 'edge-b' });
    cluster.putDevice('spare', { nodeName: '' });
    const { logger, text } = createRecordingLogger();
    log = text;
    const joined = cloud.edgeNodes({
      logger,
      writeDesired: async (patch) => {
        written.push(patch);
        return { metadata: {} };
      },
      onInfo: (nodeName) => told.push(nodeName),
    });
    authorizer = joined.authorizer;
    nodes = createNodeSessions(joined.handler, { clock });
    honest = new ForeignNode(nodes, 'edge-a');
    foreign = new ForeignNode(nodes, 'edge-b');
    await honest.send(hello());
    await foreign.send(hello({ storeId: 'store-b' }));
    await honest.send(sync({ type: 'reports', updates: [twin(1, 20)] }));
    expect(cloud.taken).toHaveLength(1);
  });

  const cases = Object.entries(FOREIGN).flatMap(([what, of]) =>
    (Object.keys(CLAIMS) as ClaimType[]).map((type) => [type, what, of] as const),
  );

  it.each(cases)(
    '[W31] in %s of %s: nothing of it is taken, and it is counted and logged',
    async (type, _what, of) => {
      await foreign.send(sync(CLAIMS[type](of)));
      expect(cloud.taken).toHaveLength(1);
      expect(cloud.states).toEqual([]);
      expect(written).toEqual([]);
      expect(new Map(authorizer.refused()).get('edge-b')).toBe(type === 'snapshot' ? 2 : 1);
      expect(log()).toContain('a node spoke for devices that it does not hold');
      expect(log()).toContain(`${type} of ${of.device}`);
    },
  );

  it('[W31] in proposals gets a verdict for each, and no other node hears of it', async () => {
    await foreign.send(sync(CLAIMS.proposals(FOREIGN['a device of another node'])));
    expect(foreign.received.at(-1)).toMatchObject({
      type: 'verdicts',
      verdicts: [{ accepted: false, reason: 'device default/pump is not on node edge-b' }],
    });
    expect(honest.received.filter(({ type }) => type === 'verdicts')).toEqual([]);
  });

  it.each(Object.entries(FRAMES))('[W31] in a %s frame is still itself', async (_type, frame) => {
    const pending = cloud.links.session('edge-a')!.execute({ query: '{ hello }' });
    let answered = false;
    pending.then(
      () => {
        answered = true;
      },
      () => {},
    );
    const other = new ForeignNode(nodes, 'edge-b');
    if (frame.type !== 'hello') await other.send(hello({ storeId: 'store-b' }));
    await other.send(frame, sync(CLAIMS.reports({ device: 'default/pump' })));
    expect(
      nodes
        .list()
        .map(({ nodeName }) => nodeName)
        .filter((name) => name === 'edge-a'),
    ).toHaveLength(1);
    expect(cloud.taken).toHaveLength(1);
    expect(answered).toBe(false);
  });

  it('[W31] in the words of its machine tells of its own Node, whatever it says', async () => {
    told = [];
    await foreign.send(sync({ type: 'machine', machine: { ...machine(), nodeName: 'edge-a' } as Machine }));
    expect(told).toEqual(['edge-b']);
  });

  it('[W31] among its own devices gets those through, and all of them acknowledged', async () => {
    const own = twin(3, 21, { device: 'default/own', uid: 'uid-own' });
    const uid = cloud.cluster.devices.get('default', 'own')!.metadata.uid!;
    await foreign.send(sync({ type: 'reports', updates: [{ ...own, uid }, twin(4, 99)] }));
    expect(cloud.taken.map(({ device }) => device)).toEqual(['default/pump', 'default/own']);
    expect(foreign.received.at(-1)).toEqual({ type: 'acked', seq: 4 });
  });

  it('[W31] over and over gets a line every 10 s, with the number', async () => {
    for (let index = 0; index < 50; index++)
      await foreign.send(sync(CLAIMS.reports({ device: 'default/pump' })));
    expect(log().match(/spoke for devices/g)).toHaveLength(1);
    await cloud.clock.advance(10_000);
    await foreign.send(sync(CLAIMS.reports({ device: 'default/pump' })));
    expect(log()).toContain('"refusedInAll":51');
    expect(log().match(/spoke for devices/g)).toHaveLength(2);
  });
});

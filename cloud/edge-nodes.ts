import type { Cluster } from '../kubernetes/cluster.ts';
import type { Clock } from '../lib/clock.ts';
import { assertNever } from '../lib/errors.ts';
import { CLOSE } from '../tunnel/close-codes.ts';
import type { NodeSession, NodeSessionHandler } from '../tunnel/contract.ts';
import type { TwinsUp } from '../tunnel/messages.ts';
import type { Machine } from '../twin/machine.ts';
import type { NodeAuthorizer } from './node-authorizer.ts';
import { NodeFeed } from './node-feed.ts';
import type { NodeLinks } from './node-links.ts';
import type { ProposalCourt } from './proposals.ts';
import type { Replica } from './replica.ts';
import { Resync } from './resync.ts';

export interface EdgeNodesOptions {
  cluster: Cluster;
  links: NodeLinks;
  replica: Replica;
  court: ProposalCourt;
  authorizer: NodeAuthorizer;
  /** The link of a node came up or went down. */
  onLink(nodeName: string, up: boolean): void;
  /** What a node that came tells of itself, and again when it tells something else. */
  onInfo(nodeName: string, info: { version: string; machine?: Machine }): void;
  clock: Clock;
}

/** What goes down to a node is of these. */
const NODE_KINDS = ['nodes', 'pods', 'configMaps', 'devices', 'deviceModels'] as const;

/** What there is of a session while it lives. */
interface Live {
  feed: NodeFeed;
  resync: Resync;
}

/** What the cloud does with its connected nodes: objects down, twins into the replica, proposals to their judge. */
export function createEdgeNodes(options: EdgeNodesOptions): NodeSessionHandler {
  const { cluster, links, replica, court, authorizer, onLink, onInfo, clock } = options;
  const lives = new Map<NodeSession, Live>();

  /** [W37] What it says from here on would be taken for what it said before: it has to begin another history. */
  const turnBack = (session: NodeSession, what: string): void =>
    session.close(CLOSE.storeWentBack, `the store of node ${session.nodeName} went back: ${what}`);

  const take = (session: NodeSession, said: TwinsUp): void => {
    const { nodeName } = session;
    // Sent before it heard that it was turned away.
    const live = lives.get(session);
    if (!live) return;
    links.synced(nodeName);
    const message = authorizer.authorize(nodeName, said);
    const lastSeq = said.type === 'reports' ? (said.updates.at(-1)?.seq ?? 0) : 0;
    switch (message.type) {
      case 'reports':
        replica.apply(nodeName, message.updates);
        // T17: the edge's store is the durable copy; what the replica took, or refused, the node need not keep for it.
        // W38: of what came ahead it keeps everything before.
        if (!message.ahead) session.send({ type: 'acked', seq: lastSeq });
        return;
      case 'states':
        replica.applyStates(nodeName, message.states, message.sentAt, clock.now());
        return;
      case 'snapshot': {
        const other = replica.contradictedBy(nodeName, message);
        if (other) {
          turnBack(session, `${other.device}/${other.property} is at ${other.seq} again`);
          return;
        }
        replica.applySnapshot(nodeName, message, clock.now());
        if (message.last) live.resync.snapshotEnded();
        return;
      }
      case 'digest':
        live.resync.takeDigest(message);
        return;
      case 'devices':
        live.resync.takeDevices(message);
        return;
      case 'proposals':
        // Not awaited: a slow Kubernetes must not hold up what the node reports.
        void court.judge(session, message.proposals);
        return;
      case 'machine':
        onInfo(nodeName, { version: session.hello.version, machine: message.machine });
        return;
      default:
        assertNever(message);
    }
  };

  return {
    onConnected(session) {
      const { nodeName, hello } = session;
      // A gateway that has not read the cluster yet would tell the node that it holds nothing, and refuse its reports.
      const unread = NODE_KINDS.filter((kind) => !cluster[kind].synced);
      if (unread.length > 0) {
        session.close(CLOSE.goingAway, `the gateway has not read the cluster yet: ${unread.join(', ')}`);
        return;
      }
      const { storeId, lastSeq } = hello;
      const known = lastSeq === undefined ? undefined : replica.positionAbove(nodeName, storeId, lastSeq);
      if (known !== undefined) {
        turnBack(session, `it is at ${lastSeq}, and was at ${known}`);
        return;
      }
      links.up(session);
      replica.connect(nodeName, storeId);
      lives.set(session, {
        feed: new NodeFeed(cluster, session, clock),
        resync: new Resync({ nodeName, replica, send: (message) => session.send(message), clock }),
      });
      onLink(nodeName, true);
      onInfo(nodeName, { version: hello.version, machine: hello.machine });
    },
    onMessage: take,
    onDisconnected(session, reason) {
      lives.get(session)?.feed.close();
      lives.delete(session);
      if (!links.down(session, reason)) return;
      onLink(session.nodeName, false);
    },
    onRefused: (nodeName, reason) => links.refused(nodeName, reason),
  };
}

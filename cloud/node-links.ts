import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { EdgeNodeSource, LinkReader } from '../resolvers/context.ts';
import type { NodeSession } from '../tunnel/contract.ts';

interface Link {
  session: NodeSession | undefined;
  /** Undefined for a node that was only ever turned away. */
  version: string | undefined;
  /** Wall clock, milliseconds. */
  since: number;
  lastSyncAt: number | undefined;
  /** Sessions since this gateway started. */
  sessions: number;
  /** Of the sessions that ended. */
  bytesIn: number;
  bytesOut: number;
  /** Why it is, or was last, down, in words for an operator. */
  lastError: string | undefined;
}

/** Which nodes are connected, and since when they are, or are not. */
export class NodeLinks implements LinkReader {
  readonly #clock: Clock;
  readonly #isOurs: (nodeName: string) => boolean;
  readonly #links = new Map<string, Link>();

  /** @param isOurs whether the cluster knows the node as an edge node of ours, from an earlier run of the gateway */
  constructor(clock: Clock, isOurs: (nodeName: string) => boolean = () => false) {
    this.#clock = clock;
    this.#isOurs = isOurs;
  }

  up(session: NodeSession): void {
    const link = this.#link(session.nodeName);
    // One that is replaced ends now for us, whenever its own end is told.
    if (link.session) this.#ended(link, link.session);
    link.session = session;
    link.version = session.hello.version;
    link.since = this.#clock.now();
    link.sessions++;
  }

  /** @returns false where a newer session of the node has already taken its place */
  down(session: NodeSession, reason: string): boolean {
    const link = this.#links.get(session.nodeName);
    if (link?.session !== session) return false;
    this.#ended(link, session);
    link.lastError = reason;
    return true;
  }

  /** The node came and was turned away, whatever became of a session that it has. */
  refused(nodeName: string, reason: string): void {
    this.#link(nodeName).lastError = reason;
  }

  synced(nodeName: string): void {
    const link = this.#links.get(nodeName);
    if (link) link.lastSyncAt = this.#clock.now();
  }

  session(nodeName: string): NodeSession | undefined {
    return this.#links.get(nodeName)?.session;
  }

  *sessions(): Iterable<NodeSession> {
    for (const { session } of this.#links.values()) if (session) yield session;
  }

  /** Since when the link is what it is; undefined for a node that never came. */
  since(nodeName: string): number | undefined {
    return this.#links.get(nodeName)?.since;
  }

  /** When the node was last heard of; undefined for one that never connected. */
  lastSeenAt(nodeName: string): number | undefined {
    const link = this.#links.get(nodeName);
    return link && (link.session ? this.#clock.now() : link.since);
  }

  /** @throws OctographError `EDGE_NODE_OFFLINE` */
  requireSession(nodeName: string): NodeSession {
    const link = this.#links.get(nodeName);
    if (link?.session) return link.session;
    const since = link ? `since ${new Date(link.since).toISOString()}` : 'and was never seen by this gateway';
    throw new OctographError('EDGE_NODE_OFFLINE', `edge node ${nodeName} is offline ${since}`, {
      details: { nodeName },
    });
  }

  /** Every node that came since this gateway started. */
  *edgeNodes(): Iterable<EdgeNodeSource> {
    for (const [name, link] of this.#links) yield sourceOf(name, link);
  }

  edgeNode(name: string): EdgeNodeSource | null {
    const link = this.#links.get(name);
    if (link) return sourceOf(name, link);
    return this.#isOurs(name) ? { name, link: { state: 'DOWN' } } : null;
  }

  #link(nodeName: string): Link {
    let link = this.#links.get(nodeName);
    if (!link) {
      link = {
        session: undefined,
        version: undefined,
        since: this.#clock.now(),
        lastSyncAt: undefined,
        sessions: 0,
        bytesIn: 0,
        bytesOut: 0,
        lastError: undefined,
      };
      this.#links.set(nodeName, link);
    }
    return link;
  }

  #ended(link: Link, session: NodeSession): void {
    link.session = undefined;
    link.since = this.#clock.now();
    link.bytesIn += session.bytesIn;
    link.bytesOut += session.bytesOut;
  }
}

function sourceOf(name: string, link: Link): EdgeNodeSource {
  const { session, version, since, lastSyncAt, sessions, lastError } = link;
  return {
    name,
    version,
    link: {
      state: session ? 'UP' : 'DOWN',
      since,
      lastSyncAt,
      rttMs: session?.rttMs,
      lagMs: session?.lagMs,
      bytesIn: link.bytesIn + (session?.bytesIn ?? 0),
      bytesOut: link.bytesOut + (session?.bytesOut ?? 0),
      reconnects: Math.max(0, sessions - 1),
      lastError,
    },
  };
}

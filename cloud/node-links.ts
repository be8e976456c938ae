import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { LinkReader } from '../resolvers/context.ts';
import type { NodeSession } from '../tunnel/contract.ts';

interface Link {
  session: NodeSession | undefined;
  version: string;
  /** Wall clock, milliseconds. */
  since: number;
  lastSyncAt: number | undefined;
}

/** Which nodes are connected, and since when they are, or are not. */
export class NodeLinks implements LinkReader {
  readonly #clock: Clock;
  readonly #links = new Map<string, Link>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  up(session: NodeSession): void {
    const lastSyncAt = this.#links.get(session.nodeName)?.lastSyncAt;
    const { version } = session.hello;
    this.#links.set(session.nodeName, { session, version, since: this.#clock.now(), lastSyncAt });
  }

  /** @returns false where a newer session of the node has already taken its place */
  down(session: NodeSession): boolean {
    const link = this.#links.get(session.nodeName);
    if (link?.session !== session) return false;
    this.#links.set(session.nodeName, { ...link, session: undefined, since: this.#clock.now() });
    return true;
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

  /** Since when the link is what it is; undefined for a node that never connected. */
  since(nodeName: string): number | undefined {
    return this.#links.get(nodeName)?.since;
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

  edgeNode(name: string) {
    const link = this.#links.get(name);
    if (!link) return null;
    const { session, version, since, lastSyncAt } = link;
    return {
      name,
      version,
      link: { state: session ? ('UP' as const) : ('DOWN' as const), since, lastSyncAt },
    };
  }
}

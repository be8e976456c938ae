import type { NodeSession } from '../tunnel/contract.ts';
import { type EdgeQuery, OWN_QUERY, queryFor } from './edge-query.ts';

/** Versions of the edge subgraph that are remembered; a fleet has few, and one more is only asked for again. */
const VERSIONS = 16;

/** What each node can be asked: our own version, or what it and we both know, found out once per version. */
export class EdgeDialects {
  readonly #ownHash: string;
  readonly #queries = new Map<string, Promise<EdgeQuery>>();

  constructor(ownHash: string) {
    this.#ownHash = ownHash;
  }

  queryFor(session: NodeSession): Promise<EdgeQuery> {
    const { schemaHash } = session.hello;
    if (schemaHash === this.#ownHash) return Promise.resolve(OWN_QUERY);
    const known = this.#queries.get(schemaHash);
    if (known) return known;
    const asked = this.#ask(session);
    this.#queries.set(schemaHash, asked);
    // What failed is asked again by whoever comes next.
    asked.catch(() => this.#queries.delete(schemaHash));
    if (this.#queries.size > VERSIONS) this.#queries.delete(this.#queries.keys().next().value as string);
    return asked;
  }

  async #ask(session: NodeSession): Promise<EdgeQuery> {
    const { data } = await session.execute({ query: '{ _service { sdl } }' });
    return queryFor((data as { _service: { sdl: string } })._service.sdl);
  }
}

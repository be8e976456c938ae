import { type Clock, every, toIso } from '../../lib/clock.ts';
import type { Closable, Close } from '../../lib/disposables.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { NodeCertificate } from '../../tunnel/peer.ts';
import type { Secrets } from './secrets.ts';

const NAME = 'octograph-revoked-nodes';
const TYPE = 'octograph.dev/revoked-nodes';

/** With a review of the live sessions after each, a revocation is felt within this and one request. */
const POLL_MS = 3000;

/** Serial numbers of one node that are remembered as good: its certificate, and the one that replaces it. */
const SERIALS_KEPT = 4;

/** How often a change is tried again that others were faster with. */
const WRITE_ATTEMPTS = 5;

interface Revoked {
  revokedAt: string;
  /** [E7] Serial numbers of the certificates that the node got since, with a new token. */
  serialNumbers: string[];
}

type RevokedNodes = ReadonlyMap<string, Revoked>;

/** [E7] From now on no certificate that the node has is good. One Secret holds all nodes, a few thousand at most (1 MiB). */
export async function revokeNode(secrets: Secrets, nodeName: string, now: number): Promise<void> {
  await change(secrets, nodeName, () => ({ revokedAt: toIso(now), serialNumbers: [] }));
}

/** The certificates that are good no more: the list in Kubernetes, read again every few seconds. */
export class Revocations implements Closable {
  readonly #secrets: Secrets;
  readonly #logger: Logger;
  readonly #stop: Close;
  #nodes: RevokedNodes | undefined;
  #failing = false;
  #polling: Promise<void> | undefined;

  /** `onRead` comes after every reading, changed or not. */
  constructor({ secrets, clock, logger, onRead }: RevocationsOptions) {
    this.#secrets = secrets;
    this.#logger = logger;
    const poll = () => {
      // A slow answer is not asked for twice.
      this.#polling ??= this.#read().finally(() => {
        this.#polling = undefined;
        onRead();
      });
    };
    poll();
    this.#stop = every(clock, POLL_MS, poll);
  }

  /** Why the certificate is not taken. Before the first reading none is; after that an unreachable list stays as it was. */
  refusal({ nodeName, serialNumber }: NodeCertificate): string | undefined {
    if (!this.#nodes) return 'the gateway has not read the list of revoked nodes yet';
    const revoked = this.#nodes.get(nodeName);
    if (!revoked || revoked.serialNumbers.includes(serialNumber)) return undefined;
    return `node ${nodeName} was revoked at ${revoked.revokedAt}: join again with a new token`;
  }

  /** A revoked node got a certificate with a new token, or renewed one: that one is good. */
  async allow(nodeName: string, serialNumber: string): Promise<void> {
    if (!(await readAll(this.#secrets)).nodes.has(nodeName)) return;
    this.#nodes = await change(
      this.#secrets,
      nodeName,
      (revoked) =>
        revoked && {
          ...revoked,
          serialNumbers: [...revoked.serialNumbers, serialNumber].slice(-SERIALS_KEPT),
        },
    );
  }

  /** Resolves when the reading that is under way is over, well or not. */
  async settled(): Promise<void> {
    await this.#polling;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#polling;
  }

  async #read(): Promise<void> {
    try {
      this.#nodes = (await readAll(this.#secrets)).nodes;
      if (this.#failing) this.#logger.info({}, 'the list of revoked nodes can be read again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#logger.warn({ error: messageOf(error) }, 'the list of revoked nodes cannot be read');
      this.#failing = true;
    }
  }
}

export interface RevocationsOptions {
  secrets: Secrets;
  clock: Clock;
  logger: Logger;
  onRead(): void;
}

async function readAll(secrets: Secrets) {
  const stored = await secrets.read(NAME);
  const nodes: RevokedNodes = new Map(
    Object.entries(stored?.data ?? {}).map(([nodeName, text]) => [nodeName, parse(text)]),
  );
  return { stored, nodes };
}

/** What cannot be read revokes everything of the node: a list that was edited by hand must not let anybody in. */
function parse(text: string): Revoked {
  try {
    const { revokedAt, serialNumbers } = JSON.parse(text) as Partial<Revoked>;
    return {
      revokedAt: String(revokedAt),
      serialNumbers: Array.isArray(serialNumbers) ? serialNumbers.map(String) : [],
    };
  } catch {
    return { revokedAt: 'an unknown time', serialNumbers: [] };
  }
}

/** Read, change, write; again where somebody else wrote in between. */
async function change(
  secrets: Secrets,
  nodeName: string,
  next: (revoked: Revoked | undefined) => Revoked | undefined,
): Promise<RevokedNodes> {
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
    const { stored, nodes } = await readAll(secrets);
    const revoked = next(nodes.get(nodeName));
    if (!revoked) return nodes;
    const data = { ...stored?.data, [nodeName]: JSON.stringify(revoked) };
    const written = stored
      ? await secrets.replace({ ...stored, data })
      : await secrets.create(NAME, TYPE, data);
    if (written) return new Map([...nodes, [nodeName, revoked]]);
  }
  throw new OctographError(
    'REVOCATION_CONFLICT',
    `Secret ${NAME} was changed by others ${WRITE_ATTEMPTS} times in a row`,
  );
}

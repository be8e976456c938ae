import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { Verdict } from '../tunnel/messages.ts';
import type { Conflict, ConflictSide } from '../twin/conflict.ts';
import { desiredOf, desiredText, encodeDesired, judgeProposal } from '../twin/desired.ts';
import { type DeviceObject, splitId } from '../twin/device-object.ts';
import type { Desired, Proposal } from '../twin/twin.ts';
import { encodeText } from '../twin/value.ts';
import type { DesiredPatch } from './commands.ts';
import type { CloudObjectReader } from './object-reader.ts';

export interface ProposalCourtOptions {
  objects: CloudObjectReader;
  writeDesired(patch: DesiredPatch): Promise<Written>;
  /** Keeps a conflict; the node gets the same one with its verdict. */
  record(conflict: Conflict): void;
  createId(prefix: string): string;
  clock: Clock;
  logger: Logger;
}

/** A Device's annotation: who wins where both sides set a value; `CLOUD` where it says nothing. */
const POLICY = 'octograph.dev/conflict-policy';

/** What is asked of a Device that was written. */
type Written = { metadata: Pick<DeviceObject['metadata'], 'generation'> };

/** What a proposal made the desired value; null where it cleared it. */
interface Taken {
  change: string;
  text: string | null;
  generation?: number;
}

const REMEMBERED = 10_000;

/** Errors of a write that decide a proposal; any other leaves it open, to be judged when the node sends it again. */
const FINAL = new Set(['DESIRED_CHANGED', 'DEVICE_REPLACED', 'KUBERNETES_NOT_FOUND', 'KUBERNETES_INVALID']);

/** [T13] Judges what was set at the edge. A proposal that is taken becomes the Device's desired value, under its own change id. */
export class ProposalCourt {
  readonly #options: ProposalCourtOptions;
  /** The end of what is being judged, by node. */
  readonly #judging = new Map<string, Promise<void>>();
  /** What was last taken from a node, by property: its next proposal may take the place of it. The last 10 000: by then the cache shows it. */
  readonly #taken = new Map<string, Taken>();
  /** Likewise what may have been written: Kubernetes did not say. */
  readonly #attempted = new Map<string, Taken>();

  constructor(options: ProposalCourtOptions) {
    this.#options = options;
  }

  /** One by one, in the order in which they were made, over all calls for a node. */
  judge(session: NodeSession, proposals: readonly Proposal[]): Promise<void> {
    const before = this.#judging.get(session.nodeName) ?? Promise.resolve();
    const judged = before.then(() => this.#judgeAll(session, proposals));
    // What fails is the caller's to hear; those behind it are judged all the same.
    this.#judging.set(
      session.nodeName,
      judged.catch(() => {}),
    );
    return judged;
  }

  async #judgeAll(session: NodeSession, proposals: readonly Proposal[]): Promise<void> {
    for (const proposal of proposals) {
      // [T25] Nothing to judge: the node made it before it heard, and lets it stand as a wish of its own.
      if (this.#isLocalOnly(proposal)) continue;
      const verdict = await this.#verdictOn(session.nodeName, proposal);
      if (verdict) session.send({ type: 'verdicts', verdicts: [verdict] });
    }
  }

  #isLocalOnly({ device, property }: Proposal): boolean {
    const { objects } = this.#options;
    return objects.isLocalOnly(objects.device(...splitId(device)), property);
  }

  async #verdictOn(nodeName: string, proposal: Proposal): Promise<Verdict | undefined> {
    const { change, device, property, uid, desired } = proposal;
    const refuse = (reason: string, standing?: Desired): Verdict => {
      const conflict = this.#conflict(
        proposal,
        { from: 'CLOUD', desired: standing },
        { from: 'EDGE', desired },
      );
      return { change, device, property, accepted: false, reason, conflict };
    };
    const found = this.#find(nodeName, proposal);
    if (found.reason !== undefined) return refuse(found.reason);
    const { object, current } = found;
    const key = `${nodeName}/${uid}/${property}`;
    const taken = this.#taken.get(key);
    const attempted = this.#attempted.get(key);
    const own = [taken, attempted].filter((each) => each !== undefined);
    // It was taken before, and its verdict got lost: if it stands no longer, somebody has set another value since.
    const wasTaken = taken?.change === change;
    // That nothing is desired is no clearing where a value was taken: the cache may not show it yet.
    const isCleared = !current && (wasTaken || own.every(({ text }) => text === null));
    // It stands already, where the verdict on it got lost.
    const stands = current ? current.change === change : desired.value === null && isCleared;
    // It was made before the node heard of its own last one: that is no other will than its own.
    const followsOwn = own.some((each) => current?.change === each.change);
    const text = desired.value === null ? null : encodeText(desired.value);
    let conflict: Conflict | undefined;
    if (!stands && !followsOwn && !wasTaken) {
      const judged = judgeProposal(proposal, object.metadata.uid, current);
      const edgeWins = object.metadata.annotations?.[POLICY] === 'EDGE';
      if (!judged.accepted && !edgeWins) return refuse(judged.reason, current);
      if (!judged.accepted) {
        conflict = this.#conflict(proposal, { from: 'EDGE', desired }, { from: 'CLOUD', desired: current });
      }
    }
    try {
      const standing = wasTaken ? taken.text : desiredText(object, property);
      const written = stands ? object : await this.#write(proposal, standing, own);
      const generation = stands && wasTaken ? taken.generation : written.metadata.generation;
      remember(this.#taken, key, { change, text, generation });
      this.#attempted.delete(key);
      return { change, device, property, accepted: true, generation, conflict };
    } catch (error) {
      if (FINAL.has(codeOf(error) ?? '')) return refuse(messageOf(error), current);
      remember(this.#attempted, key, { change, text });
      this.#options.logger.warn(
        { change, device, property, err: messageOf(error) },
        'a proposal waits for Kubernetes',
      );
      return undefined;
    }
  }

  /** The loser stands in the ledger, here and at the node: nothing is overwritten in silence. */
  #conflict({ device, uid, property }: Proposal, winner: ConflictSide, loser: ConflictSide): Conflict {
    const { createId, clock, record } = this.#options;
    const conflict = { id: createId('cfl'), device, uid, property, winner, loser, at: clock.now() };
    record(conflict);
    return conflict;
  }

  /** The very device that the proposal is for, with what is desired there now; or why there is none. */
  #find(nodeName: string, { device, property, uid }: Proposal) {
    const { objects } = this.#options;
    const [namespace, name] = splitId(device);
    const object = objects.device(namespace, name);
    if (!object) return { reason: `device ${device} does not exist any more` };
    if (object.spec.nodeName !== nodeName) return { reason: `device ${device} is not on node ${nodeName}` };
    if (object.metadata.uid !== uid) {
      return { reason: `device ${device} was deleted and created again meanwhile` };
    }
    const model = objects.propertiesOf(object).get(property);
    if (!model) return { reason: `device ${device} has no property ${property} any more` };
    return { object, current: desiredOf(object, model) };
  }

  async #write(
    { device, uid, property, desired }: Proposal,
    standing: string | null,
    own: readonly Taken[],
  ): Promise<Written> {
    const [namespace, name] = splitId(device);
    const write = (expected: string | null) => {
      const writes = [{ property, ...encodeDesired(desired), expected }];
      return this.#options.writeDesired({ namespace, name, uid, writes });
    };
    let written = write(standing);
    // The cache may not show yet what was taken a moment ago.
    for (const { text } of own)
      written = written.catch((error) => {
        if (text === standing || codeOf(error) !== 'DESIRED_CHANGED') throw error;
        return write(text);
      });
    return written;
  }
}

/** The oldest goes where there are too many. */
function remember(memory: Map<string, Taken>, key: string, taken: Taken): void {
  memory.delete(key);
  memory.set(key, taken);
  if (memory.size > REMEMBERED) memory.delete(memory.keys().next().value as string);
}

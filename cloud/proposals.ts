import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { Verdict } from '../tunnel/messages.ts';
import { desiredOf, desiredText, encodeDesired, judgeProposal } from '../twin/desired.ts';
import { propertiesOf } from '../twin/model.ts';
import type { Proposal } from '../twin/twin.ts';
import type { DesiredPatch } from './commands.ts';
import type { CloudObjectReader } from './object-reader.ts';

export interface ProposalCourtOptions {
  objects: CloudObjectReader;
  writeDesired(patch: DesiredPatch): Promise<unknown>;
  logger: Logger;
}

/** Errors of a write that decide a proposal; any other leaves it open, to be judged when the node connects again. */
const FINAL = new Set(['DESIRED_CHANGED', 'DEVICE_REPLACED', 'KUBERNETES_NOT_FOUND', 'KUBERNETES_INVALID']);

/** [T13] Judges what was set at the edge. A proposal that is taken becomes the Device's desired value, under its own change id. */
export class ProposalCourt {
  readonly #options: ProposalCourtOptions;
  /** The end of what is being judged, by node. */
  readonly #judging = new Map<string, Promise<void>>();
  /** What was last taken from a node, by property: its next proposal may take the place of it. */
  readonly #taken = new Map<string, { change: string; text: string }>();

  constructor(options: ProposalCourtOptions) {
    this.#options = options;
  }

  /** One by one, in the order in which they were made, over all calls for a node. */
  judge(session: NodeSession, proposals: readonly Proposal[]): Promise<void> {
    const before = this.#judging.get(session.nodeName) ?? Promise.resolve();
    const judged = before.then(() => this.#judgeAll(session, proposals));
    this.#judging.set(session.nodeName, judged);
    return judged;
  }

  async #judgeAll(session: NodeSession, proposals: readonly Proposal[]): Promise<void> {
    for (const proposal of proposals) {
      const verdict = await this.#verdictOn(session.nodeName, proposal);
      if (verdict) session.send({ type: 'verdicts', verdicts: [verdict] });
    }
  }

  async #verdictOn(nodeName: string, proposal: Proposal): Promise<Verdict | undefined> {
    const { change, device, property, uid, desired } = proposal;
    const refuse = (reason: string): Verdict => ({ change, device, property, accepted: false, reason });
    const [namespace, name] = device.split('/') as [string, string];
    const object = this.#options.objects.device(namespace, name);
    if (!object) return refuse(`device ${device} does not exist any more`);
    if (object.spec.nodeName !== nodeName) return refuse(`device ${device} is not on node ${nodeName}`);
    const model = propertiesOf(object, this.#options.objects.modelOf(object)).find(
      (known) => known.name === property,
    );
    if (!model) return refuse(`device ${device} has no property ${property} any more`);
    const current = desiredOf(object, model);
    const key = `${nodeName}/${uid}/${property}`;
    const taken = this.#taken.get(key);
    // Made before the node heard of its own last one: that is no other will than its own.
    const isOwn = taken !== undefined && current?.change === taken.change && object.metadata.uid === uid;
    // The verdict on it got lost: it stands there already.
    const stands =
      object.metadata.uid === uid && (current ? current.change === change : desired.value === null);
    const judged = isOwn || stands ? undefined : judgeProposal(proposal, object.metadata.uid, current);
    if (judged?.accepted === false) return refuse(judged.reason);
    const { value: text, metadata } = encodeDesired(desired);
    const write = (expected: string | null) =>
      this.#options.writeDesired({
        namespace,
        name,
        uid,
        writes: [{ property, value: text, metadata, expected }],
      });
    try {
      if (!stands) {
        await write(desiredText(object, property)).catch((error) => {
          // The cache may not show yet what was taken a moment ago.
          if (!taken || codeOf(error) !== 'DESIRED_CHANGED') throw error;
          return write(taken.text);
        });
      }
      this.#taken.set(key, { change, text });
      return { change, device, property, accepted: true };
    } catch (error) {
      if (FINAL.has(codeOf(error) ?? '')) return refuse(messageOf(error));
      this.#options.logger.warn(
        { change, device, property, err: messageOf(error) },
        'a proposal waits for Kubernetes',
      );
      return undefined;
    }
  }
}

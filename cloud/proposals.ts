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

  constructor(options: ProposalCourtOptions) {
    this.#options = options;
  }

  /** One by one, in the order in which they were made. */
  async judge(session: NodeSession, proposals: readonly Proposal[]): Promise<void> {
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
    const judged = judgeProposal(proposal, object.metadata.uid, desiredOf(object, model));
    if (!judged.accepted) return refuse(judged.reason);
    try {
      const expected = desiredText(object, property);
      await this.#options.writeDesired({
        namespace,
        name,
        uid,
        writes: [{ property, ...encodeDesired(desired), expected }],
      });
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

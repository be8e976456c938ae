import { KUBEEDGE_MESSAGES } from '../../bus/kubeedge/topics.ts';
import type { EdgeNodeOptions } from '../../edge-node/edge-node.ts';
import { OctographError } from '../../lib/errors.ts';
import { topicFilterProblem } from '../../lib/mqtt-topic.ts';
import type { Options, Settings } from '../settings.ts';

/** Settings of what an edge node's MQTT bus has for the cloud. */
export const MESSAGE_OPTIONS: Options = {
  messages: {
    kind: 'list',
    default: KUBEEDGE_MESSAGES,
    help: 'topic filters of the MQTT messages that go to the cloud',
  },
  'messages-megabytes': {
    kind: 'number',
    minimum: 1,
    default: 16,
    help: 'such messages kept for a cloud that is away; beyond it the oldest go, and are counted',
  },
};

const MEGABYTE = 1024 * 1024;

/** @throws OctographError `SETTINGS` */
export function messagesFrom(settings: Settings): EdgeNodeOptions['messages'] {
  const filters = settings.messages as string[];
  for (const filter of filters) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined)
      throw new OctographError('SETTINGS', `--messages ${JSON.stringify(filter)}: ${problem}`);
  }
  return { filters, limitBytes: (settings['messages-megabytes'] as number) * MEGABYTE };
}

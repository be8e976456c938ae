import { describe, expect, it } from 'vitest';
import { KUBEEDGE_MESSAGES } from '../../bus/kubeedge/topics.ts';
import { MESSAGE_OPTIONS, messagesFrom } from '../../cli/commands/messages.ts';
import { readSettings } from '../../cli/settings.ts';

const read = (...argv: string[]) =>
  messagesFrom(readSettings(MESSAGE_OPTIONS, { argv, env: {}, readFile: () => '' }).settings);

describe('--messages', () => {
  it('is what KubeEdge hands on, 16 MiB of it, where nobody says', () => {
    expect(read()).toEqual({ filters: KUBEEDGE_MESSAGES, limitBytes: 16 * 1024 * 1024 });
  });

  it('takes filters in its place', () => {
    expect(read('--messages', 'plant/#,+/user/#', '--messages-megabytes', '1')).toEqual({
      filters: ['plant/#', '+/user/#'],
      limitBytes: 1024 * 1024,
    });
  });

  it('refuses what is no topic filter, by name', () => {
    expect(() => read('--messages', 'plant/#/x')).toThrow('--messages "plant/#/x": # stands for all levels');
  });
});

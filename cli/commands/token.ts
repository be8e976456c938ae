import { openAuthority } from '../../cloud/enrolment/authority.ts';
import { createJoinToken } from '../../cloud/enrolment/tokens.ts';
import { systemClock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import { authorityHashOf } from '../../tunnel/join-token.ts';
import type { Command } from '../command.ts';
import { KUBECONFIG_OPTIONS, withSecrets } from './secrets.ts';

export const tokenCommand: Command = {
  usage: 'octograph token create [settings]',
  options: {
    ...KUBECONFIG_OPTIONS,
    'node-name-pattern': {
      kind: 'text',
      default: '*',
      help: 'which nodes may join with it: a name, with * for any characters',
    },
    ttl: { kind: 'text', default: '1h', help: 'how long it is good: a number with s, m, h or d' },
  },
  async run({ settings, positionals }) {
    if (positionals.join(' ') !== 'create') {
      throw new OctographError(
        'SETTINGS',
        `token ${positionals.join(' ') || '(nothing)'}: expected token create`,
      );
    }
    const validForMs = durationOf(settings.ttl as string);
    const token = await withSecrets(settings, async (secrets) => {
      const { certificatePem } = await openAuthority(secrets, systemClock);
      return createJoinToken(secrets, {
        nodeNamePattern: settings['node-name-pattern'] as string,
        validForMs,
        now: systemClock.now(),
        authorityHash: authorityHashOf(certificatePem),
      });
    });
    process.stdout.write(`${token}\n`);
    return undefined;
  },
};

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new OctographError(
    'SETTINGS',
    `--ttl is ${JSON.stringify(text)}: expected a number with s, m, h or d, like 30m`,
  );
}

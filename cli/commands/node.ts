import { revokeNode } from '../../cloud/enrolment/revocations.ts';
import { systemClock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import { isNodeName } from '../../tunnel/identity.ts';
import type { Command } from '../command.ts';
import { KUBECONFIG_OPTIONS, withSecrets } from './secrets.ts';

export const nodeCommand: Command = {
  usage: 'octograph node revoke NAME [settings]',
  options: KUBECONFIG_OPTIONS,
  async run({ settings, positionals }) {
    const [action, name = '', ...rest] = positionals;
    if (action !== 'revoke' || !isNodeName(name) || rest.length > 0) {
      throw new OctographError(
        'SETTINGS',
        `node ${positionals.join(' ') || '(nothing)'}: expected node revoke NAME, with the name of one node`,
      );
    }
    await withSecrets(settings, (secrets) => revokeNode(secrets, name, systemClock.now()));
    process.stdout.write(
      `node ${name} is revoked: its tunnel is cut within 10 s, and it comes back with a new token only\n`,
    );
    return undefined;
  },
};

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthority } from '../../cloud/enrolment/authority.ts';
import { Secrets } from '../../cloud/enrolment/secrets.ts';
import { createJoinToken } from '../../cloud/enrolment/tokens.ts';
import { IDENTITY_FILE } from '../../edge-node/enrolment/identity-file.ts';
import { createKubeClient } from '../../kubernetes/client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import type { Clock } from '../../lib/clock.ts';
import { authorityHashOf } from '../../tunnel/join-token.ts';
import type { DemoLayout } from './layout.ts';

const TOKEN_MS = 600_000;

/** The file with the token that a node joins with at its first start, as `octograph token create` would print it. */
export const joinTokenPath = (layout: DemoLayout, nodeName: string): string =>
  join(layout.stateDir, `${nodeName}.token`);

/** What an earlier start left: it may be used up, and a node must not try it. */
export function removeJoinTokens(layout: DemoLayout): void {
  for (const { name } of layout.nodes) rmSync(joinTokenPath(layout, name), { force: true });
}

/** One for each node that has not joined before. */
export async function writeJoinTokens(layout: DemoLayout, clock: Clock): Promise<void> {
  const newcomers = layout.nodes.filter(
    ({ name }) => !existsSync(join(layout.stateDir, name, IDENTITY_FILE)),
  );
  if (newcomers.length === 0) return;
  const client = createKubeClient({ config: loadKubeConfig({ kubeconfig: layout.kubeconfig }), clock });
  try {
    const secrets = new Secrets(client);
    const { certificatePem } = await openAuthority(secrets, clock);
    for (const { name } of newcomers) {
      const token = await createJoinToken(secrets, {
        nodeNamePattern: name,
        validForMs: TOKEN_MS,
        now: clock.now(),
        authorityHash: authorityHashOf(certificatePem),
      });
      // Never half of it: the node may be looking.
      const path = joinTokenPath(layout, name);
      writeFileSync(`${path}.new`, `${token}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    }
  } finally {
    client.close();
  }
}

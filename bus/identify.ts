import { createHash, timingSafeEqual } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Client } from 'aedes';
import type { BrokerOptions } from './broker.ts';

/** Who a client of the embedded broker is: by certificate, as the node itself, or by name and password. */
export async function identify(
  client: Client,
  username: string | undefined,
  password: string | undefined,
  { authenticate, owner, tls }: Pick<BrokerOptions, 'authenticate' | 'owner' | 'tls'>,
): Promise<{ isKnown: true; name: string | undefined } | { isKnown: false }> {
  if (owner && username === owner.username) {
    return isSecret(password, owner.password) ? { isKnown: true, name: username } : { isKnown: false };
  }
  if (tls?.ca !== undefined) {
    if (!(client.conn instanceof TLSSocket)) return { isKnown: false };
    return { isKnown: true, name: String(client.conn.getPeerCertificate().subject?.CN ?? '') };
  }
  const isKnown = await (authenticate?.(username, password) ?? true);
  return isKnown ? { isKnown, name: username } : { isKnown };
}

function isSecret(given: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

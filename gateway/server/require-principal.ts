import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendRefusal } from './answers.ts';
import {
  type AccessOptions,
  authenticate,
  type Credentials,
  isForwarded,
  type Principal,
} from './authentication.ts';

/** Who asks, or undefined after a 401 or a 503. */
export async function requirePrincipal(
  request: IncomingMessage,
  response: ServerResponse,
  access: AccessOptions,
): Promise<Principal | undefined> {
  const authentication = await authenticate(credentialsOf(request), access);
  if (authentication.kind === 'authenticated') return authentication.principal;
  if (authentication.kind === 'unavailable') {
    sendRefusal(response, {
      status: 503,
      code: 'AUTHENTICATION_UNAVAILABLE',
      message: authentication.reason,
      headers: { 'retry-after': '5' },
    });
    return undefined;
  }
  const error = authentication.kind === 'rejected' ? ', error="invalid_token"' : '';
  sendRefusal(response, {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: authentication.reason,
    headers: { 'www-authenticate': `Bearer realm="octograph"${error}` },
  });
  return undefined;
}

export const credentialsOf = ({ headers }: IncomingMessage): Credentials => ({
  authorization: headers.authorization,
  forwarded: isForwarded(headers),
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendRefusal } from './answers.ts';
import { type AccessOptions, authenticate, isForwarded, type Principal } from './authentication.ts';

/** Who asks, or undefined after a 401. */
export async function requirePrincipal(
  request: IncomingMessage,
  response: ServerResponse,
  access: AccessOptions,
): Promise<Principal | undefined> {
  const { authorization } = request.headers;
  const authentication = await authenticate(
    { authorization, forwarded: isForwarded(request.headers) },
    access,
  );
  if (authentication.kind === 'authenticated') return authentication.principal;
  const error = authentication.kind === 'rejected' ? ', error="invalid_token"' : '';
  sendRefusal(response, {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: authentication.reason,
    headers: { 'www-authenticate': `Bearer realm="octograph"${error}` },
  });
  return undefined;
}

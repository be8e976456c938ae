import type { IncomingMessage } from 'node:http';
import { bodyTooLarge } from './status.ts';

/** The API server's bound on a request body. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * Reads a request's body.
 * @throws ApiError 413 over 3 MiB; what follows is thrown away, so that the client gets to read the answer.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
  return Buffer.concat(chunks);
}

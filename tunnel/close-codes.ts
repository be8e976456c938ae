import { OctographError } from '../lib/errors.ts';

/** Why a connection was closed. SPEC.md says what each of them asks of the other end. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  internalError: 1011,
  protocolViolation: 4400,
  notAuthorized: 4403,
  handshakeTimeout: 4408,
  superseded: 4409,
  storeWentBack: 4410,
  versionMismatch: 4426,
  tooSlow: 4429,
} as const;

/** The peer broke a rule: the connection is closed with 4400, and the message goes to the peer as the reason. */
export class ProtocolError extends OctographError {
  constructor(message: string) {
    super('TUNNEL_PROTOCOL', message);
    this.name = 'ProtocolError';
  }
}

/** RFC 6455 leaves 123 bytes for the reason of a close frame. */
const REASON_LIMIT_BYTES = 123;

export function closeReason(text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) > REASON_LIMIT_BYTES) cut = `${[...cut].slice(0, -2).join('')}…`;
  return cut;
}

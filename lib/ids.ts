import { randomBytes } from 'node:crypto';

/** 80 random bits behind a prefix that says what it names: `chg-4m7q…`. Safe in URLs, labels and file names. */
export function createId(prefix: string): string {
  return `${prefix}-${base32(randomBytes(10))}`;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

import { crc32 } from 'node:zlib';
import { OctographError } from '../../lib/errors.ts';

/**
 * SQLite notices a broken page, not a flipped bit within a value. So each value bears its checksum: `#`, eight hexadecimal
 * digits, the text. What an older version stored has none, and begins with anything but `#`.
 */
export function seal(text: string): string {
  return `#${crc32(text).toString(16).padStart(8, '0')}${text}`;
}

/** @throws OctographError `STORE_CORRUPT` where the text is not what was sealed */
export function unseal(sealed: string): string {
  if (!sealed.startsWith('#')) return sealed;
  const text = sealed.slice(9);
  if (crc32(text) !== Number.parseInt(sealed.slice(1, 9), 16)) {
    throw new OctographError('STORE_CORRUPT', `a stored value fails its checksum: ${text.slice(0, 60)}`);
  }
  return text;
}

/** The same for bytes: the checksum is their last four. */
export function sealBytes(bytes: Uint8Array): Uint8Array {
  const sealed = Buffer.alloc(bytes.length + 4);
  sealed.set(bytes);
  sealed.writeUInt32LE(crc32(bytes), bytes.length);
  return sealed;
}

/** @returns undefined where the bytes are not what was sealed */
export function unsealBytes(sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - 4;
  if (end < 0) return undefined;
  const bytes = sealed.subarray(0, end);
  const sum = Buffer.from(sealed.buffer, sealed.byteOffset + end, 4).readUInt32LE();
  return crc32(bytes) === sum ? bytes : undefined;
}

/** Types of acknowledgements, the upper half of a packet's first byte. Source: MQTT 3.1.1, section 2.2.1. */
const PUBACK = 4;
const PUBCOMP = 7;

/**
 * Watches a client's bytes for packets beyond a size, from the length in their fixed header: before they are buffered. And
 * counts them. Source: MQTT 3.1.1, section 2.2.3.
 */
export class PacketScanner {
  readonly #maxBytes: number;
  /** Bytes of the current packet still to come; undefined while its header is being read. */
  #left: number | undefined;
  /** Bytes of the current header so far: its type, then the digits of its length. */
  #headerBytes = 0;
  #length = 0;
  #packets = 0;
  #messages = 0;

  /** @param maxBytes of a packet, its fixed header not counted */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Packets that are complete. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets that began, without acknowledgements: those follow from what was sent to the client. */
  get messages(): number {
    return this.#messages;
  }

  /** False as soon as a packet is too long, or no packet at all. */
  accepts(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === undefined) {
        if (!this.#takeHeaderByte(chunk[at++] as number)) return false;
      } else {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
      }
      if (this.#left !== 0) continue;
      this.#left = undefined;
      this.#packets++;
    }
    return true;
  }

  #takeHeaderByte(byte: number): boolean {
    const digit = this.#headerBytes++ - 1;
    if (digit < 0) {
      const type = byte >> 4;
      if (type < PUBACK || type > PUBCOMP) this.#messages++;
      return true;
    }
    this.#length += (byte & 0x7f) * 128 ** digit;
    if (this.#length > this.#maxBytes) return false;
    if (byte & 0x80) return digit < 3;
    this.#left = this.#length;
    this.#headerBytes = 0;
    this.#length = 0;
    return true;
  }
}

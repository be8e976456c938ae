import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Enough for the transaction that lets history go. */
const BALLAST_BYTES = 1024 * 1024;

/** [S12] A file of no use but its size: where the disk is full, to remove it makes room. */
export class Ballast {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns whether it is there, whole, and the disk has room besides: to go on without would be to stop again at once */
  load(): boolean {
    return (this.#isLoaded() || this.#write()) && this.#freeBytes() >= BALLAST_BYTES;
  }

  drop(): void {
    rmSync(this.#path, { force: true });
  }

  #isLoaded(): boolean {
    return existsSync(this.#path) && statSync(this.#path).size === BALLAST_BYTES;
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize;
  }

  #write(): boolean {
    try {
      const file = openSync(this.#path, 'w', 0o600);
      try {
        // Not truncated to its size: a file with holes takes no room.
        for (let written = 0; written < BALLAST_BYTES; )
          written += writeSync(file, Buffer.alloc(BALLAST_BYTES - written, 1));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return true;
    } catch {
      // No room for it yet: what it took is given back.
      this.drop();
      return false;
    }
  }
}

import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua-certificate-manager';

/**
 * Our own certificate and the trust list, in the layout of every OPC UA tool: `own/`, `trusted/certs/`, `issuers/`, and
 * `rejected/`, where a server's certificate lands that nobody has trusted yet. Moving it to `trusted/certs/` trusts it.
 */
export class Pki {
  readonly #dir: string;
  #manager: Promise<OPCUACertificateManager> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Makes directory and key when first needed. */
  manager(): Promise<OPCUACertificateManager> {
    this.#manager ??= this.#open();
    return this.#manager;
  }

  get certificateFile(): string {
    return join(this.#dir, 'own/certs/certificate.pem');
  }

  /** Trusts the certificate in a file, PEM or DER. */
  async trust(path: string): Promise<void> {
    const manager = await this.manager();
    await manager.trustCertificate(new X509Certificate(await readFile(path)).raw);
  }

  /**
   * Takes notice of what was moved to `trusted/certs/` since. The manager watches the directory, but hears of a change when the
   * system gets round to it, and a server that comes too early lands among the rejected again.
   */
  async refresh(): Promise<void> {
    const trusted = join(this.#dir, 'trusted/certs');
    for (const name of await readdir(trusted)) {
      // A file that is being written, or is no certificate, is nobody's trust.
      await this.trust(join(trusted, name)).catch(() => {});
    }
  }

  async #open(): Promise<OPCUACertificateManager> {
    const manager = new OPCUACertificateManager({
      rootFolder: this.#dir,
      automaticallyAcceptUnknownCertificate: false,
    });
    await manager.initialize();
    // Each client counts itself in and out, and the last one out would close it for the next.
    manager.referenceCounter++;
    return manager;
  }
}

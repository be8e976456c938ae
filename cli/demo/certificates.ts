import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificateAuthority, issueCertificate } from '../../lib/certificates.ts';
import type { DemoLayout } from './layout.ts';
import { HOST } from './layout.ts';

/** Paths of one end's PEM files. */
export interface TlsPaths {
  ca: string;
  cert: string;
  key: string;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** An authority for this demo alone, a certificate for the tunnel's server and one per node; kept for the next start. */
export async function demoCertificates(layout: DemoLayout, now: number) {
  const dir = join(layout.stateDir, 'pki');
  const paths = (name: string): TlsPaths => ({
    ca: join(dir, 'ca.crt'),
    cert: join(dir, `${name}.crt`),
    key: join(dir, `${name}.key`),
  });
  const complete = ['cloud', ...layout.nodes.map(({ name }) => name)].every((name) =>
    existsSync(paths(name).key),
  );
  if (!complete) await issueAll(dir, layout, paths, now);
  return paths;
}

async function issueAll(
  dir: string,
  layout: DemoLayout,
  paths: (name: string) => TlsPaths,
  now: number,
): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const ca = await createCertificateAuthority({ commonName: 'octograph-demo', now, validForMs: YEAR_MS });
  writeFileSync(paths('cloud').ca, ca.certificatePem);
  const write = (name: string, { certificatePem, keyPem }: { certificatePem: string; keyPem: string }) => {
    writeFileSync(paths(name).cert, certificatePem);
    writeFileSync(paths(name).key, keyPem, { mode: 0o600 });
  };
  const shared = { ca, now, validForMs: YEAR_MS };
  write(
    'cloud',
    await issueCertificate({
      ...shared,
      subject: { commonName: 'octograph-cloud' },
      hosts: [HOST, 'localhost'],
      usage: 'server',
    }),
  );
  for (const { name } of layout.nodes) {
    const subject = { commonName: `system:node:${name}`, organization: 'system:nodes' };
    write(name, await issueCertificate({ ...shared, subject, usage: 'client' }));
  }
}

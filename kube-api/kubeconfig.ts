import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { writePrivateFile } from './credentials.ts';

export interface KubeconfigOptions {
  url: string;
  caPem: string;
  token: string;
}

const NAME = 'octograph';

/** What kubectl and every Kubernetes client need to reach this server. */
export function formatKubeconfig({ url, caPem, token }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: NAME,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
    'current-context': NAME,
  });
}

export function writeKubeconfig(file: string, options: KubeconfigOptions): void {
  mkdirSync(dirname(file), { recursive: true });
  writePrivateFile(file, formatKubeconfig(options));
}

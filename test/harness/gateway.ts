import { onTestFinished } from 'vitest';
import { type CloudGateway, type CloudOptions, startCloud } from '../../cloud/cloud.ts';
import { SHARED } from '../kubernetes/embedded.ts';

/** A cloud gateway of its own on a cluster, open to everybody; it ends with the test. */
export async function startGateway(
  kubeconfig: string,
  options: Partial<CloudOptions> = {},
): Promise<CloudGateway> {
  const gateway = await startCloud({
    kubernetes: { kubeconfig },
    listen: { host: '127.0.0.1', port: 0 },
    access: { anonymous: 'write' },
    graphiql: false,
    tunnel: {
      listen: { host: '127.0.0.1', port: 0 },
      identity: { hosts: ['localhost'], nodeCertificateMs: 3_600_000 },
    },
    statusWritesPerSecond: 10,
    leaseNamespace: 'default',
    ...SHARED,
    ...options,
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '../../../cloud/enrolment/authority.ts';
import { startEnrolment } from '../../../cloud/enrolment/enrolment.ts';
import { Secrets } from '../../../cloud/enrolment/secrets.ts';
import { createJoinToken } from '../../../cloud/enrolment/tokens.ts';
import { startUplink, type UplinkOptions } from '../../../edge-node/enrolment/uplink.ts';
import { createKubeClient } from '../../../kubernetes/client.ts';
import { loadKubeConfig } from '../../../kubernetes/kube-config.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Disposables } from '../../../lib/disposables.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { authorityHashOf } from '../../../tunnel/join-token.ts';
import { startTunnelServer } from '../../../tunnel/server.ts';
import { startEmbedded } from '../../kube-api/cluster.ts';
import {
  createRecordingLogger,
  createSubgraph,
  HELLO,
  RecordingCloud,
  RecordingEdge,
} from '../../tunnel/harness.ts';

const HOUR_MS = 3_600_000;

/** Folders, closed with the test. */
export function createFolder(open: Disposables): string {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-enrolment-'));
  open.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cluster with what the commands do to it. */
export async function startClusterSecrets(open: Disposables) {
  const folder = createFolder(open);
  open.use(await startEmbedded(folder));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = loadKubeConfig({ kubeconfig });
  const client = createKubeClient({ config, clock: systemClock });
  open.add(() => client.close());
  const secrets = new Secrets(client);
  return {
    kubeconfig,
    client,
    secrets,
    async createToken({ nodeNamePattern = 'edge-*', validForMs = HOUR_MS } = {}): Promise<string> {
      const { certificatePem } = await openAuthority(secrets, systemClock);
      const authorityHash = authorityHashOf(certificatePem);
      return createJoinToken(secrets, { nodeNamePattern, validForMs, now: systemClock.now(), authorityHash });
    },
  };
}

export type ClusterSecrets = Awaited<ReturnType<typeof startClusterSecrets>>;

/** The tunnel's server with enrolment, as the gateway has them. */
export async function startGateway(
  open: Disposables,
  { client }: Pick<ClusterSecrets, 'client'>,
  { nodeCertificateMs = HOUR_MS, port = 0 } = {},
) {
  const cloud = new RecordingCloud();
  const refused: string[] = [];
  const handler = Object.assign(cloud, {
    onRefused: (nodeName: string, reason: string) => void refused.push(`${nodeName}: ${reason}`),
  });
  const { logger, text, lines } = createRecordingLogger();
  const shared = { clock: systemClock, random: Math.random, logger };
  const enrolment = open.use(
    await startEnrolment({ ...shared, client, identity: { hosts: ['127.0.0.1'], nodeCertificateMs } }),
  );
  const server = open.use(
    await startTunnelServer({
      listen: { host: '127.0.0.1', port },
      ...enrolment,
      replicaId: 'replica-1',
      handler,
      logger,
    }),
  );
  enrolment.guard(server);
  return { cloud, refused, server, url: `wss://127.0.0.1:${server.port}`, log: text, lines };
}

/** An edge node as far as the tunnel is concerned. */
export function startNode(
  open: Disposables,
  options: Partial<UplinkOptions> & { url: string; dataDir: string },
) {
  const edge = new RecordingEdge();
  const uplink = open.use(
    startUplink({
      nodeName: 'edge-a',
      hello: () => HELLO,
      handler: edge,
      serveGraphql: createSubgraph().serve,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      backoff: { baseMs: 20, capMs: 100 },
      ...options,
    }),
  );
  return { edge, uplink };
}

import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import { type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import { Authenticator } from './access/authenticator.ts';
import { Authorizer } from './access/authorizer.ts';
import { ServiceAccountTokens } from './access/service-account-tokens.ts';
import { readStaticTokens } from './access/static-tokens.ts';
import { MASTERS } from './access/user.ts';
import { startCustomResources } from './controllers/custom-resources.ts';
import { startEventExpiry } from './controllers/event-expiry.ts';
import { startGarbageCollector } from './controllers/garbage-collector.ts';
import { startNamespaceLifecycle } from './controllers/namespace-lifecycle.ts';
import { startNodeLifecycle } from './controllers/node-lifecycle.ts';
import { loadCredentials } from './credentials.ts';
import type { ApiContext } from './handlers/context.ts';
import { writeInitialObjects } from './initial-objects.ts';
import { BUILT_IN_KINDS } from './kinds/index.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { ObjectStore } from './object-store.ts';
import { ResourceRegistry } from './resources.ts';
import { createApiServer } from './server.ts';

export interface KubeApiOptions {
  /** Keeps the objects, the certificate authority and the token; made if absent, readable by its owner alone. */
  stateDir: string;
  listen: Listener;
  /** Where the kubeconfig is written at each start, mode 0600. */
  kubeconfigPath: string;
  clock: Clock;
  logger: Logger;
  /**
   * Names and addresses that clients reach the server by, beside the one it listens on and the loopback ones; for its
   * certificate, and all that it takes in a Host header. A listener on all interfaces wants at least one.
   * @default []
   */
  hosts?: readonly string[];
  /**
   * Changes kept for watches to resume from, at least; who comes with an older version must list again.
   * @default 8192
   */
  watchWindowEvents?: number;
  /** Further users with tokens, one per line: `token,user,uid,"group1,group2"`. Read at the start. */
  tokenFile?: string;
  /**
   * How long a node with a Lease may be silent before it is marked as not ready, in milliseconds.
   * @default 40 000
   */
  nodeGraceMs?: number;
}

export interface KubeApi extends Closable {
  /** `https://127.0.0.1:16443` */
  readonly url: string;
  readonly port: number;
  /** Bearer token with every right. */
  readonly token: string;
  /** The authority that the server's certificate is signed by. */
  readonly caPem: string;
}

/**
 * Starts the embedded Kubernetes API. It is ready when the promise resolves: the kubeconfig is written then.
 * @throws OctographError `PORT_TAKEN`, `STATE_IN_USE`, `TOKEN_FILE_INVALID`
 */
export async function startKubeApi(options: KubeApiOptions): Promise<KubeApi> {
  const { stateDir, kubeconfigPath, clock, logger, watchWindowEvents = 8192, nodeGraceMs = 40_000 } = options;
  const { host } = options.listen;
  const hosts = [...new Set([host, 'localhost', '127.0.0.1', '::1', ...(options.hosts ?? [])])];
  const { ca, server, token, serviceAccountKeyPem } = await loadCredentials({
    stateDir,
    hosts,
    now: clock.now(),
  });
  const staticTokens = [
    { token, user: { username: ADMIN_USER, groups: [MASTERS] } },
    ...(options.tokenFile ? readStaticTokens(options.tokenFile) : []),
  ];
  const opened = new Disposables();
  try {
    const https = createServer({ key: server.keyPem, cert: server.certificatePem });
    https.keepAliveTimeout = KEEP_ALIVE_MS;
    // Before the state is touched: a second start on the same port shall say that the port is taken.
    const port = await listen(https, options.listen, 'the embedded Kubernetes API');
    opened.add(() => closeServer(https, clock));
    const store = new ObjectStore({ file: join(stateDir, 'kube.sqlite'), windowEvents: watchWindowEvents });
    opened.add(() => store.close());
    const serviceAccountTokens = new ServiceAccountTokens(serviceAccountKeyPem, store);
    const authorizer = new Authorizer(store);
    opened.add(authorizer.close);
    const context: ApiContext = {
      serviceAccountTokens,
      authenticator: new Authenticator({ staticTokens, serviceAccountTokens, now: () => clock.now() }),
      authorizer,
      store,
      registry: new ResourceRegistry(BUILT_IN_KINDS),
      clock,
      createUid: randomUUID,
      random: Math.random,
    };
    writeInitialObjects(context);
    opened.add(startCustomResources(context));
    opened.add(startGarbageCollector(context));
    opened.add(startNamespaceLifecycle(context));
    opened.add(startEventExpiry(context));
    opened.add(startNodeLifecycle(context, { graceMs: nodeGraceMs }));

    const { listener, endWatches } = createApiServer(context, { hosts, logger });
    // No request came in since listen: nothing was awaited.
    https.on('request', listener);
    // Before the store closes: no request may find it closed.
    opened.add(() => {
      endWatches();
      return closeServer(https, clock);
    });
    const url = `https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    writeKubeconfig(kubeconfigPath, { url, caPem: ca.certificatePem, token });
    logger.info(
      { url, kubeconfigPath, resourceVersion: store.resourceVersion },
      'embedded Kubernetes API is ready',
    );
    return { url, port, token, caPem: ca.certificatePem, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Whose token the kubeconfig holds. */
const ADMIN_USER = 'octograph-admin';

/** As the API server's: clients that ask now and then keep their connection. */
const KEEP_ALIVE_MS = 90_000;

/** What answers in flight get to end by themselves. */
const CLOSE_GRACE_MS = 500;

function closeServer(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(CLOSE_GRACE_MS, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}

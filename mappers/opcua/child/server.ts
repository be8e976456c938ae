import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import {
  type ClientSession,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua-client';
import { backoffDelay } from '../../../lib/backoff.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Close } from '../../../lib/disposables.ts';
import { messageOf, OctographError } from '../../../lib/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import type { NodeValue, OpcuaRequest, ToChild } from '../messages.ts';
import { Monitor } from './monitor.ts';
import { Nodes } from './nodes.ts';
import type { Pki } from './pki.ts';
import { runRequest } from './requests.ts';

type Wanted = Extract<ToChild, { type: 'subscribe' }>;

export interface OpcuaServerOptions {
  endpoint: Endpoint;
  pki: Pki;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  onUp(): void;
  onDown(reason: string): void;
  /** `taken` is to be called when the values have left this process. */
  onValues(subscription: number, values: NodeValue[], taken: () => void): void;
}

/** A session that works, and all that hangs on it. */
interface Live {
  client: OPCUAClient;
  session: ClientSession;
  nodes: Nodes;
  monitors: Map<number, Monitor>;
}

const RECONNECT_BASE_MS = 500;
const RECONNECT_CAP_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const SESSION_TIMEOUT_MS = 60_000;
const CLOSE_MS = 1_000;

/**
 * One OPC UA server: a session that is opened again and again, and its subscriptions with it. node-opcua could repair a
 * session by itself; a new one is the simpler truth, and right also where the server came back as another program.
 */
export class OpcuaServer {
  readonly #options: OpcuaServerOptions;
  readonly #wanted = new Map<number, Wanted>();
  #live: Live | undefined;
  #failures = 0;
  #closed = false;
  #cancelRetry: Close = () => {};
  /** The attempt or session of now: what an older one says is nobody's business. */
  #generation = 0;

  constructor(options: OpcuaServerOptions) {
    this.#options = options;
    void this.#connect();
  }

  subscribe(wanted: Wanted): void {
    this.#wanted.set(wanted.subscription, wanted);
    if (this.#live) void this.#monitor(this.#live, wanted);
  }

  unsubscribe(subscription: number): void {
    this.#wanted.delete(subscription);
    void this.#live?.monitors.get(subscription)?.close();
    this.#live?.monitors.delete(subscription);
  }

  async request(request: OpcuaRequest): Promise<unknown> {
    if (!this.#live)
      throw new OctographError('DEVICE_UNREACHABLE', `${this.#options.endpoint.url}: no session`);
    return runRequest(request, this.#live.session, this.#live.nodes, this.#options.clock);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#generation++;
    this.#cancelRetry();
    const live = this.#live;
    this.#live = undefined;
    if (live) await this.#discard(live.client, live.session);
  }

  async #connect(): Promise<void> {
    const generation = ++this.#generation;
    const { endpoint } = this.#options;
    let client: OPCUAClient | undefined;
    try {
      client = await this.#createClient();
      await within(this.#options.clock, 3 * endpoint.timeoutMs, 'connecting', client.connect(endpoint.url));
      const session = await within(
        this.#options.clock,
        endpoint.timeoutMs,
        'opening a session',
        client.createSession(await identityOf(endpoint)),
      );
      if (this.#generation !== generation) return this.#discard(client, session);
      this.#watch(client, session, generation);
      const live = { client, session, nodes: new Nodes(session), monitors: new Map() };
      this.#live = live;
      this.#failures = 0;
      this.#options.onUp();
      for (const wanted of this.#wanted.values()) void this.#monitor(live, wanted);
    } catch (error) {
      if (client) void this.#discard(client);
      if (this.#generation === generation) this.#lost(messageOf(error));
    }
  }

  async #createClient(): Promise<OPCUAClient> {
    const { endpoint, pki } = this.#options;
    const manager = await pki.manager();
    if (this.#failures > 0 && endpoint.securityMode !== 'None') await pki.refresh();
    if (endpoint.remoteCertificate) await pki.trust(endpoint.remoteCertificate);
    return OPCUAClient.create({
      applicationName: 'Octograph',
      applicationUri: `urn:${hostname()}:Octograph`,
      certificateFile: pki.certificateFile,
      clientCertificateManager: manager,
      securityMode: MessageSecurityMode[endpoint.securityMode],
      securityPolicy: SecurityPolicy[endpoint.securityPolicy],
      // A server behind an address translation names itself otherwise than we call it.
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0 },
      keepSessionAlive: true,
      keepAliveInterval: KEEP_ALIVE_MS,
      requestedSessionTimeout: SESSION_TIMEOUT_MS,
      transportTimeout: endpoint.timeoutMs,
      defaultTransactionTimeout: endpoint.timeoutMs,
    });
  }

  #watch(client: OPCUAClient, session: ClientSession, generation: number): void {
    const lost = (reason: string) => {
      if (this.#generation !== generation) return;
      this.#generation++;
      void this.#discard(client);
      this.#lost(reason);
    };
    client.on('close', () => lost('the connection was lost'));
    client.on('connection_lost', () => lost('the connection was lost'));
    session.on('session_closed', (status) => lost(`the session was closed: ${status.name}`));
    session.on('keepalive_failure', () => lost('the server does not answer'));
  }

  async #monitor(live: Live, { subscription, publishingMs, items }: Wanted): Promise<void> {
    const monitor = new Monitor({
      session: live.session,
      nodes: live.nodes,
      clock: this.#options.clock,
      onValues: (values, taken) => this.#options.onValues(subscription, values, taken),
    });
    live.monitors.set(subscription, monitor);
    try {
      await monitor.start(publishingMs, items);
    } catch (error) {
      // Without its subscription a session is as good as none.
      if (this.#live === live && this.#wanted.has(subscription)) {
        void this.#discard(live.client, live.session);
        this.#lost(`no subscription: ${messageOf(error)}`);
      }
    }
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    const { clock, random, onDown } = this.#options;
    this.#generation++;
    this.#live = undefined;
    onDown(reason);
    const backoff = { baseMs: RECONNECT_BASE_MS, capMs: RECONNECT_CAP_MS, random };
    this.#cancelRetry();
    this.#cancelRetry = clock.setTimer(
      RECONNECT_BASE_MS / 2 + backoffDelay(this.#failures++, backoff),
      () => void this.#connect(),
    );
  }

  /** Takes leave of a server that may not listen any more. */
  async #discard(client: OPCUAClient, session?: ClientSession): Promise<void> {
    const goodbye = async () => {
      await session?.close(true);
      await client.disconnect();
    };
    await within(this.#options.clock, CLOSE_MS, 'closing', goodbye()).catch(() => {});
  }
}

async function identityOf({ userName, password }: Endpoint): Promise<UserIdentityInfo> {
  if (!userName) return { type: UserTokenType.Anonymous };
  return { type: UserTokenType.UserName, userName, password: await secretOf(password ?? '') };
}

/** KubeEdge has the password in a file. */
async function secretOf(password: string): Promise<string> {
  return isAbsolute(password) ? (await readFile(password, 'utf8')).replace(/\r?\n$/, '') : password;
}

async function within<T>(clock: Clock, ms: number, what: string, promise: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const cancel = clock.setTimer(ms, () => timeout.reject(new Error(`${what} took longer than ${ms} ms`)));
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    cancel();
  }
}

import { backoffDelay } from '../../lib/backoff.ts';
import { type Closable, type Close, Disposables } from '../../lib/disposables.ts';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import { startTunnelClient, type TunnelClient, type TunnelClientOptions } from '../../tunnel/client.ts';
import type { LinkState } from '../../tunnel/contract.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';
import { type NodeIdentity, readIdentity } from './identity-file.ts';
import { join } from './join.ts';
import { startRenewal } from './renewal.ts';

/** Where the cloud is, and what this node shows there. */
export interface UplinkTarget {
  /** `wss://host:port` */
  url: string;
  /** PEM texts that somebody else issues and renews; otherwise what this node joined with. */
  tls?: TlsFiles;
  /**
   * What it joins with at its first start; without effect later. Asked at every attempt: the token may come after the node.
   * @throws OctographError `JOIN_TOKEN_MISSING` while there is none
   */
  token?: () => string;
}

export interface UplinkOptions extends UplinkTarget, Omit<TunnelClientOptions, 'url' | 'tls'> {
  nodeName: string;
  dataDir: string;
  clock: NonNullable<TunnelClientOptions['clock']>;
  random: () => number;
}

export interface Uplink extends Closable {
  state(): LinkState;
}

/** Whatever else went wrong goes wrong again: a gateway that refused has decided. */
const MAY_PASS = new Set(['GATEWAY_UNREACHABLE', 'JOIN_TOKEN_MISSING']);

/**
 * The node's road to the cloud, whatever it takes: joins where that was not done yet, keeps the tunnel, renews the certificate.
 * @throws OctographError `NOT_JOINED`, `IDENTITY_INVALID`, `IDENTITY_OTHER_NODE`
 */
export function startUplink(options: UplinkOptions): Uplink {
  const { baseMs = 500, capMs = 30_000 } = options.backoff ?? {};
  const { url, tls, token, nodeName, dataDir, clock, random, logger, onStateChange } = options;
  const open = new Disposables();
  let client: TunnelClient | undefined;
  let joining: LinkState = { up: false, since: clock.now(), reconnects: 0, bytesIn: 0, bytesOut: 0 };

  const dial = (certificate: () => TlsFiles) => {
    client = open.use(startTunnelClient({ ...options, url, tls: certificate }));
  };
  const dialAs = (identity: NodeIdentity) => {
    let current = identity;
    dial(() => current.tls);
    open.use(
      startRenewal({
        identity,
        dataDir,
        cloud: url,
        onRenewed(renewed) {
          current = renewed;
          client?.redial('the certificate was renewed');
        },
        clock,
        random,
        logger,
      }),
    );
  };

  const identity = tls ? undefined : identityFor(nodeName, dataDir);
  if (tls) dial(() => tls);
  else if (identity) dialAs(identity);
  else if (token) joinUntilDone(token);
  else {
    throw new OctographError(
      'NOT_JOINED',
      `this node has not joined ${url}: there is no identity in ${dataDir}; run octograph edge join with a token first`,
    );
  }

  function joinUntilDone(tokenNow: () => string): void {
    let closed = false;
    let cancel: Close = () => {};
    const attempt = async (failures: number): Promise<void> => {
      try {
        const joined = await join({ token: tokenNow(), cloud: url, nodeName, dataDir, now: clock.now() });
        logger.info({ validTo: new Date(joined.validTo).toISOString() }, 'joined the cloud');
        if (!closed) dialAs(joined);
      } catch (error) {
        const final = !MAY_PASS.has(codeOf(error) ?? '');
        joining = { ...joining, lastError: messageOf(error) };
        logger.warn({ error: messageOf(error), final }, 'cannot join the cloud');
        onStateChange?.(joining);
        if (final || closed) return;
        cancel = clock.setTimer(backoffDelay(failures, { baseMs, capMs, random }), () => {
          running = attempt(failures + 1);
        });
      }
    };
    let running = attempt(0);
    open.add(async () => {
      closed = true;
      cancel();
      await running;
    });
  }

  return {
    state: () => client?.state() ?? joining,
    close: () => open.close(),
  };
}

/** A data directory that was copied to another machine is not that machine's. */
function identityFor(nodeName: string, dataDir: string): NodeIdentity | undefined {
  const identity = readIdentity(dataDir);
  if (!identity || identity.nodeName === nodeName) return identity;
  throw new OctographError(
    'IDENTITY_OTHER_NODE',
    `${dataDir} holds the identity of node ${identity.nodeName}, and this node is ${nodeName}: each needs its own`,
  );
}

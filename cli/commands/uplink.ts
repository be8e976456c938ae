import { readFileSync } from 'node:fs';
import { readIdentity } from '../../edge-node/enrolment/identity-file.ts';
import { join } from '../../edge-node/enrolment/join.ts';
import type { UplinkTarget } from '../../edge-node/enrolment/uplink.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Options, Settings } from '../settings.ts';
import { TUNNEL_TLS_OPTIONS, tunnelTlsFrom } from './access.ts';

/** Settings of an edge node's road to the cloud. */
export const UPLINK_OPTIONS: Options = {
  'node-name': {
    kind: 'text',
    help: 'the name of this node in Kubernetes; by default the one it joined with',
  },
  'data-dir': { kind: 'text', default: 'edge-data', help: "this node's store; one process, one directory" },
  cloud: {
    kind: 'text',
    help: 'tunnel address of the cloud, wss://host:port; by default where it joined; without both the node runs alone',
  },
  token: { kind: 'text', help: 'one-time token to join with, where this node has not joined yet' },
  'join-token-file': { kind: 'text', help: 'file with the token, out of sight of the process list' },
  ...TUNNEL_TLS_OPTIONS,
  'reconnect-cap-ms': { kind: 'number', help: 'longest wait between two dials, milliseconds' },
};

export interface EdgeUplink {
  nodeName: string;
  dataDir: string;
  /** Absent: the node runs on its own. */
  target: UplinkTarget | undefined;
}

/** @throws OctographError `SETTINGS`; `IDENTITY_INVALID` */
export function uplinkFrom(settings: Settings): EdgeUplink {
  const dataDir = settings['data-dir'] as string;
  const tls = tunnelTlsFrom(settings);
  const joined = readIdentity(dataDir);
  const nodeName = (settings['node-name'] as string | undefined) ?? joined?.nodeName;
  if (!nodeName)
    throw missing('node-name', `the name of this node in Kubernetes: nothing is joined in ${dataDir}`);
  const url = (settings.cloud as string | undefined) ?? joined?.cloud;
  return {
    nodeName,
    dataDir,
    target: url ? { url: tunnelUrl(url), tls, token: tokenFrom(settings) } : undefined,
  };
}

/** `octograph edge join`: done when this node has its certificate. */
export async function joinCloud(settings: Settings): Promise<void> {
  const { nodeName, dataDir, target } = uplinkFrom(settings);
  if (!target) throw missing('cloud', 'the tunnel address of the cloud, wss://host:port');
  const { url: cloud, token } = target;
  if (!token) throw missing('token', 'what octograph token create printed');
  const { validTo } = await join({ token: token(), cloud, nodeName, dataDir, now: systemClock.now() });
  process.stdout.write(
    `node ${nodeName} has joined ${cloud}; its certificate, in ${dataDir}, is good until ${new Date(validTo).toISOString()} and renews itself\n`,
  );
}

function tokenFrom(settings: Settings): (() => string) | undefined {
  const path = settings['join-token-file'] as string | undefined;
  const token = settings.token as string | undefined;
  if (!path) return token === undefined ? undefined : () => token;
  return () => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      throw new OctographError('JOIN_TOKEN_MISSING', `--join-token-file ${path}: ${messageOf(error)}`);
    }
  };
}

function tunnelUrl(text: string): string {
  if (URL.canParse(text) && new URL(text).protocol === 'wss:') return text;
  throw new OctographError('SETTINGS', `--cloud is ${JSON.stringify(text)}: expected wss://host:port`);
}

const missing = (name: string, what: string) =>
  new OctographError('SETTINGS', `--${name} is not set: expected ${what}`);

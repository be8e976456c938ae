import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export interface TransportRequest {
  method: string;
  /** Path and query. */
  path: string;
  body?: string;
  contentType?: string;
  signal: AbortSignal;
}

/** Resolves with the response's head; the body streams. Rejects when no answer came. */
export type Transport = (request: TransportRequest) => Promise<IncomingMessage>;

/** TCP keep-alive finds a dead peer behind an idle watch; below the 60 s idle limit of common load balancers. */
const KEEP_ALIVE_MS = 30_000;

/** HTTP with the kubeconfig's identity and TLS, over kept-alive connections. `close` ends the idle ones. */
export function createTransport(config: KubeConfig): { send: Transport; close(): void } {
  const base = new URL(config.getCurrentCluster()!.server);
  const secure = base.protocol === 'https:';
  const prefix = base.pathname.replace(/\/$/, '');
  const agent = createAgent(config, secure);
  const request = secure ? requestHttps : requestHttp;

  async function send({
    method,
    path,
    body,
    contentType,
    signal,
  }: TransportRequest): Promise<IncomingMessage> {
    const options: RequestOptions = {};
    // For each request anew: tokens and client certificates are rotated in their files.
    await config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {
      ...(options.headers as Record<string, string>),
      accept: 'application/json',
      'user-agent': 'octograph',
    };
    if (body !== undefined) {
      headers['content-type'] = contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...options,
          agent: agent ?? options.agent,
          hostname: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port || undefined,
          path: prefix + path,
          method,
          headers,
          signal,
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  return { send, close: () => agent?.destroy() };
}

/**
 * client-node's own agent opens a connection per request, so it is kept for proxies only.
 * The agent pools by certificate and key, which come with each request: a rotated one opens a new connection.
 */
function createAgent(config: KubeConfig, secure: boolean): HttpAgent | HttpsAgent | undefined {
  if (config.getCurrentCluster()?.proxyUrl) return undefined;
  const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS };
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
}

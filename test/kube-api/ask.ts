import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeApi } from '../../kube-api/index.ts';

export interface Answer {
  code: number;
  headers: Record<string, unknown>;
  text: string;
}

/** One request as it goes over the wire, for what no client would send. */
export function ask(
  api: KubeApi,
  path: string,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node would check the certificate against the Host header.
    const tls = { ca: api.caPem, servername: 'localhost' };
    const request = httpsRequest(`${api.url}${path}`, { ...tls, ...options }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const withToken = (api: KubeApi, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${api.token}`, ...headers },
});

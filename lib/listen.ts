import type { Server } from 'node:net';
import { codeOf, OctographError } from './errors.ts';

export interface Listener {
  host: string;
  /** 0 takes a free port. */
  port: number;
}

/**
 * Starts `server` and resolves to the port it got.
 * @throws OctographError `PORT_TAKEN`, naming the port and what wanted it.
 */
export function listen(server: Server, { host, port }: Listener, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = codeOf(error) === 'EADDRINUSE';
      reject(
        taken
          ? new OctographError(
              'PORT_TAKEN',
              `port ${port} on ${host}, for ${what}, is taken by another process`,
            )
          : error,
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** As a URL wants it: an IPv6 address stands in brackets there. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { ApiError } from './status.ts';

/**
 * Keeps web pages out, before anything else of a request is looked at: the Host must be a name of this server, or else a
 * page could reach it under a name that it had rebound to our address; and nothing that a browser sends with an Origin is
 * taken, since no client of Kubernetes is a web page.
 * @param hosts the names and addresses in the server's certificate
 * @returns a check that throws ApiError 403
 */
export function createDoor(hosts: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const ours = new Set(hosts.map((host) => host.toLowerCase()));
  return ({ host, origin }) => {
    const name = nameIn(host);
    if (name === undefined || !(ours.has(name) || isLoopback(name))) {
      throw shut(`Host ${JSON.stringify(host ?? '')} is not a name of this server`);
    }
    if (origin !== undefined)
      throw shut(`requests of web pages (Origin ${JSON.stringify(origin)}) are not taken`);
  };
}

const shut = (message: string) => new ApiError(403, 'Forbidden', message);

/** The name in `name[:port]` or `[address][:port]`, in lower case. */
function nameIn(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));

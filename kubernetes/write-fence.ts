import type { Close } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import type { KubeClient } from './client.ts';

/** Whether this process is the one that writes what only one gateway may write. */
export interface WriteFence {
  /** While we are: a signal that aborts when we no longer are. Undefined: somebody else is, or may be. */
  readonly term: AbortSignal | undefined;
  /** Called when a term begins. */
  onTerm(listener: () => void): Close;
}

/** For a client of a cluster that no other gateway writes. */
export const UNFENCED: WriteFence = { term: new AbortController().signal, onTerm: () => () => {} };

/**
 * The same client, whose writes go through within a term only: before it they are refused, at its end they are abandoned.
 * @throws OctographError `NOT_THE_WRITER` from every write outside a term
 */
export function fencedClient(client: KubeClient, fence: WriteFence): KubeClient {
  const term = (verb: string, path: string): AbortSignal => {
    if (fence.term) return fence.term;
    throw new OctographError('NOT_THE_WRITER', `${verb} ${path}: another gateway holds the write Lease`);
  };
  return {
    ...client,
    create: async (path, object) => client.create(path, object, term('POST', path)),
    replace: async (path, object) => client.replace(path, object, term('PUT', path)),
    patch: async (path, body, type) => client.patch(path, body, type, term('PATCH', path)),
    remove: async (path, options) => client.remove(path, options, term('DELETE', path)),
  };
}

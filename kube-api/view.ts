import { type KubeObject, partialMetadata } from './kube-object.ts';
import type { ResourceDefinition } from './resources.ts';
import { notAcceptable } from './status.ts';
import { renderTable } from './table.ts';

/** How a client wants its answer. */
export type View = 'object' | 'table' | 'partial';

const ACCEPTED = ['application/json'];
const JSON_TYPES = new Set(['application/json', 'application/*', '*/*']);

/**
 * The first of the client's media types that is served.
 * @throws ApiError 406 when there is none.
 */
export function negotiateView(accept: string | undefined): View {
  for (const entry of (accept || '*/*').split(',')) {
    const [mediaType = '', ...parameters] = entry.split(';').map((part) => part.trim());
    if (!JSON_TYPES.has(mediaType.toLowerCase())) continue;
    const given = new Map(parameters.map((text) => text.split('=', 2) as [string, string]));
    const as = given.get('as');
    if (as === undefined) return 'object';
    if (given.get('g') !== 'meta.k8s.io' || given.get('v') !== 'v1') continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
  }
  throw notAcceptable(ACCEPTED);
}

export interface ViewOptions {
  resource: ResourceDefinition;
  query: URLSearchParams;
  /** Wall clock, milliseconds. */
  now: number;
  /** Tables of a watch after its first: their columns are known. */
  withoutColumns?: boolean;
}

/** `body`, an object or a list of `resource`, as `view` shows it. A Status stays what it is. */
export function renderView(view: View, body: object, options: ViewOptions): object {
  const { kind } = body as KubeObject;
  if (view === 'object' || kind === 'Status') return body;
  return view === 'table' ? renderTable(body, options) : partialOf(body, options.resource);
}

function partialOf(body: object, { listKind }: ResourceDefinition): object {
  const { items, metadata } = body as { items?: KubeObject[]; metadata: object };
  if (items && (body as KubeObject).kind === listKind) {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map(partialMetadata),
    };
  }
  return partialMetadata(body as KubeObject);
}

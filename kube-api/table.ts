import { type KubeObject, partialMetadata } from './kube-object.ts';
import { badRequest } from './status.ts';
import type { ViewOptions } from './view.ts';

/** An object or a list as the Table that `kubectl get` prints. */
export function renderTable(
  body: object,
  { resource, query, now, withoutColumns = false }: ViewOptions,
): object {
  const { items, metadata, kind } = body as {
    items?: KubeObject[];
    metadata: Record<string, unknown>;
    kind: string;
  };
  const objects = kind === resource.listKind && items ? items : [body as KubeObject];
  const rowObject = rowObjectOf(query.get('includeObject'));
  const { resourceVersion, continue: continueToken, remainingItemCount } = metadata;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      resourceVersion,
      ...(continueToken ? { continue: continueToken } : {}),
      ...(remainingItemCount ? { remainingItemCount } : {}),
    },
    columnDefinitions: withoutColumns
      ? null
      : resource.columns.map(({ name, type, description, priority, format = '' }) => ({
          name,
          type,
          format,
          description,
          priority,
        })),
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object, now)),
      ...rowObject(object),
    })),
  };
}

/** What each row carries of its object: its metadata, unless the client asks for all or nothing. */
function rowObjectOf(include: string | null): (object: KubeObject) => object {
  switch (include || 'Metadata') {
    case 'None':
      return () => ({});
    case 'Metadata':
      return (object) => ({ object: partialMetadata(object) });
    case 'Object':
      return (object) => ({ object });
    default:
      throw badRequest(
        `includeObject ${JSON.stringify(include)}: supported values are None, Metadata, Object`,
      );
  }
}

import { shareable } from './federation.ts';
import type { Parts } from './parts.ts';

/** Which device is meant, also where it is gone or foreign: both subgraphs say it. */
export function defineDeviceName(parts: Parts): void {
  const { builder, refs } = parts;
  builder.objectType(refs.DeviceName, {
    ...shareable(parts),
    fields: (t) => ({ namespace: t.exposeString('namespace'), name: t.exposeString('name') }),
  });
}

import { createHash } from 'node:crypto';

/** Names a version of the edge subgraph: a node says it when it connects. */
export const hashOfSdl = (sdl: string): string => createHash('sha256').update(sdl).digest('hex').slice(0, 16);

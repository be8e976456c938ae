import type { ServerResponse } from 'node:http';
import type { Close } from '../lib/disposables.ts';
import type { ApiContext } from './handlers/context.ts';
import { openWatch } from './handlers/watch.ts';
import type { ResourceRequest } from './request.ts';
import { renderView, type View } from './view.ts';

/**
 * What a client may leave unread, beyond what its watch began with, before the watch is ended; it resumes from the last
 * version that it saw.
 */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** Answers a watch as one JSON object per line, in the view that the client asked for. */
export function streamWatch(
  context: ApiContext,
  request: ResourceRequest,
  view: View,
  response: ServerResponse,
): Close {
  let tables = 0;
  let limitBytes = Number.POSITIVE_INFINITY;
  const close = openWatch(context, request, {
    send(type, object) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
      const shown = renderView(view, object, {
        resource: request.resource,
        query: request.query,
        now: context.clock.now(),
        withoutColumns: tables > 0,
      });
      if (view === 'table') tables++;
      response.write(`${JSON.stringify({ type, object: shown })}\n`);
      if (response.writableLength <= limitBytes) return true;
      response.destroy();
      return false;
    },
    end: () => response.end(),
  });
  limitBytes = response.writableLength + MAX_UNREAD_BYTES;
  // A client waits for the head even when nothing has happened yet.
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  response.once('close', close);
  return close;
}

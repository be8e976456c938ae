import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendText, setHeaders } from './answers.ts';
import { type RouteHandler, readOnly } from './routes.ts';

/** Where `npm run build:dashboard` puts it: beside the sources where we run from those, beside the bundle's chunks otherwise. */
const FOLDER = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/dashboard/', import.meta.url)
    : new URL('../dashboard/', import.meta.url),
);

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const ASSET_NAME = /^[\w-]+\.(js|css|svg)$/;

/**
 * The dashboard: its page at `/`, and what that loads below `/assets/`. Files are read when they are asked for and not kept;
 * a browser asks once, because their names carry their hash.
 * @returns nothing where it was not built
 */
export function dashboardRoutes(folder = FOLDER): Record<string, RouteHandler> {
  if (!existsSync(join(folder, 'index.html'))) return {};
  return {
    '/': readOnly((request, response) => servePage(join(folder, 'index.html'), request, response)),
    '/assets/': readOnly((request, response, path) => serveAsset(folder, request, response, path)),
  };
}

/** Asked for anew each time: it names the files of the version that runs here. */
async function servePage(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = await readFile(file);
  const etag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 22)}"`;
  setHeaders(response, {
    'content-security-policy': policyFor(request.headers.host!),
    'cache-control': 'no-cache',
    etag,
  });
  if (request.headers['if-none-match'] === etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(request.method === 'HEAD' ? undefined : page);
}

async function serveAsset(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const name = path.slice('/assets/'.length);
  const type = TYPES[ASSET_NAME.exec(name)?.[1] ?? ''];
  const isGzip = /\bgzip\b/.test(String(request.headers['accept-encoding']));
  const file = join(folder, 'assets', isGzip ? `${name}.gz` : name);
  // A page of an older version may ask for what is no longer there.
  const body = type && (await readFile(file).catch(() => undefined));
  if (!body) return sendText(response, 404, `${path} is not here\n`);
  setHeaders(response, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** @param host as the door has let it in: a host name, perhaps with a port, and nothing else */
function policyFor(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // Not every browser takes 'self' for ws as well.
    `connect-src 'self' ws://${host} wss://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

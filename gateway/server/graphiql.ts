import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText, setHeaders } from './answers.ts';
import { graphiqlPath } from './paths.ts';

interface PageFile {
  type: string;
  body: string | Buffer;
  etag: string;
}

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Octograph</title>
<link rel="icon" href="favicon.ico">
<link rel="stylesheet" href="graphiql.css">
</head>
<body class="no-focus-outline">
<noscript>GraphiQL needs JavaScript.</noscript>
<div id="root"></div>
<script src="graphiql.js"></script>
<script src="start.js"></script>
</body>
</html>
`;

/** Workers come from files, not from blobs as in the package's own page: the policy stays free of \`blob:\`. */
const startScript = (endpoint: string) => `self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_module, label) =>
    ({ json: 'json.worker.js', graphql: 'graphql.worker.js' })[label] ?? 'editor.worker.js',
};
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), { endpoint: ${JSON.stringify(endpoint)}, title: 'Octograph' });
`;

/**
 * Serves GraphiQL from files of the installed package, read at the first request. Nothing comes from outside, and
 * the page's policy allows nothing from there: scripts and workers are our files; styles may be inline, because the
 * editor writes them while it runs.
 * @param endpoint path of the GraphQL endpoint on the same server
 */
export function createGraphiql(endpoint: string) {
  let files: Promise<Map<string, PageFile>> | undefined;

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    files ??= loadFiles(endpoint);
    const file = (await files).get(path.slice(graphiqlPath.length) || 'index.html');
    if (!file) return sendText(response, 404, `${path} is not here\n`);
    setHeaders(response, {
      'content-security-policy': policyFor(request.headers.host!),
      'cache-control': 'no-cache',
      etag: file.etag,
    });
    if (request.headers['if-none-match'] === file.etag) {
      response.statusCode = 304;
      response.end();
      return;
    }
    response.setHeader('content-type', file.type);
    response.end(request.method === 'HEAD' ? undefined : file.body);
  };
}

/** @param host as the door has let it in: a host name, perhaps with a port, and nothing else */
function policyFor(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    // Not every browser takes 'self' for ws as well.
    `connect-src 'self' ws://${host} wss://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

async function loadFiles(endpoint: string): Promise<Map<string, PageFile>> {
  const parts = await import('@graphql-yoga/render-graphiql/graphiql');
  const script = 'text/javascript; charset=utf-8';
  const icon = Buffer.from(parts.favicon.slice(parts.favicon.indexOf(',') + 1), 'base64');
  const files: Record<string, [type: string, body: string | Buffer]> = {
    'index.html': ['text/html; charset=utf-8', page],
    'start.js': [script, startScript(endpoint)],
    'graphiql.js': [script, parts.js],
    'graphiql.css': ['text/css; charset=utf-8', parts.css],
    'favicon.ico': ['image/x-icon', icon],
    'editor.worker.js': [script, parts.editorWorkerService],
    'json.worker.js': [script, parts.jsonWorker],
    'graphql.worker.js': [script, parts.graphqlWorker],
  };
  return new Map(
    Object.entries(files).map(([name, [type, body]]) => {
      const digest = createHash('sha256').update(body).digest('base64url');
      return [name, { type, body, etag: `"${digest.slice(0, 22)}"` }];
    }),
  );
}

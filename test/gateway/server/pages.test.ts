import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Health } from '../../../gateway/server/health.ts';
import { type Fixture, fixtureSchema, startFixture } from './fixture.ts';

const bearer = { authorization: 'Bearer secret' };
const state = { live: true, ready: true };
const health: Health = {
  live: () => state.live,
  ready: () => ({
    ok: state.ready,
    checks: [{ name: 'informers', ok: state.ready, detail: '3 of 3 synced' }],
  }),
  metrics: async () => 'octograph_up 1\n',
};

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    graphiql: true,
    health,
    access: {
      tokens: { verify: (token) => (token === 'secret' ? { name: 'ann', rights: 'read' } : undefined) },
    },
    subgraphs: {
      edge: {
        schema: fixtureSchema({ writes: [], waiting: [], open: 0 }),
        contextFor: (principal, request) => ({
          principal: { ...principal, name: `edge of ${principal.name}` },
          request,
        }),
      },
    },
    routes: {
      '/dashboard/': (_request, response, path) => {
        response.end(`dashboard ${path}`);
      },
    },
  });
});
afterAll(() => fixture.close());

const get = (path: string, headers = {}) => fixture.send({ path, headers });

describe('GraphiQL', () => {
  const assets = [
    'graphiql.js',
    'graphiql.css',
    'start.js',
    'favicon.ico',
    'editor.worker.js',
    'json.worker.js',
    'graphql.worker.js',
  ];

  test('the root leads to it', async () => {
    for (const path of ['/', '/graphiql']) {
      const answer = await get(path);
      expect([answer.status, answer.headers.location]).toEqual([302, '/graphiql/']);
    }
  });

  test('its page names only files of this server, and its policy allows no others', async () => {
    const page = await get('/graphiql/');
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/https?:|\/\//);
    const named = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(assets).toEqual(expect.arrayContaining(named));
    expect(page.body).not.toMatch(/<script>|<style>|\son\w+=/);
    const policy = page.headers['content-security-policy'] as string;
    const directives = new Map(
      policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    );
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('worker-src')).toEqual(["'self'"]);
    const { host } = { host: `127.0.0.1:${fixture.port}` };
    expect(directives.get('connect-src')).toEqual(["'self'", `ws://${host}`, `wss://${host}`]);
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  test('its files are here, with their types, and are not sent twice', async () => {
    for (const name of assets) {
      const answer = await get(`/graphiql/${name}`);
      expect([name, answer.status]).toEqual([name, 200]);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      const again = await get(`/graphiql/${name}`, { 'if-none-match': String(answer.headers.etag) });
      expect([again.status, again.body]).toEqual([304, '']);
    }
    expect((await get('/graphiql/start.js')).body).toContain('"/graphql"');
    expect((await get('/graphiql/graphiql.js')).headers['content-type']).toContain('text/javascript');
  });

  test('styles bring their fonts and images along', async () => {
    const { body } = await get('/graphiql/graphiql.css');
    const outside = [...body.matchAll(/url\(\s*['"]?([^'")]{0,40})/g)].filter(
      (match) => !match[1]?.startsWith('data:'),
    );
    expect(outside.map((match) => match[1]).filter((url) => !url?.startsWith('#'))).toEqual([]);
    expect(body).not.toMatch(/@import/);
  });

  test('no path leads out of its files', async () => {
    for (const path of ['/graphiql/../package.json', '/graphiql/%2e%2e/package.json', '/graphiql/toString']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  test('is not there unless asked for', async () => {
    const plain = await startFixture();
    for (const path of ['/', '/graphiql/', '/graphiql']) {
      expect((await plain.send({ path })).status).toBe(404);
    }
    const asked = await plain.send({ path: '/graphql', headers: { accept: 'text/html' } });
    expect(asked.headers['content-type'] ?? '').not.toContain('text/html');
    await plain.close();
  });
});

describe('health', () => {
  test('livez and readyz say one word to anyone', async () => {
    expect([(await get('/livez')).body, (await get('/readyz')).body]).toEqual(['ok\n', 'ok\n']);
    state.live = false;
    state.ready = false;
    expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([500, 503]);
    state.live = true;
    state.ready = true;
  });

  test('details and metrics are for who may read', async () => {
    for (const path of ['/readyz?verbose', '/metrics']) expect((await get(path)).status).toBe(401);
    const verbose = await get('/readyz?verbose', bearer);
    expect(verbose.body).toBe('[+]informers ok: 3 of 3 synced\n[+]shutdown ok: not asked for\nok\n');
    const metrics = await get('/metrics', bearer);
    expect(metrics.body).toBe('octograph_up 1\n');
    expect(metrics.headers['content-type']).toContain('version=0.0.4');
  });

  test('they take GET only', async () => {
    const answer = await fixture.send({ method: 'POST', path: '/livez' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('subgraphs', () => {
  const post = (path: string, query: string, headers = {}) =>
    fixture.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });

  test('are served by name, each with its own context', async () => {
    const answer = await post('/subgraphs/edge', '{ whoami }', bearer);
    expect(answer.json.data).toEqual({ whoami: 'edge of ann:read' });
    expect((await post('/subgraphs/cloud', '{ whoami }', bearer)).status).toBe(404);
  });

  test('stand behind the same door, authentication, rights and limits', async () => {
    expect((await post('/subgraphs/edge', '{ whoami }')).status).toBe(401);
    expect(
      (await post('/subgraphs/edge', '{ whoami }', { ...bearer, origin: 'http://evil.example' })).status,
    ).toBe(403);
    expect((await post('/subgraphs/edge', 'mutation { write(value: 1) }', bearer)).body).toContain(
      'FORBIDDEN',
    );
    const deep = `${'{ self '.repeat(20)}{ hello }${' }'.repeat(20)}`;
    expect((await post('/subgraphs/edge', deep, bearer)).body).toContain('LIMIT_DEPTH');
  });

  test('take POST only, and no WebSocket', async () => {
    const answer = await get('/subgraphs/edge?query={whoami}', bearer);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    const socket = fixture.socket(bearer, '/subgraphs/edge');
    await socket.untilClosed();
    expect(socket.refused).toBe(404);
  });
});

test('further routes take a path and all below it', async () => {
  expect((await get('/dashboard/assets/app.js')).body).toBe('dashboard /dashboard/assets/app.js');
  expect((await get('/dashboards')).status).toBe(404);
  expect((await get('/dashboard/', { host: 'evil.example' })).status).toBe(403);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeIn, type Fixture, startFixture } from './fixture.ts';

const foreignOrigins = [
  'null',
  'http://evil.example',
  'https://evil.example',
  'http://localhost',
  'http://localhost:1',
  'https://localhost',
  'http://127.0.0.1',
  'http://127.0.0.1:1',
  'http://[::1]:4000',
  'http://localhost.evil.example',
  'http://evil.example:80',
  'http://evil-localhost',
  'http://0.0.0.0',
  'http://192.168.1.1',
  'file://',
  'chrome-extension://abcdef',
  'data:text/html,x',
  'not an origin',
  'http://user@evil.example',
  'https://console.example.com.evil.example',
];
const listed = 'https://console.example.com';
const subscription = 'subscription { forever }';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({
    access: {
      anonymous: 'write',
      allowedOrigins: [listed],
      allowedHosts: ['gateway.example.com', 'other.example.com:8443'],
    },
  });
});
afterAll(() => fixture.close());

describe('a page of another origin', () => {
  test.each(foreignOrigins)('gets nothing over HTTP: %s', async (origin) => {
    const answer = await fixture.query('mutation { write(value: 1) }', { origin });
    expect([answer.status, codeIn(answer)]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(fixture.probe.writes).toEqual([]);
  });

  test.each(foreignOrigins)('gets nothing over SSE: %s', async (origin) => {
    const headers = { origin, accept: 'text/event-stream' };
    const path = `/graphql?query=${encodeURIComponent(subscription)}`;
    for (const answer of [
      await fixture.send({ path, headers }),
      await fixture.query(subscription, headers),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.headers['content-type']).toContain('application/json');
    }
    expect(fixture.probe.open).toBe(0);
  });

  test.each(foreignOrigins)('gets no WebSocket: %s', async (origin) => {
    const socket = fixture.socket({ origin });
    await socket.untilClosed();
    expect(socket.refused).toBe(403);
  });

  test.each(['OPTIONS', 'POST'])('gets no preflight and no CORS header: %s', async (method) => {
    const answer = await fixture.send({
      method,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('an origin that is the same or listed', () => {
  test('the same origin is served over HTTP and WebSocket', async () => {
    const origin = `http://localhost:${fixture.port}`;
    const host = `localhost:${fixture.port}`;
    expect((await fixture.query('{ hello }', { origin, host })).json.data).toEqual({ hello: 'hello world' });
    const socket = await fixture.socket({ origin, host }).open();
    socket.socket.close();
  });

  test('a listed origin gets a preflight for what it asks, and may read the answer', async () => {
    const preflight = await fixture.send({
      method: 'OPTIONS',
      headers: {
        origin: listed,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': listed,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type,authorization',
      vary: 'Origin',
    });
    const answer = await fixture.query('{ hello }', { origin: listed });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, listed]);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });
});

describe('the Host header', () => {
  test.each([
    'evil.example',
    'evil.example:4000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.9',
    'a b',
    '[::2]',
  ])('a foreign one gets nothing: %s', async (host) => {
    for (const path of ['/graphql?query={hello}', '/livez', '/nowhere', '/graphiql/']) {
      const answer = await fixture.send({ path, headers: { host } });
      expect([answer.status, codeIn(answer)]).toEqual([403, 'HOST_NOT_ALLOWED']);
      expect(answer.json.errors?.[0]?.message).toContain(host);
    }
    const socket = fixture.socket({ host });
    await socket.untilClosed();
    expect(socket.refused).toBe(403);
  });

  test.each([
    'localhost',
    'LOCALHOST:9',
    '127.0.0.1:1',
    '127.1.2.3',
    '[::1]:4000',
    'gateway.example.com',
    'gateway.example.com:99',
    'other.example.com:8443',
  ])('a loopback or listed one is served: %s', async (host) => {
    expect((await fixture.query('{ hello }', { host })).status).toBe(200);
  });

  test('a name listed with a port is served with that port only', async () => {
    expect((await fixture.query('{ hello }', { host: 'other.example.com' })).status).toBe(403);
  });
});

describe('what a page could send without asking', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/graphql',
    'application/json; charset=utf-16',
    'text/plain; application/json',
  ])('a POST of %s is refused', async (type) => {
    const answer = await fixture.query('mutation { write(value: 1) }', { 'content-type': type });
    expect([answer.status, codeIn(answer)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(fixture.probe.writes).toEqual([]);
  });

  test.each(['cross-site', 'same-site'])('a GET query from a %s page is refused', async (site) => {
    const answer = await fixture.send({
      path: '/graphql?query={hello}',
      headers: { 'sec-fetch-site': site },
    });
    expect([answer.status, codeIn(answer)]).toEqual([403, 'CROSS_SITE_GET']);
  });

  test.each(['same-origin', 'none'])('a GET query from a %s page is served', async (site) => {
    const answer = await fixture.send({
      path: '/graphql?query={hello}',
      headers: { 'sec-fetch-site': site },
    });
    expect(answer.json.data).toEqual({ hello: 'hello world' });
  });

  test('a GET query of a listed origin is served', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: listed };
    expect((await fixture.send({ path: '/graphql?query={hello}', headers })).status).toBe(200);
  });

  test('a mutation by GET is refused', async () => {
    const answer = await fixture.send({ path: '/graphql?query=mutation{write(value:1)}' });
    expect(answer.status).toBe(405);
    expect(fixture.probe.writes).toEqual([]);
  });

  test('a batch is refused', async () => {
    const body = JSON.stringify([{ query: '{ hello }' }, { query: '{ hello }' }]);
    const answer = await fixture.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('hello world');
  });
});

test('every answer forbids pages to run, frame or sniff it', async () => {
  for (const answer of [await fixture.query('{ hello }'), await fixture.send({ path: '/nowhere' })]) {
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  }
});

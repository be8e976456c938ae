import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGraphqlServer } from '../../../gateway/server/server.ts';
import { createTokenFile } from '../../../gateway/server/token-file.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { codeIn, type Fixture, fixtureSchema, startFixture } from './fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'octograph-tokens-'));
const path = join(directory, 'tokens');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let fixture: Fixture;
beforeAll(async () => {
  writeFileSync(path, '# the console\nr-token,reader,read\n\nw-token, writer ,write\n');
  fixture = await startFixture({ access: { tokens: createTokenFile(path, silentLogger) } });
});
afterAll(async () => {
  await fixture.close();
  rmSync(directory, { recursive: true });
});

describe('over HTTP', () => {
  test('a known token says who asks', async () => {
    expect((await fixture.query('{ whoami }', bearer('r-token'))).json.data).toEqual({
      whoami: 'reader:read',
    });
    expect((await fixture.query('{ whoami }', bearer('w-token'))).json.data).toEqual({
      whoami: 'writer:write',
    });
  });

  test.each([
    {},
    bearer('unknown'),
    bearer(''),
    bearer('r-token,reader,read'),
    { authorization: 'Basic cjp3' },
    { authorization: 'r-token' },
  ])('anything else is a 401 with a challenge: %j', async (headers) => {
    const answer = await fixture.query('{ whoami }', headers as Record<string, string>);
    expect([answer.status, codeIn(answer)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
  });

  test('a mutation by a reader is FORBIDDEN and does not run; a writer may', async () => {
    const mutation = 'mutation { write(value: 7) }';
    const refused = await fixture.query(mutation, bearer('r-token'));
    expect([refused.status, codeIn(refused)]).toEqual([200, 'FORBIDDEN']);
    const strict = await fixture.query(mutation, {
      ...bearer('r-token'),
      accept: 'application/graphql-response+json',
    });
    expect(strict.status).toBe(403);
    expect(fixture.probe.writes).toEqual([]);
    expect((await fixture.query(mutation, bearer('w-token'))).json.data).toEqual({ write: 7 });
    expect(fixture.probe.writes).toEqual([7]);
  });
});

describe('over WebSocket', () => {
  test.each(['authorization', 'Authorization'])('connection_init carries the token as %s', async (name) => {
    const socket = await fixture.socket().open({ [name]: 'Bearer r-token' });
    socket.subscribe('1', '{ whoami }');
    expect(await socket.until('the answer', ({ type }) => type === 'next')).toMatchObject({
      payload: { data: { whoami: 'reader:read' } },
    });
    socket.subscribe('2', 'mutation { write(value: 8) }');
    const refused = await socket.until('the refusal', ({ id, type }) => id === '2' && type !== 'complete');
    expect(refused).toMatchObject({ payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
    expect(JSON.stringify(refused)).not.toContain('"http"');
    socket.socket.close();
  });

  test('the header of the upgrade does as well', async () => {
    const socket = await fixture.socket(bearer('w-token')).open();
    socket.socket.close();
  });

  test('no token closes with 4401, a wrong one with 4403', async () => {
    for (const [payload, code] of [
      [undefined, 4401],
      [{ authorization: 'Bearer unknown' }, 4403],
      [{ authorization: 17 }, 4403],
    ] as const) {
      const socket = fixture.socket();
      socket.open(payload).catch(() => {});
      expect((await socket.untilClosed()).code).toBe(code);
    }
  });
});

describe('anonymous access', () => {
  let open: Fixture;
  beforeAll(async () => {
    open = await startFixture({ access: { anonymous: 'read', tokens: createTokenFile(path, silentLogger) } });
  });
  afterAll(() => open.close());

  test('has the rights it was given', async () => {
    expect((await open.query('{ whoami }')).json.data).toEqual({ whoami: 'anonymous:read' });
    expect(codeIn(await open.query('mutation { write(value: 1) }'))).toBe('FORBIDDEN');
  });

  test.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-anything',
  ])('is not for what came through a proxy: %s', async (header) => {
    expect((await open.query('{ whoami }', { [header]: '127.0.0.1' })).status).toBe(401);
    const socket = open.socket({ [header]: '127.0.0.1' });
    socket.open().catch(() => {});
    expect((await socket.untilClosed()).code).toBe(4401);
    expect((await open.query('{ whoami }', { [header]: 'x', ...bearer('r-token') })).status).toBe(200);
  });

  test('does not stand in for a wrong token', async () => {
    expect((await open.query('{ whoami }', bearer('unknown'))).status).toBe(401);
  });
});

describe('the token file', () => {
  test('is read again when it changes, in place or by another file moved over it', async () => {
    const changing = join(directory, 'changing');
    writeFileSync(changing, 'one,first,read\n');
    const tokens = createTokenFile(changing, silentLogger);
    expect(await tokens.verify('one')).toEqual({ name: 'first', rights: 'read' });
    writeFileSync(changing, 'two,second,write\n');
    expect([await tokens.verify('one'), await tokens.verify('two')]).toEqual([
      undefined,
      { name: 'second', rights: 'write' },
    ]);
    writeFileSync(`${changing}.new`, 'one,thirds,write\n');
    renameSync(`${changing}.new`, changing);
    expect([await tokens.verify('one'), await tokens.verify('two')]).toEqual([
      { name: 'thirds', rights: 'write' },
      undefined,
    ]);
  });

  test('accepts nothing while it is malformed or gone', async () => {
    const failing = join(directory, 'failing');
    writeFileSync(failing, 'one,first,read\n');
    const tokens = createTokenFile(failing, silentLogger);
    writeFileSync(failing, 'one,first,read\ntwo,second,admin\n');
    expect(await tokens.verify('one')).toBeUndefined();
    rmSync(failing);
    expect(await tokens.verify('one')).toBeUndefined();
    writeFileSync(failing, 'one,first,read\n');
    expect(await tokens.verify('one')).toEqual({ name: 'first', rights: 'read' });
  });

  test('names the line that is wrong, and not the token', () => {
    const wrong = join(directory, 'wrong');
    for (const line of [
      'topsecret',
      'topsecret,name',
      'topsecret,name,admin',
      ',name,read',
      'topsecret,,read',
    ]) {
      writeFileSync(wrong, `# first\n${line}\n`);
      expect(() => createTokenFile(wrong, silentLogger)).toThrow(/line 2: expected/);
      expect(() => createTokenFile(wrong, silentLogger)).not.toThrow(/topsecret/);
    }
    expect(() => createTokenFile(join(directory, 'missing'), silentLogger)).toThrow(/cannot be read/);
  });
});

describe('a listener that other machines can reach', () => {
  const start = (access: object, tls?: { cert: string; key: string }, host = '0.0.0.0') =>
    startGraphqlServer({
      listen: { host, port: 0, tls },
      what: 'the cloud gateway',
      schema: fixtureSchema({ writes: [], waiting: [], open: 0 }),
      contextFor: () => ({}),
      access,
      graphiql: false,
      logger: silentLogger,
    });
  const tls = { cert: '', key: '' };
  const tokens = { verify: () => undefined };

  test.each([
    ['no TLS', { tokens }, undefined, 'TLS certificate'],
    ['no authentication', {}, tls, 'authentication'],
    ['anonymous access', { tokens, anonymous: 'read' }, tls, 'no anonymous access'],
  ])('does not start with %s, and says which one it is', async (_what, access, cert, message) => {
    for (const host of [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      'gateway.example.com',
      '128.0.0.1',
      '127.evil.example',
    ]) {
      const failure = start(access, cert, host);
      await expect(failure).rejects.toMatchObject({ code: 'LISTENER_UNSAFE' });
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.toThrow(`the cloud gateway would listen on ${host}`);
    }
  });
});

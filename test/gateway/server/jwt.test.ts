import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJwtVerifier, type JwtOptions } from '../../../gateway/server/jwt.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { ManualClock } from '../../harness/manual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'octograph-jwks-'));
const jwks = join(directory, 'jwks.json');
const clock = new ManualClock();
let privateKey: CryptoKey;
let keys: string;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  keys = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] });
  writeFileSync(jwks, keys);
});
afterAll(() => rmSync(directory, { recursive: true }));

const seconds = () => Math.floor(clock.now() / 1000);
const claims = (): JWTPayload => ({
  sub: 'ann',
  iss: 'https://issuer.example',
  aud: 'octograph',
  exp: seconds() + 60,
  rights: 'read',
});
const sign = (payload: JWTPayload, key: CryptoKey | Uint8Array = privateKey, alg = 'ES256') =>
  new SignJWT(payload).setProtectedHeader({ alg, kid: 'one' }).sign(key);
const verifier = (more: Partial<JwtOptions> = {}) =>
  createJwtVerifier({
    jwks,
    issuer: 'https://issuer.example',
    audience: 'octograph',
    readGroups: ['viewers'],
    writeGroups: ['operators'],
    clock,
    logger: silentLogger,
    ...more,
  });

describe('a JWT', () => {
  test('says who asks, with which rights and until when', async () => {
    expect(await verifier().verify(await sign(claims()))).toEqual({
      name: 'ann',
      rights: 'read',
      groups: [],
      expiresAt: (seconds() + 60) * 1000,
    });
  });

  test.each([
    ['the rights claim', { rights: 'write', groups: ['viewers'] }, 'write'],
    ['a group that may write', { rights: undefined, groups: ['viewers', 'operators'] }, 'write'],
    ['a group that may read', { rights: undefined, groups: ['viewers'] }, 'read'],
  ])('has the rights of %s', async (_what, more, rights) => {
    expect(await verifier().verify(await sign({ ...claims(), ...more }))).toMatchObject({ rights });
  });

  test('with namespaces is confined to them, also where they cannot be read', async () => {
    const rule = (namespaces: string[]) => [{ verbs: ['*'], resources: ['*'], namespaces }];
    const confined = await sign({ ...claims(), namespaces: ['plant-a'] });
    expect(await verifier().verify(confined)).toMatchObject({ rules: rule(['plant-a']) });
    const unreadable = await sign({ ...claims(), namespaces: 'plant-a' });
    expect(await verifier().verify(unreadable)).toMatchObject({ rules: rule([]) });
  });

  test.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'somebody-else' }],
    ['no audience', { aud: undefined }],
    ['no end', { exp: undefined }],
    ['an end in the past', { exp: 1 }],
    ['a beginning in the future', { nbf: 9_999_999_999 }],
    ['no name', { sub: undefined }],
    ['no right', { rights: undefined }],
    ['an unknown right', { rights: 'admin', groups: ['operators'] }],
  ])('with %s is refused', async (_what, more) => {
    expect(await verifier().verify(await sign({ ...claims(), ...more }))).toBeUndefined();
  });

  test('that is signed by another key, by a secret or not at all is refused', async () => {
    const other = await generateKeyPair('ES256');
    expect(await verifier().verify(await sign(claims(), other.privateKey))).toBeUndefined();
    expect(await verifier().verify(await sign(claims(), Buffer.from(keys), 'HS256'))).toBeUndefined();
    const [, payload] = (await sign(claims())).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await verifier().verify(`${none}.${payload}.`)).toBeUndefined();
    for (const text of ['', 'a.b', 'a.b.c', '..']) expect(await verifier().verify(text)).toBeUndefined();
  });

  test('is refused when its key has been taken out of the file', async () => {
    const changing = join(directory, 'changing.json');
    writeFileSync(changing, keys);
    const changed = verifier({ jwks: changing });
    const token = await sign(claims());
    expect(await changed.verify(token)).toBeDefined();
    writeFileSync(changing, '{"keys":[]}');
    expect(await changed.verify(token)).toBeUndefined();
    writeFileSync(changing, 'not json');
    expect(await changed.verify(token)).toBeUndefined();
    writeFileSync(changing, keys);
    expect(await changed.verify(token)).toBeDefined();
  });
});

describe('keys at a URL', () => {
  test('are fetched, and go on while the issuer is away; before that nobody can tell', async () => {
    let fetched = 0;
    const server = createServer((_request, response) => {
      fetched++;
      response.setHeader('content-type', 'application/json');
      response.end(keys);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    const remote = verifier({ jwks: url });
    const token = await sign(claims());
    expect(await remote.verify(token)).toMatchObject({ name: 'ann' });
    expect(await remote.verify(token)).toMatchObject({ name: 'ann' });
    expect(fetched).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(await remote.verify(token)).toMatchObject({ name: 'ann' });
    await expect(verifier({ jwks: url }).verify(token)).rejects.toThrow();
  });

  test('are not taken over plain http from elsewhere, nor from a file that is none', () => {
    expect(() => verifier({ jwks: 'http://issuer.example/jwks' })).toThrow(/expected a file or an https URL/);
    expect(() => verifier({ jwks: 'ftp://127.0.0.1/jwks' })).toThrow(/expected a file or an https URL/);
    expect(() => verifier({ jwks: join(directory, 'missing') })).toThrow(/JWKS .*missing cannot be read/);
  });
});

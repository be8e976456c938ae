import 'reflect-metadata';
import { once } from 'node:events';
import { request } from 'node:https';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startFixture } from './fixture.ts';

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=gateway.example.com',
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'gateway.example.com' }])],
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  };
}

test('a listener with TLS and tokens serves other machines over https and wss', async () => {
  const tls = await selfSigned();
  const fixture = await startFixture({
    listen: { host: '0.0.0.0', port: 0, tls },
    access: {
      tokens: { verify: (token) => (token === 'secret' ? { name: 'ann', rights: 'write' } : undefined) },
      allowedHosts: ['gateway.example.com'],
    },
  });
  const origin = `https://gateway.example.com:${fixture.port}`;
  const common = { host: '127.0.0.1', port: fixture.port, ca: tls.cert, servername: 'gateway.example.com' };
  const headers = { host: `gateway.example.com:${fixture.port}`, origin, authorization: 'Bearer secret' };
  const post = async (more: Record<string, string>) => {
    const outgoing = request({
      ...common,
      method: 'POST',
      path: '/graphql',
      headers: { ...headers, 'content-type': 'application/json', ...more },
      agent: false,
    });
    outgoing.end('{"query":"{ whoami }"}');
    const [incoming] = await once(outgoing, 'response');
    incoming.resume();
    return incoming.statusCode;
  };
  expect(await post({})).toBe(200);
  expect(await post({ origin: origin.replace('https', 'http') })).toBe(403);
  expect(await post({ authorization: 'Bearer wrong' })).toBe(401);

  const socket = new WebSocket(`wss://127.0.0.1:${fixture.port}/graphql`, 'graphql-transport-ws', {
    ...common,
    headers,
  });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  expect(String((await once(socket, 'message'))[0])).toContain('connection_ack');
  socket.close();
  await fixture.close();
});

test('a listener is reached by the address it listens on, not by any other', async () => {
  const fixture = await startFixture();
  expect((await fixture.query('{ hello }', { host: `127.0.0.1:${fixture.port}` })).status).toBe(200);
  expect((await fixture.query('{ hello }', { host: '10.1.2.3' })).status).toBe(403);
  await fixture.close();
});

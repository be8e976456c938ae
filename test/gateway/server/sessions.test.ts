import { afterEach, describe, expect, test } from 'vitest';
import type { Principal, TokenVerifier } from '../../../gateway/server/authentication.ts';
import type { AccessQuestion } from '../../../gateway/server/authorization.ts';
import type { OperationRequest } from '../../../gateway/server/endpoint.ts';
import { ManualClock } from '../../harness/manual-clock.ts';
import { waitFor } from '../../harness/wait.ts';
import { type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
afterEach(() => fixture.close());

const document = 'subscription { forever }';
const headers = { authorization: 'Bearer t' };

async function openSocket() {
  const socket = await fixture.socket(headers).open();
  socket.subscribe('1', document);
  await socket.until('an event', ({ type }) => type === 'next');
  return socket;
}

const start = async (verify: TokenVerifier['verify'], more: object = {}) => {
  fixture = await startFixture({ access: { tokens: { verify } }, limits: { recheckMs: 50 }, ...more });
};

/** Its time is the test's. No pings: between two of them a client has only as many turns as the test gives it. */
async function startStandingStill(verify: TokenVerifier['verify']) {
  const clock = new ManualClock();
  await start(verify, { clock, limits: { recheckMs: 1000, pingMs: 3_600_000 } });
  return clock;
}

describe('credentials that end while a subscription runs', () => {
  test('a token with an end: closed with 4403 at that moment, over SSE ended with the reason', async () => {
    const expiresAt = new ManualClock().now() + 400;
    const clock = await startStandingStill(() => ({ name: 'ann', rights: 'read', expiresAt }));
    const sse = fixture.query(document, { ...headers, accept: 'text/event-stream' });
    const socket = await openSocket();
    await waitFor('both', () => fixture.probe.open === 2);
    await clock.advance(399);
    expect(fixture.probe.open).toBe(2);
    // Not at the next check, which would be later.
    await clock.advance(1);
    expect(await socket.untilClosed()).toEqual({ code: 4403, reason: 'the token has expired' });
    const { body } = await sse;
    expect(body).toContain('UNAUTHENTICATED');
    expect(body).toMatch(/event: complete\ndata:\n\n$/);
    expect(fixture.probe.open).toBe(0);
  });

  test('a token that is revoked, or has other rights now', async () => {
    for (const now of [undefined, { name: 'ann', rights: 'write' } satisfies Principal]) {
      let principal: Principal | undefined = { name: 'ann', rights: 'read' };
      await start(() => principal);
      const sse = fixture.query(document, { ...headers, accept: 'text/event-stream' });
      const socket = await openSocket();
      principal = now;
      expect((await socket.untilClosed()).code).toBe(4403);
      expect((await sse).body).toContain('UNAUTHENTICATED');
      expect(fixture.probe.open).toBe(0);
      await fixture.close();
    }
  });

  test('is asked about once per check, however many have it', async () => {
    let asked = 0;
    const clock = await startStandingStill(() => {
      asked++;
      return { name: 'ann', rights: 'read' };
    });
    const sockets = await Promise.all(Array.from({ length: 30 }, openSocket));
    asked = 0;
    for (let checks = 1; checks <= 5; checks++) {
      await clock.advance(1000);
      expect(asked).toBe(checks);
    }
    for (const socket of sockets) socket.socket.terminate();
  });

  test('nobody can tell: who is in stays for two checks, nobody new comes in', async () => {
    let failing = false;
    const clock = await startStandingStill(() => {
      if (failing) throw new Error('the issuer is away');
      return { name: 'ann', rights: 'read' };
    });
    const socket = await openSocket();
    failing = true;
    const refused = await fixture.query('{ hello }', headers);
    expect(refused.status).toBe(503);
    const newcomer = fixture.socket(headers);
    newcomer.open().catch(() => {});
    expect((await newcomer.untilClosed()).code).toBe(1013);
    await clock.advance(1000);
    expect(fixture.probe.open).toBe(1);
    await clock.advance(1000);
    expect((await socket.untilClosed()).code).toBe(4403);
  });
});

test('a right that is taken away ends the subscriptions that were opened with it, and no others', async () => {
  const allowed = new Set(['devices', 'pods']);
  const asked = ['devices', 'pods'];
  await start(() => ({ name: 'ann', rights: 'read' }), {
    access: {
      tokens: { verify: () => ({ name: 'ann', rights: 'read' }) },
      authorizer: {
        isUnbound: () => false,
        allows: (_principal: Principal, { resource }: AccessQuestion) => allowed.has(resource),
      },
    },
    contextFor: async (principal: Principal, request: OperationRequest) => {
      const resource = asked.shift();
      if (resource) await request.authorize.require({ verb: 'list', resource });
      return { principal, request };
    },
  });
  const socket = await fixture.socket(headers).open();
  socket.subscribe('devices', document);
  await socket.until('an event', ({ id, type }) => id === 'devices' && type === 'next');
  asked.push('pods');
  socket.subscribe('pods', document);
  await socket.until('an event', ({ id, type }) => id === 'pods' && type === 'next');
  allowed.delete('devices');
  const end = await socket.until('the end', ({ id, type }) => id === 'devices' && type === 'complete');
  expect(end).toBeDefined();
  expect(JSON.stringify(socket.messages)).toContain('the right to list devices was taken away');
  expect(fixture.probe.open).toBe(1);
  socket.socket.terminate();
});

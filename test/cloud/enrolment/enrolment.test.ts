import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { join as joinPath } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { revokeNode } from '../../../cloud/enrolment/revocations.ts';
import { createCertificateRequest, createKey } from '../../../edge-node/enrolment/certificate-request.ts';
import { requestRenewal } from '../../../edge-node/enrolment/enrolment-request.ts';
import { IDENTITY_FILE, readIdentity } from '../../../edge-node/enrolment/identity-file.ts';
import { join } from '../../../edge-node/enrolment/join.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { ENROLMENT } from '../../../tunnel/enrolment.ts';
import { parseJoinToken } from '../../../tunnel/join-token.ts';
import { waitFor } from '../../harness/wait.ts';
import { createPki } from '../../tunnel/harness.ts';
import {
  type ClusterSecrets,
  createFolder,
  startClusterSecrets,
  startGateway,
  startNode,
} from './harness.ts';

const suite = new Disposables();
let open = new Disposables();
let cluster: ClusterSecrets;
beforeAll(async () => {
  cluster = await startClusterSecrets(suite);
});
afterAll(() => suite.close());
afterEach(async () => {
  await open.close();
  open = new Disposables();
});

type Gateway = Awaited<ReturnType<typeof startGateway>>;

const joinAs = ({ url }: Gateway, token: string, nodeName = 'edge-a', dataDir = createFolder(open)) =>
  join({ token, cloud: url, nodeName, dataDir, now: Date.now() });

/** What the gateway answers to a request of whatever kind. */
function post(
  { server }: Gateway,
  path: string,
  body: string,
  tls: object = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method: 'POST', agent: false };
    const request = httpsRequest({ ...options, rejectUnauthorized: false, ...tls }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

describe('a node with a token', () => {
  it('[E5] gets a certificate of the right name for the key that it made, in one file for its owner alone', async () => {
    const gateway = await startGateway(open, cluster);
    const dataDir = createFolder(open);
    const identity = await joinAs(gateway, await cluster.createToken(), 'edge-a', dataDir);
    const certificate = new X509Certificate(identity.tls.cert);
    expect(certificate.toLegacyObject().subject).toMatchObject({
      CN: 'system:node:edge-a',
      O: 'system:nodes',
    });
    expect(certificate.verify(new X509Certificate(identity.tls.ca).publicKey)).toBe(true);
    expect(readdirSync(dataDir)).toEqual([IDENTITY_FILE]);
    expect(statSync(joinPath(dataDir, IDENTITY_FILE)).mode & 0o777).toBe(0o600);
    expect(readIdentity(dataDir)).toEqual(identity);
    expect(gateway.log()).toMatch(/"node":"edge-a".*"token":"[0-9a-f]{12}".*node enrolled/);
  });

  it('[E5] connects with it, and finds it again at the next start', async () => {
    const gateway = await startGateway(open, cluster);
    const dataDir = createFolder(open);
    const token = await cluster.createToken();
    const first = startNode(open, { url: gateway.url, dataDir, token: () => token });
    await waitFor('the session', () => gateway.cloud.session);
    await first.uplink.close();
    const second = startNode(open, { url: gateway.url, dataDir });
    await waitFor('the session', () => second.edge.session);
    expect(gateway.log().match(/node enrolled/g)).toHaveLength(1);
  });

  it('[E5] joins when gateway and token file are there at last', async () => {
    const dataDir = createFolder(open);
    const { server } = await startGateway(open, cluster);
    await server.close();
    const token = await cluster.createToken();
    let attempts = 0;
    const { uplink, edge } = startNode(open, {
      url: `wss://127.0.0.1:${server.port}`,
      dataDir,
      token: () => {
        attempts++;
        return token;
      },
    });
    await waitFor('some attempts', () => attempts > 2);
    expect(uplink.state()).toMatchObject({ up: false, lastError: expect.stringContaining('refused') });
    await startGateway(open, cluster, { port: server.port });
    await waitFor('the session', () => edge.session);
  });

  it('[E3] the cluster keeps the hash of the token, and not the token', async () => {
    const { secret, id } = parseJoinToken(await cluster.createToken());
    const stored = await cluster.secrets.list();
    expect(stored.some(({ name }) => name.endsWith(id))).toBe(true);
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('[E1] a second gateway on the same cluster is of the same authority', async () => {
    const [one, other] = [await startGateway(open, cluster), await startGateway(open, cluster)];
    const dataDir = createFolder(open);
    await joinAs(one, await cluster.createToken(), 'edge-a', dataDir);
    const { edge } = startNode(open, { url: other.url, dataDir });
    await waitFor('the session', () => edge.session);
  });
});

describe('a token', () => {
  it('[E4] that was used is refused, and says by whom', async () => {
    const gateway = await startGateway(open, cluster);
    const token = await cluster.createToken();
    const dataDir = createFolder(open);
    await joinAs(gateway, token, 'edge-a', dataDir);
    for (const [nodeName, folder] of [['edge-b'], ['edge-a'], ['edge-a', dataDir]] as const) {
      await expect(joinAs(gateway, token, nodeName, folder)).rejects.toThrow(
        /^token [0-9a-f]{12} was used at 20\S+ by node edge-a: each is good once/,
      );
    }
    expect(gateway.log().match(/enrolment refused/g)).toHaveLength(3);
    expect(gateway.log()).toContain('TOKEN_USED');
  });

  it('[E4] shown by several nodes at once is good for one of them', async () => {
    const gateway = await startGateway(open, cluster);
    const token = await cluster.createToken();
    const outcomes = await Promise.allSettled(
      ['edge-a', 'edge-b', 'edge-c', 'edge-d'].map((nodeName) => joinAs(gateway, token, nodeName)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(gateway.log().match(/node enrolled/g)).toHaveLength(1);
  });

  it('[E4] that expired is refused, and says when', async () => {
    const gateway = await startGateway(open, cluster);
    const token = await cluster.createToken({ validForMs: 1 });
    await expect(joinAs(gateway, token)).rejects.toThrow(
      /^token [0-9a-f]{12} expired at 20\S+: create another one$/,
    );
    expect(gateway.log()).not.toContain('node enrolled');
  });

  it('[E4] for other nodes is refused, and stays good for those', async () => {
    const gateway = await startGateway(open, cluster);
    const token = await cluster.createToken({ nodeNamePattern: 'plant-*' });
    await expect(joinAs(gateway, token, 'edge-a')).rejects.toThrow(
      /^token [0-9a-f]{12} is for nodes named plant-\*, not for edge-a$/,
    );
    await joinAs(gateway, token, 'plant-1');
  });

  it('[E4] with a wrong secret or an unknown id is refused in the same words', async () => {
    const gateway = await startGateway(open, cluster);
    const [id, secret, hash] = (await cluster.createToken()).split('.') as [string, string, string];
    const wrong = [`${id}.${'0'.repeat(32)}.${hash}`, `${'0'.repeat(12)}.${secret}.${hash}`];
    for (const token of wrong) await expect(joinAs(gateway, token)).rejects.toThrow('is not known here');
  });

  it('[E5] of another cluster gets nothing, and its secret is not sent', async () => {
    const gateway = await startGateway(open, cluster);
    const [id, secret] = (await cluster.createToken()).split('.');
    await expect(joinAs(gateway, `${id}.${secret}.${'a'.repeat(64)}`)).rejects.toThrow(
      /^unknown authority: .*its hash differs/,
    );
    expect(gateway.log()).not.toContain('enrolment');
  });

  it.each(['', 'abc', 'a.b.c', `${'0'.repeat(12)}.${'0'.repeat(32)}`])(
    '[E2] %j is refused before anybody is asked, without repeating it',
    async (token) => {
      const nowhere = { token, cloud: 'wss://127.0.0.1:1', nodeName: 'edge-a', dataDir: '/nowhere', now: 0 };
      await expect(join(nowhere)).rejects.toMatchObject({ code: 'JOIN_TOKEN_INVALID' });
    },
  );

  it('[E3] that is long past is removed when the next one is made', async () => {
    const dayMs = 24 * 3_600_000;
    const { id } = parseJoinToken(await cluster.createToken({ validForMs: -2 * dayMs }));
    await cluster.createToken();
    expect((await cluster.secrets.list()).some(({ name }) => name.endsWith(id))).toBe(false);
  });

  it('[E3] for a pattern that is none is not made', async () => {
    await expect(cluster.createToken({ nodeNamePattern: 'Edge_*' })).rejects.toMatchObject({
      code: 'TOKEN_PATTERN',
    });
  });
});

describe('a revoked node', () => {
  it('[E7] loses its live tunnel within 10 s, is refused, and comes back with a new token only', async () => {
    const gateway = await startGateway(open, cluster);
    const dataDir = createFolder(open);
    await joinAs(gateway, await cluster.createToken(), 'edge-r', dataDir);
    const bystander = createFolder(open);
    await joinAs(gateway, await cluster.createToken(), 'edge-s', bystander);
    const { edge, uplink } = startNode(open, { url: gateway.url, dataDir, nodeName: 'edge-r' });
    const other = startNode(open, { url: gateway.url, dataDir: bystander, nodeName: 'edge-s' });
    await waitFor('both sessions', () => edge.session && other.edge.session);

    await revokeNode(cluster.secrets, 'edge-r', Date.now());
    await waitFor('the end', () => !edge.session, { timeoutMs: 10_000 });
    const words = /node edge-r was revoked at 20\S+: join again with a new token$/;
    expect(edge.log.at(-1)).toMatch(words);
    await waitFor('the refusal', () => gateway.refused.length > 2);
    expect(uplink.state().lastError).toMatch(/^the gateway refuses this node: node edge-r was revoked/);
    expect(gateway.refused[0]).toMatch(words);
    expect(other.edge.log).toEqual(['connected']);
    await uplink.close();

    const revoked = readIdentity(dataDir)!;
    const renewal = createCertificateRequest('edge-r', createKey());
    await expect(requestRenewal(gateway.url, revoked.tls, renewal, Date.now())).rejects.toThrow(
      /was revoked at/,
    );
    await joinAs(gateway, await cluster.createToken(), 'edge-r', dataDir);
    const again = startNode(open, { url: gateway.url, dataDir, nodeName: 'edge-r' });
    await waitFor('the new session', () => again.edge.session);
    // The certificate that was revoked is no better for it.
    const old = startNode(open, {
      url: gateway.url,
      dataDir: createFolder(open),
      nodeName: 'edge-r',
      tls: revoked.tls,
    });
    await waitFor('the refusal', () => old.uplink.state().lastError);
    expect(old.uplink.state().lastError).toMatch(/was revoked/);
    expect(again.edge.log).toEqual(['connected']);
  });

  it('[E7] stays revoked where the list was edited into something else', async () => {
    const gateway = await startGateway(open, cluster);
    await revokeNode(cluster.secrets, 'edge-y', Date.now());
    const stored = (await cluster.secrets.read('octograph-revoked-nodes'))!;
    await cluster.secrets.replace({ ...stored, data: { ...stored.data, 'edge-x': 'not JSON' } });
    const dataDir = createFolder(open);
    await joinAs(gateway, await cluster.createToken(), 'edge-x', dataDir);
    const { uplink, edge } = startNode(open, { url: gateway.url, dataDir, nodeName: 'edge-x' });
    // Joined anew, its new certificate is good; any other is not.
    await waitFor('the session', () => edge.session);
    await uplink.close();
  });
});

describe('the identity of a node', () => {
  it('[E5] copied to another node is refused there', async () => {
    const gateway = await startGateway(open, cluster);
    const dataDir = createFolder(open);
    await joinAs(gateway, await cluster.createToken(), 'edge-a', dataDir);
    expect(() => startNode(open, { url: gateway.url, dataDir, nodeName: 'edge-b' })).toThrow(
      /holds the identity of node edge-a, and this node is edge-b: each needs its own$/,
    );
  });

  it('[W2][W7] copied with its name is the same node: it pushes out the other, and both ends say so', async () => {
    const gateway = await startGateway(open, cluster);
    const [dataDir, copy] = [createFolder(open), createFolder(open)];
    await joinAs(gateway, await cluster.createToken(), 'edge-a', dataDir);
    writeFileSync(joinPath(copy, IDENTITY_FILE), readFileSync(joinPath(dataDir, IDENTITY_FILE)));
    const one = startNode(open, { url: gateway.url, dataDir });
    await waitFor('the session', () => one.edge.session);
    startNode(open, { url: gateway.url, dataDir: copy });
    await waitFor('the end', () => one.edge.log.length > 1);
    expect(one.edge.log[1]).toBe('disconnected: superseded by a newer connection of node edge-a');
    expect(gateway.server.sessions()).toHaveLength(1);
  });

  it('[E5] that is damaged is named, with what to do', async () => {
    const dataDir = createFolder(open);
    writeFileSync(joinPath(dataDir, IDENTITY_FILE), '{"cloud": "wss://x"}');
    expect(() => readIdentity(dataDir)).toThrow(
      /identity.json is not what this node joined with.*join again/,
    );
  });

  it('[E5] is asked for where there is none, in words', () => {
    expect(() => startNode(open, { url: 'wss://x:1', dataDir: createFolder(open) })).toThrow(
      /^this node has not joined wss:\/\/x:1: .*run octograph edge join with a token first$/,
    );
  });
});

describe('the enrolment port', () => {
  it.each<[string, string, string, number, string]>([
    ['no JSON', ENROLMENT.certificate, 'hello', 400, 'expected a JSON object'],
    ['no token', ENROLMENT.certificate, '{"request":"x"}', 400, 'token: expected text'],
    ['no request', ENROLMENT.certificate, '{"token":"x"}', 400, 'request: expected text'],
    [
      'a token that names another Secret',
      ENROLMENT.certificate,
      '{"token":"../octograph-tunnel-ca.x","request":"x"}',
      400,
      'token: expected <id>.<secret>',
    ],
    [
      'a request that is none',
      ENROLMENT.certificate,
      `{"token":"${'0'.repeat(12)}.x","request":"x"}`,
      400,
      'PEM form',
    ],
    ['too much', ENROLMENT.certificate, `{"request":"${'x'.repeat(20_000)}"}`, 400, 'over 16384 bytes'],
    ['a renewal without a certificate', ENROLMENT.renewal, '{"request":"x"}', 401, 'needs the certificate'],
    ['another path', '/enrolment/v2/certificate', '{}', 426, 'edge nodes connect here'],
  ])('[E1] answers %s in words', async (_what, path, body, status, words) => {
    const answer = await post(await startGateway(open, cluster), path, body);
    expect(answer).toMatchObject({ status, text: expect.stringContaining(words) });
  });

  it('[E6] renews for the node of the certificate, and for no other', async () => {
    const gateway = await startGateway(open, cluster);
    const { tls } = await joinAs(gateway, await cluster.createToken(), 'edge-a');
    const request = createCertificateRequest('edge-b', createKey());
    await expect(requestRenewal(gateway.url, tls, request, Date.now())).rejects.toThrow(
      'node edge-a asks for a certificate of node edge-b: it gets its own only',
    );
    const own = createCertificateRequest('edge-a', createKey());
    const pem = await requestRenewal(gateway.url, tls, own, Date.now());
    expect(new X509Certificate(pem).toLegacyObject().subject).toMatchObject({ CN: 'system:node:edge-a' });
  });

  it('[E6] renews nothing for a certificate of another authority', async () => {
    const gateway = await startGateway(open, cluster);
    const { cert, key } = await (await createPki('another authority')).node('edge-a');
    const body = JSON.stringify({ request: createCertificateRequest('edge-a', createKey()) });
    const answer = await post(gateway, ENROLMENT.renewal, body, { cert, key });
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('unknown authority') });
    expect(gateway.log()).not.toContain('certificate renewed');
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { readIdentity } from '../../../edge-node/enrolment/identity-file.ts';
import { join } from '../../../edge-node/enrolment/join.ts';
import { renewalDueAt } from '../../../edge-node/enrolment/renewal.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { waitFor } from '../../harness/wait.ts';
import { createRecordingLogger, reports } from '../../tunnel/harness.ts';
import { createFolder, startClusterSecrets, startGateway, startNode } from './harness.ts';

describe('the time of renewal', () => {
  it('[E6] is anywhere from 70 to 90 % of the life', () => {
    const life = fc.record({ validFrom: fc.nat(), lifeMs: fc.integer({ min: 1, max: 1e12 }) });
    fc.assert(
      fc.property(life, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ validFrom, lifeMs }, random) => {
        const share = (renewalDueAt({ validFrom, validTo: validFrom + lifeMs }, random) - validFrom) / lifeMs;
        expect(share).toBeGreaterThanOrEqual(0.699);
        expect(share).toBeLessThanOrEqual(0.901);
      }),
    );
  });
});

describe('a certificate of a short life', () => {
  let open = new Disposables();
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  async function start(nodeCertificateMs: number) {
    const cluster = await startClusterSecrets(open);
    const gateway = await startGateway(open, cluster, { nodeCertificateMs });
    const dataDir = createFolder(open);
    const token = await cluster.createToken();
    const { logger, text } = createRecordingLogger();
    const node = startNode(open, { url: gateway.url, dataDir, token: () => token, logger });
    await waitFor('the session', () => node.edge.session);
    return { ...node, gateway, dataDir, log: text };
  }

  it('[E6] is renewed again and again under load: no value is lost, and no gap is over 5 s', async () => {
    const { edge, uplink, gateway, dataDir } = await start(8000);
    const { cloud } = gateway;
    const first = readIdentity(dataDir)!;
    const seen = new Set<number>();
    let acknowledged = 0;
    let lastAt = performance.now();
    let longestGapMs = 0;
    cloud.onUp = (message) => {
      if (message.type !== 'reports') return;
      longestGapMs = Math.max(longestGapMs, performance.now() - lastAt);
      lastAt = performance.now();
      for (const { seq } of message.updates) seen.add(seq);
      acknowledged = Math.max(acknowledged, message.updates.at(-1)!.seq);
    };
    // As the sync layer does it: a new connection starts over behind the last acknowledgement.
    let sent = 0;
    let session = edge.session;
    await waitFor(
      'two renewals',
      () => {
        if (edge.session && edge.session !== session) sent = acknowledged;
        session = edge.session;
        if (session && session.bufferedBytes < 50_000) {
          session.send(reports(sent + 1, 20));
          sent += 20;
        }
        return uplink.state().reconnects >= 2;
      },
      { timeoutMs: 28_000, everyMs: 2 },
    );
    await waitFor('what is on its way', () => acknowledged >= sent || !edge.session);
    expect([...Array(acknowledged).keys()].filter((seq) => !seen.has(seq + 1))).toEqual([]);
    expect(longestGapMs).toBeLessThan(5000);
    expect(readIdentity(dataDir)!.validTo).toBeGreaterThan(first.validTo);
    expect(readIdentity(dataDir)!.tls.key).not.toBe(first.tls.key);
    expect(gateway.log().match(/certificate renewed/g)!.length).toBeGreaterThanOrEqual(2);
    expect(edge.log.filter((line) => line.startsWith('disconnected'))).toEqual(
      edge.log.filter((line) => line === 'disconnected: the certificate was renewed'),
    );
  });

  it('[E6][W1] that nobody renews ends the session when it expires, and is refused from then on', async () => {
    const cluster = await startClusterSecrets(open);
    const gateway = await startGateway(open, cluster, { nodeCertificateMs: 2000 });
    const dataDir = createFolder(open);
    const { tls } = await join({
      token: await cluster.createToken(),
      cloud: gateway.url,
      nodeName: 'edge-a',
      dataDir,
      now: Date.now(),
    });
    const { edge, uplink } = startNode(open, { url: gateway.url, dataDir, tls });
    await waitFor('the session', () => edge.session);
    await waitFor('its end', () => edge.log.length > 1);
    expect(edge.log[1]).toMatch(/^disconnected: the certificate of node edge-a has expired at 20/);
    await waitFor('the refusal', () => /certificate has expired/.test(gateway.log()));
    expect(uplink.state()).toMatchObject({ up: false, lastError: expect.stringContaining('has expired') });
  });
});

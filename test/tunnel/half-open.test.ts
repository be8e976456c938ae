import { afterEach, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import { createPki } from './harness.ts';
import { createNetwork, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
const PING_MS = 1000;

describe.skipIf(why)(`a link between two machines${why ? ` (${why})` : ''}`, () => {
  let open = new Disposables();
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  it('[W17] that goes half-open is found at both ends by its silence, and comes back', async () => {
    const network = createNetwork(open);
    const pki = await createPki();
    const { address } = network;
    const tls = await pki.server({ hosts: [address.cloud] });
    const cloud = network.start('cloud', 'programs/cloud.ts', { tls, host: address.cloud, pingMs: PING_MS });
    const port = (await cloud.next('listening ')).split(' ')[1];
    const url = `wss://${address.cloud}:${port}`;
    const edge = network.start('edge', 'programs/edge.ts', {
      tls: await pki.node('edge-a'),
      url,
      pingMs: PING_MS,
    });
    await Promise.all([edge.next('connected'), cloud.next('connected edge-a')]);

    network.cut();
    const ends = await Promise.all([edge.next('disconnected'), cloud.next('disconnected')]);
    for (const event of ends) {
      expect(event).toMatch(/silent for \d+ ms: the link is half-open or too slow/);
    }
    network.mend();
    await Promise.all([edge.next('connected'), cloud.next('connected edge-a')]);
  });
});

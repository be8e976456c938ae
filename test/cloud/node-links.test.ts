import { describe, expect, it } from 'vitest';
import { addLinkMetrics } from '../../cloud/link-metrics.ts';
import { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import { NodeLinks } from '../../cloud/node-links.ts';
import { silentLogger } from '../../lib/logger.ts';
import { createMetrics } from '../../lib/metrics.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { ScriptedNode } from './fixture.ts';

const node = (fields: object = {}) => Object.assign(new ScriptedNode(), fields);

describe('the links, as the cloud sees them,', () => {
  it('count bytes and reconnects over all sessions of a node', () => {
    const links = new NodeLinks(new ManualClock());
    const first = node({ bytesIn: 100, bytesOut: 10 });
    links.up(first);
    links.down(first, 'reset');
    links.up(node({ bytesIn: 5, bytesOut: 1, rttMs: 3, lagMs: 40 }));
    expect(links.edgeNode('edge-a')?.link).toMatchObject({
      state: 'UP',
      bytesIn: 105,
      bytesOut: 11,
      reconnects: 1,
      rttMs: 3,
      lagMs: 40,
      lastError: 'reset',
    });
  });

  it('count the bytes of a session that another one replaced once', () => {
    const links = new NodeLinks(new ManualClock());
    const old = node({ bytesIn: 100 });
    links.up(old);
    links.up(node({ bytesIn: 5 }));
    expect(links.down(old, 'superseded')).toBe(false);
    expect(links.edgeNode('edge-a')?.link).toMatchObject({ state: 'UP', bytesIn: 105, lastError: undefined });
  });

  it('tell why a node was turned away, also one that never was let in', () => {
    const links = new NodeLinks(new ManualClock());
    links.refused('edge-b', 'node edge-b was revoked');
    expect(links.edgeNode('edge-b')).toMatchObject({
      version: undefined,
      link: { state: 'DOWN', lastError: 'node edge-b was revoked', reconnects: 0 },
    });
    expect(links.edgeNode('edge-c')).toBeNull();
  });

  it('are down, and no more is known, of a node of ours that has not come since the gateway started', () => {
    const links = new NodeLinks(new ManualClock(), (name) => name === 'edge-b');
    expect(links.edgeNode('edge-b')).toEqual({ name: 'edge-b', link: { state: 'DOWN' } });
    expect(links.edgeNode('edge-c')).toBeNull();
  });

  it('are in the metrics, by node', async () => {
    const clock = new ManualClock();
    const links = new NodeLinks(clock);
    links.up(node({ bytesIn: 7, rttMs: 3 }));
    links.refused('edge-b', 'revoked');
    const metrics = createMetrics();
    const authorizer = new NodeAuthorizer({ device: () => undefined, clock, logger: silentLogger });
    authorizer.authorize('edge-a', {
      type: 'states',
      states: [{ device: 'a/b', uid: 'c', state: 'online' }],
      sentAt: 0,
    });
    addLinkMetrics(metrics, links, authorizer, { accepted: 9, shed: 4 });
    const text = await metrics.text();
    for (const line of [
      'octograph_link_up{node="edge-a"} 1',
      'octograph_link_up{node="edge-b"} 0',
      'octograph_link_rtt_ms{node="edge-a"} 3',
      'octograph_link_bytes_in{node="edge-a"} 7',
      'octograph_node_refusals{node="edge-a"} 1',
      'octograph_tunnel_accepted 9',
      'octograph_tunnel_shed 4',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toContain('octograph_link_rtt_ms{node="edge-b"}');
  });
});

import { describe, expect, it } from 'vitest';
import { closeReason } from '../../tunnel/close-codes.ts';
import { versionProblem } from '../../tunnel/handshake.ts';
import { identityOf } from '../../tunnel/identity.ts';

const v = (text: string) => {
  const [major, minor] = text.split('.').map(Number);
  return { major: major!, minor: minor! };
};

describe('versions', () => {
  it.each([
    ['1.0', '1.0'],
    ['1.0', '1.1'],
    ['1.4', '1.3'],
  ])('[W5] gateway %s and node %s work together', (gateway, node) => {
    expect(versionProblem(v(gateway), v(node))).toBeUndefined();
  });

  it.each([
    ['1.3', '1.1', 'the node speaks tunnel 1.1, the gateway 1.3: upgrade the node'],
    ['1.1', '1.3', 'the node speaks tunnel 1.3, the gateway 1.1: upgrade the gateway'],
    ['2.0', '1.0', 'the node speaks tunnel 1.0, the gateway 2.0: upgrade the node'],
    ['1.9', '2.0', 'the node speaks tunnel 2.0, the gateway 1.9: upgrade the gateway'],
  ])('[W5] gateway %s refuses node %s and says who is to be upgraded', (gateway, node, words) => {
    expect(versionProblem(v(gateway), v(node))).toBe(words);
  });
});

describe('the identity', () => {
  const subject = (fields: { CN?: unknown; O?: unknown }) => identityOf(fields);

  it('[W2] is the node that the certificate names', () => {
    expect(subject({ CN: 'system:node:edge-a.site.example', O: 'system:nodes' })).toEqual({
      ok: true,
      nodeName: 'edge-a.site.example',
    });
  });

  it.each([
    { CN: 'edge-a', O: 'system:nodes' },
    { CN: 'system:node:', O: 'system:nodes' },
    { CN: 'system:node:Edge', O: 'system:nodes' },
    { CN: 'system:node:edge/../b', O: 'system:nodes' },
    { CN: 'system:node:edge-a\n', O: 'system:nodes' },
    { CN: `system:node:${'a'.repeat(254)}`, O: 'system:nodes' },
    { CN: 'system:node:edge-a', O: 'system:masters' },
    { CN: 'system:node:edge-a' },
    { CN: ['system:node:edge-a', 'system:node:edge-b'], O: 'system:nodes' },
    { CN: 'system:node:edge-a', O: ['system:nodes', 'system:masters'] },
    {},
  ])('[W2] is refused for %j', (fields) => {
    const identity = subject(fields);
    expect(identity.ok).toBe(false);
    expect(identity.ok || identity.reason).toContain('expected CN=system:node:<name>, O=system:nodes');
  });
});

describe('close reasons', () => {
  it('[W8] fit into a close frame', () => {
    const reason = closeReason('ü'.repeat(200));
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason.endsWith('…')).toBe(true);
    expect(closeReason('short')).toBe('short');
  });
});

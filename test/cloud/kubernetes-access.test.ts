import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSubjectAccessReviewer, createTokenReviewer } from '../../cloud/kubernetes-access.ts';
import { type AccessQuestion, Authorization, type Principal } from '../../gateway/index.ts';
import type { KubeApi } from '../../kube-api/index.ts';
import { createKubeClient, type KubeClient } from '../../kubernetes/client.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { clientsOf, startEmbedded } from '../kube-api/cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'octograph-access-'));
let api: KubeApi;
let client: KubeClient;
beforeAll(async () => {
  const tokenFile = join(directory, 'tokens.csv');
  writeFileSync(tokenFile, 'jane-token,jane,u1,"viewers"\nrita-token,rita,u3,system:masters\n');
  api = await startEmbedded(directory, { tokenFile });
  const { config } = clientsOf(join(directory, 'kubeconfig'));
  client = createKubeClient({ config, clock: systemClock });
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  await rbac.createNamespacedRole({
    namespace: 'default',
    body: {
      metadata: { name: 'device-viewer' },
      rules: [
        { apiGroups: ['devices.kubeedge.io'], resources: ['devices'], verbs: ['get', 'list', 'watch'] },
      ],
    },
  });
  await rbac.createNamespacedRoleBinding({
    namespace: 'default',
    body: {
      metadata: { name: 'device-viewers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'device-viewer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'viewers' }],
    },
  });
});
afterAll(async () => {
  client.close();
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

let asked: number;
let failing: boolean;
let clock: ManualClock;
const counting: Pick<KubeClient, 'create'> = {
  create: (path, object) => {
    asked++;
    return failing ? Promise.reject(new Error('the API server is away')) : client.create(path, object);
  },
};
beforeEach(() => {
  asked = 0;
  failing = false;
  clock = new ManualClock();
});
const options = () => ({ client: counting, audiences: [], clock, logger: silentLogger });

describe('tokens of Kubernetes', () => {
  test('say who asks; what they may do is asked for', async () => {
    const reviewer = createTokenReviewer(options());
    expect(await reviewer.verify('jane-token')).toMatchObject({
      name: 'jane',
      rights: 'write',
      subject: {
        user: 'jane',
        uid: 'u1',
        groups: expect.arrayContaining(['viewers', 'system:authenticated']),
      },
    });
    expect(await reviewer.verify('nobody')).toBeUndefined();
  });

  test('are asked about once for seconds, an unknown one again after a second', async () => {
    const reviewer = createTokenReviewer(options());
    await Promise.all([1, 2, 3].map(() => reviewer.verify('jane-token')));
    await clock.advance(3900);
    await reviewer.verify('jane-token');
    expect(asked).toBe(1);
    await clock.advance(200);
    await reviewer.verify('jane-token');
    expect(asked).toBe(2);
    await reviewer.verify('nobody');
    await reviewer.verify('nobody');
    expect(asked).toBe(3);
    await clock.advance(1001);
    await reviewer.verify('nobody');
    expect(asked).toBe(4);
  });

  test('cannot be told while the API server is away, and are asked about again at once', async () => {
    const reviewer = createTokenReviewer(options());
    failing = true;
    await expect(reviewer.verify('jane-token')).rejects.toThrow('away');
    failing = false;
    expect(await reviewer.verify('jane-token')).toMatchObject({ name: 'jane' });
  });
});

describe('what they may do', () => {
  const principal = async (token: string) =>
    (await createTokenReviewer(options()).verify(token)) as Principal;

  test.each<[string, AccessQuestion, boolean]>([
    ['jane-token', { verb: 'list', resource: 'devices', namespace: 'default' }, true],
    ['jane-token', { verb: 'get', resource: 'devices', namespace: 'default', name: 'pump' }, true],
    ['jane-token', { verb: 'list', resource: 'devices' }, false],
    ['jane-token', { verb: 'list', resource: 'devices', namespace: 'other' }, false],
    ['jane-token', { verb: 'update', resource: 'devices/desired', namespace: 'default' }, false],
    ['jane-token', { verb: 'create', resource: 'devices/methods', namespace: 'default' }, false],
    ['jane-token', { verb: 'list', resource: 'pods', namespace: 'default' }, false],
    ['rita-token', { verb: 'update', resource: 'devices/desired', namespace: 'default' }, true],
    ['rita-token', { verb: 'list', resource: 'nodes' }, true],
  ])('%s %j: %s', async (token, question, allowed) => {
    expect(await createSubjectAccessReviewer(options()).allows(await principal(token), question)).toBe(
      allowed,
    );
  });

  test('is asked once per set, by whichever operation', async () => {
    const reviewer = createSubjectAccessReviewer(options());
    const jane = await principal('jane-token');
    asked = 0;
    for (let operation = 0; operation < 5; operation++) {
      const sight = await new Authorization(jane, reviewer).sight('devices', () => [
        'default',
        'other',
        'default',
      ]);
      expect([sight.sees('default'), sight.sees('other')]).toEqual([true, false]);
    }
    expect(asked).toBe(3);
  });

  test('is nothing while the API server is away', async () => {
    const reviewer = createSubjectAccessReviewer(options());
    const rita = await principal('rita-token');
    failing = true;
    expect(await reviewer.allows(rita, { verb: 'list', resource: 'nodes' })).toBe(false);
    failing = false;
    expect(await reviewer.allows(rita, { verb: 'list', resource: 'nodes' })).toBe(true);
  });

  test('others have their own rights and rules', async () => {
    const reviewer = createSubjectAccessReviewer(options());
    const reader: Principal = { name: 'file', rights: 'read' };
    expect(await reviewer.allows(reader, { verb: 'list', resource: 'nodes' })).toBe(true);
    expect(await reviewer.allows(reader, { verb: 'delete', resource: 'pods' })).toBe(false);
    expect(reviewer.isUnbound(reader)).toBe(true);
    expect(reviewer.isUnbound(await principal('rita-token'))).toBe(false);
    expect(asked).toBe(1);
  });
});

import { RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NAMESPACE, Secrets } from '../../cloud/enrolment/secrets.ts';
import { createSubjectAccessReviewer, createTokenReviewer } from '../../cloud/kubernetes-access.ts';
import { createId } from '../../lib/ids.ts';
import { waitFor } from '../harness/wait.ts';
import { SHARED, useGateway } from './gateway.ts';

const gateway = useGateway();

describe('a service account', () => {
  test('is known by its token, and may do what a role says, subresources of ours included', async () => {
    const { config, core, followed, namespace } = gateway();
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'app' } } });
    const rules = [
      { apiGroups: ['devices.kubeedge.io'], resources: ['devices'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['devices.kubeedge.io'], resources: ['devices/desired'], verbs: ['update'] },
    ];
    await rbac.createNamespacedRole({ namespace, body: { metadata: { name: 'setter' }, rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'setter' };
    const subjects = [{ kind: 'ServiceAccount', name: 'app', namespace }];
    const body = { metadata: { name: 'app-sets' }, roleRef, subjects };
    await rbac.createNamespacedRoleBinding({ namespace, body });
    const request = { spec: { audiences: [], expirationSeconds: 600 } };
    const at = { namespace, name: 'app', body: request };
    const { status } = await core.createNamespacedServiceAccountToken(at);

    const options = { client: followed.client, audiences: [], ...SHARED };
    const reviewer = createTokenReviewer(options);
    const principal = await waitFor('the token to be known', () => reviewer.verify(status?.token ?? ''));
    expect(principal.name).toBe(`system:serviceaccount:${namespace}:app`);
    expect(principal.groups).toContain(`system:serviceaccounts:${namespace}`);
    expect(await reviewer.verify(`${status!.token}x`)).toBeUndefined();

    const authorizer = createSubjectAccessReviewer(options);
    const may = (verb: 'get' | 'update' | 'create', resource: string, where = namespace) =>
      authorizer.allows(principal, { verb, resource, namespace: where, name: 'lamp' } as never);
    // A binding holds a moment after it was made.
    await waitFor('the right to set', () => may('update', 'devices/desired'));
    expect(await may('get', 'devices')).toBe(true);
    expect(await may('create', 'devices/methods')).toBe(false);
    expect(await may('update', 'devices')).toBe(false);
    expect(await may('get', 'devices', 'kube-system')).toBe(false);
  });
});

test('what the gateway keeps in Secrets is there once, and is replaced only in the version that was read', async () => {
  const { core, followed } = gateway();
  const wasThere = followed.namespaces.get('', NAMESPACE) !== undefined;
  const secrets = new Secrets(followed.client);
  const name = createId('contract');
  onTestFinished(async () => {
    await secrets.remove(name);
    if (!wasThere) await core.deleteNamespace({ name: NAMESPACE });
  });
  expect(await secrets.create(name, 'Opaque', { text: 'ünï\n' })).toBe(true);
  expect(await secrets.create(name, 'Opaque', { text: 'b' })).toBe(false);
  const first = (await secrets.read(name))!;
  expect(first.data).toEqual({ text: 'ünï\n' });
  expect(await secrets.replace({ ...first, data: { text: 'c' } })).toBe(true);
  expect(await secrets.replace({ ...first, data: { text: 'd' } })).toBe(false);
  expect((await secrets.list()).find((secret) => secret.name === name)?.data).toEqual({ text: 'c' });
  await secrets.remove(name);
  expect(await secrets.read(name)).toBeUndefined();
});

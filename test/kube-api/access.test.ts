import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  type V1PolicyRule,
  type V1ResourceAttributes,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeApi } from '../../kube-api/index.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { ask, withToken } from './ask.ts';
import { clientsOf, DEVICES, device, refusal, startEmbedded } from './cluster.ts';
import { createKubectl, kubectlMissing } from './kubectl.ts';

let directory: string;
let api: KubeApi;
let clock: ManualClock;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  const tokenFile = join(directory, 'tokens.csv');
  writeFileSync(
    tokenFile,
    [
      '# who may come',
      'jane-token,jane,u1',
      'ops-token,otto,u2,"operators,night,shift"',
      'root-token,rita,u3,system:masters',
    ].join('\n'),
  );
  clock = new ManualClock(Date.now());
  api = await startEmbedded(directory, { tokenFile, clock });
});
afterEach(async () => {
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

const RBAC = 'rbac.authorization.k8s.io';
const namespace = 'default';
const clients = () => clientsOf(join(directory, 'kubeconfig'));
const admin = () => clients().config;

/** The cluster as who holds `token` sees it. */
function asHolder(token: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: api.url, caData: Buffer.from(api.caPem).toString('base64') }],
    users: [{ name: 'u', token }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return config;
}

const grant = async (
  name: string,
  subject: { kind: string; name: string; namespace?: string },
  rules: V1PolicyRule[],
  where?: string,
) => {
  const rbac = admin().makeApiClient(RbacAuthorizationV1Api);
  const subjects = [{ ...subject, ...(subject.kind === 'ServiceAccount' ? {} : { apiGroup: RBAC }) }];
  if (where) {
    await rbac.createNamespacedRole({ namespace: where, body: { metadata: { name }, rules } });
    const roleRef = { apiGroup: RBAC, kind: 'Role', name };
    await rbac.createNamespacedRoleBinding({
      namespace: where,
      body: { metadata: { name }, roleRef, subjects },
    });
  } else {
    await rbac.createClusterRole({ body: { metadata: { name }, rules } });
    const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name };
    await rbac.createClusterRoleBinding({ body: { metadata: { name }, roleRef, subjects } });
  }
};
const jane = { kind: 'User', name: 'jane' };
const rule = (verbs: string[], resources: string[], apiGroup = ''): V1PolicyRule => ({
  verbs,
  apiGroups: [apiGroup],
  resources,
});

async function createAccount(name: string): Promise<void> {
  await clients().core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
}
async function tokenFor(
  name: string,
  spec: { audiences?: string[]; expirationSeconds?: number; boundObjectRef?: object } = {},
) {
  const body = { spec: { audiences: [], ...spec } };
  const answer = await clients().core.createNamespacedServiceAccountToken({ name, namespace, body });
  return answer.status?.token ?? '';
}
const review = async (token: string, audiences?: string[]) =>
  (
    await admin()
      .makeApiClient(AuthenticationV1Api)
      .createTokenReview({ body: { spec: { token, audiences } } })
  ).status;

describe('a request', () => {
  test('of somebody without rights is refused in the words of Kubernetes', async () => {
    const core = asHolder('jane-token').makeApiClient(CoreV1Api);
    expect(await refusal(core.listNamespacedPod({ namespace }))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    });
    expect(await refusal(core.readNode({ name: 'n' }))).toMatchObject({
      message:
        'nodes "n" is forbidden: User "jane" cannot get resource "nodes" in API group "" at the cluster scope',
    });
    const answers = await Promise.all(
      ['/metrics', '/api/v1/gadgets', '/api/v1/namespaces/default/pods/p/log'].map((path) =>
        ask(api, path, { headers: { authorization: 'Bearer jane-token' } }),
      ),
    );
    expect(answers.map(({ code, text }) => [code, JSON.parse(text).message])).toEqual([
      [403, 'forbidden: User "jane" cannot get path "/metrics"'],
      [
        403,
        'gadgets is forbidden: User "jane" cannot list resource "gadgets" in API group "" at the cluster scope',
      ],
      [
        403,
        'pods "p" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"',
      ],
    ]);
    expect((await ask(api, '/apis', { headers: { authorization: 'Bearer jane-token' } })).code).toBe(200);
  });

  test('may do what a role in its namespace says, there and not elsewhere', async () => {
    await grant('reader', jane, [rule(['get', 'list', 'watch'], ['devices'], DEVICES.group)], namespace);
    const custom = asHolder('jane-token').makeApiClient(CustomObjectsApi);
    const list = (where: string) => custom.listNamespacedCustomObject({ ...DEVICES, namespace: where });
    expect(await list('default')).toMatchObject({ items: [] });
    expect(await refusal(list('kube-system'))).toMatchObject({ code: 403 });
    const creating = custom.createNamespacedCustomObject({ ...DEVICES, namespace, body: device('d') });
    expect(await refusal(creating)).toMatchObject({
      message:
        'devices.devices.kubeedge.io is forbidden: User "jane" cannot create resource "devices" ' +
        'in API group "devices.kubeedge.io" in the namespace "default"',
    });
  });

  test('that would create by replacing needs the right to create', async () => {
    await grant('renewer', jane, [rule(['update', 'get'], ['leases'], 'coordination.k8s.io')], namespace);
    const leases = asHolder('jane-token').makeApiClient(CoordinationV1Api);
    const put = () =>
      leases.replaceNamespacedLease({ name: 'l', namespace, body: { metadata: { name: 'l' } } });
    expect(await refusal(put())).toMatchObject({
      code: 403,
      message: expect.stringContaining('cannot create resource "leases"'),
    });
    await grant('maker', jane, [rule(['create'], ['leases'], 'coordination.k8s.io')], namespace);
    expect((await put()).metadata?.name).toBe('l');
  });

  test('is held to the names and subresources of its rules', async () => {
    await grant('named', { kind: 'Group', name: 'night' }, [
      { ...rule(['get', 'patch', 'list'], ['nodes']), resourceNames: ['n1'] },
      rule(['patch'], ['*/status']),
    ]);
    const { core } = clients();
    for (const name of ['n1', 'n2']) await core.createNode({ body: { metadata: { name } } });
    const otto = asHolder('ops-token').makeApiClient(CoreV1Api);
    expect((await otto.readNode({ name: 'n1' })).metadata?.name).toBe('n1');
    expect(await refusal(otto.readNode({ name: 'n2' }))).toMatchObject({ code: 403 });
    expect(await refusal(otto.listNode())).toMatchObject({ code: 403 });
    expect((await otto.listNode({ fieldSelector: 'metadata.name=n1' })).items).toHaveLength(1);
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await otto.patchNodeStatus({ name: 'n2', body: { status: { phase: 'Running' } } }, merge);
    expect(await refusal(otto.patchNode({ name: 'n2', body: {} }, merge))).toMatchObject({ code: 403 });
  });

  test('loses its rights as soon as the binding goes', async () => {
    await grant('soon-gone', jane, [rule(['list'], ['nodes'])]);
    const core = asHolder('jane-token').makeApiClient(CoreV1Api);
    await core.listNode();
    await admin().makeApiClient(RbacAuthorizationV1Api).deleteClusterRoleBinding({ name: 'soon-gone' });
    expect(await refusal(core.listNode())).toMatchObject({ code: 403 });
  });

  test('of a group that may do everything is not asked', async () => {
    await asHolder('root-token').makeApiClient(CoreV1Api).listSecretForAllNamespaces();
  });
});

describe('a service account', () => {
  beforeEach(() => createAccount('bot'));
  const listNodes = async (token: string) => {
    const { code, text } = await ask(api, '/api/v1/nodes', { headers: { authorization: `Bearer ${token}` } });
    return { code, message: JSON.parse(text).message };
  };

  test('acts with the rights of its bindings, and its groups', async () => {
    const token = await tokenFor('bot');
    expect(await listNodes(token)).toMatchObject({
      code: 403,
      message: expect.stringContaining(
        'User "system:serviceaccount:default:bot" cannot list resource "nodes"',
      ),
    });
    await grant('bots', { kind: 'ServiceAccount', name: 'bot', namespace }, [rule(['list'], ['nodes'])]);
    expect(await listNodes(token)).toMatchObject({ code: 200 });
    expect(await review(token)).toMatchObject({
      authenticated: true,
      audiences: ['https://kubernetes.default.svc'],
      user: {
        username: 'system:serviceaccount:default:bot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      },
    });
  });

  test('has tokens that end: with their time, their account, the object they are bound to', async () => {
    const short = await tokenFor('bot', { expirationSeconds: 600 });
    await clock.advance(599_000);
    expect((await review(short))?.authenticated).toBe(true);
    await clock.advance(2000);
    expect((await review(short))?.authenticated).toBeFalsy();
    expect(await listNodes(short)).toEqual({ code: 401, message: 'Unauthorized' });

    const { core } = clients();
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'lock' } } });
    const bound = await tokenFor('bot', {
      boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'lock' },
    });
    expect((await review(bound))?.authenticated).toBe(true);
    await core.deleteNamespacedSecret({ namespace, name: 'lock' });
    expect((await review(bound))?.authenticated).toBeFalsy();

    const last = await tokenFor('bot');
    await core.deleteNamespacedServiceAccount({ namespace, name: 'bot' });
    await createAccount('bot');
    expect((await review(last))?.authenticated).toBeFalsy();
  });

  test('has tokens for others, which are not for this server', async () => {
    const token = await tokenFor('bot', { audiences: ['gateway', 'other'] });
    expect(await listNodes(token)).toMatchObject({ code: 401 });
    expect((await review(token))?.authenticated).toBeFalsy();
    expect(await review(token, ['gateway'])).toMatchObject({ authenticated: true, audiences: ['gateway'] });
  });

  test('has tokens that survive a restart and that nobody else can make', async () => {
    const token = await tokenFor('bot');
    await api.close();
    api = await startEmbedded(directory, { clock });
    expect((await review(token))?.authenticated).toBe(true);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forge = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
    const forgeries = [
      `${header}.${forge({ ...claims, sub: 'system:serviceaccount:default:boss' })}.${signature}`,
      `${forge({ alg: 'none' })}.${payload}.`,
      `${header}.${payload}`,
      `${token}.more`,
      '..',
    ];
    for (const forged of forgeries) expect(await listNodes(forged)).toMatchObject({ code: 401 });
  });
});

describe('a review', () => {
  test('of a token tells who holds it, and nothing of a wrong one', async () => {
    expect(await review('ops-token')).toMatchObject({
      authenticated: true,
      user: { username: 'otto', uid: 'u2', groups: ['operators', 'night', 'shift', 'system:authenticated'] },
    });
    expect(await review('nonsense')).toMatchObject({ user: {}, error: 'invalid bearer token' });
  });

  test('of access answers for anybody, and tells by what', async () => {
    await grant('reader', jane, [rule(['get'], ['devices', 'devices/status'], DEVICES.group)], namespace);
    const asks = admin().makeApiClient(AuthorizationV1Api);
    const may = async (user: string, resourceAttributes: V1ResourceAttributes) =>
      (await asks.createSubjectAccessReview({ body: { spec: { user, resourceAttributes } } })).status;
    const asked = { verb: 'get', group: DEVICES.group, resource: 'devices', name: 'd', namespace };
    expect(await may('jane', asked)).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "jane"',
    });
    expect(await may('jane', { ...asked, subresource: 'status' })).toMatchObject({ allowed: true });
    expect(await may('jane', { ...asked, subresource: 'desired' })).toEqual({ allowed: false });
    expect(await may('jane', { ...asked, namespace: 'kube-system' })).toEqual({ allowed: false });
    expect(await may('otto', asked)).toEqual({ allowed: false });
    expect(await refusal(asks.createSubjectAccessReview({ body: { spec: { user: 'jane' } } }))).toMatchObject(
      {
        code: 422,
      },
    );
  });

  test('of one’s own access is for everybody, of that of others is not', async () => {
    const asks = asHolder('jane-token').makeApiClient(AuthorizationV1Api);
    const resourceAttributes = { verb: 'list', resource: 'nodes' };
    const own = await asks.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    expect(own.status).toEqual({ allowed: false });
    const other = asks.createSubjectAccessReview({ body: { spec: { user: 'otto', resourceAttributes } } });
    expect(await refusal(other)).toMatchObject({ code: 403 });
  });
});

describe('nobody gives what he does not have', () => {
  const janesRbac = () => asHolder('jane-token').makeApiClient(RbacAuthorizationV1Api);
  beforeEach(() =>
    grant('role-writer', jane, [
      rule(['create', 'update', 'patch'], ['roles', 'rolebindings'], RBAC),
      rule(['get', 'list'], ['pods']),
    ]),
  );

  test('in a role', async () => {
    const create = (name: string, rules: V1PolicyRule[]) =>
      janesRbac().createNamespacedRole({ namespace, body: { metadata: { name }, rules } });
    await create('fewer', [rule(['get'], ['pods'])]);
    expect(await refusal(create('more', [rule(['get', 'delete'], ['pods'])]))).toMatchObject({
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["system:authenticated"]) ' +
        'is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    });
    const raise = janesRbac().patchNamespacedRole(
      { namespace, name: 'fewer', body: [{ op: 'replace', path: '/rules/0/verbs/0', value: '*' }] },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    );
    expect(await refusal(raise)).toMatchObject({ code: 403 });
  });

  test('in a binding', async () => {
    const bind = (role: string) =>
      janesRbac().createNamespacedRoleBinding({
        namespace,
        body: {
          metadata: { name: `to-${role}` },
          roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
          subjects: [{ ...jane, apiGroup: RBAC }],
        },
      });
    expect(await refusal(bind('cluster-admin'))).toMatchObject({ code: 403 });
    expect(await refusal(bind('no-such-role'))).toMatchObject({ code: 404 });
    await grant('binder', jane, [{ ...rule(['bind'], ['clusterroles'], RBAC), resourceNames: ['view'] }]);
    await bind('view');
  });

  test('and who may escalate may', async () => {
    await grant('escalator', jane, [rule(['escalate'], ['roles'], RBAC)]);
    const body = { metadata: { name: 'all' }, rules: [rule(['*'], ['*'])] };
    await janesRbac().createNamespacedRole({ namespace, body });
  });
});

test('what is no role and no binding is refused by its fields', async () => {
  const rbac = admin().makeApiClient(RbacAuthorizationV1Api);
  const role = (rules: V1PolicyRule[]) =>
    rbac.createNamespacedRole({ namespace, body: { metadata: { name: 'r' }, rules } });
  expect((await refusal(role([{ verbs: [] }]))).message).toContain('rules[0].verbs: Required value');
  expect((await refusal(role([{ verbs: ['get'], nonResourceURLs: ['/x'] }]))).message).toContain(
    'namespaced rules cannot apply to non-resource URLs',
  );
  const binding = (name: string, kind: string) => ({
    metadata: { name: 'b' },
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ ...jane, apiGroup: RBAC }],
  });
  expect((await refusal(rbac.createClusterRoleBinding({ body: binding('x', 'Role') }))).message).toContain(
    'roleRef.kind: Unsupported value: "Role"',
  );
  await rbac.createClusterRoleBinding({ body: binding('view', 'ClusterRole') });
  const other = rbac.replaceClusterRoleBinding({ name: 'b', body: binding('edit', 'ClusterRole') });
  expect((await refusal(other)).message).toContain('cannot change roleRef');
});

test('an impersonator must be allowed to be who he says, and has no more rights then', async () => {
  const headers = (token: string, more: Record<string, string | string[]>) => ({
    headers: { authorization: `Bearer ${token}`, ...more },
  });
  const nodes = async (token: string, more: Record<string, string | string[]>) =>
    (await ask(api, '/api/v1/nodes', headers(token, more))).code;
  expect(await nodes(api.token, { 'impersonate-user': 'jane' })).toBe(403);
  expect(
    await nodes(api.token, { 'impersonate-user': 'jane', 'impersonate-group': ['a', 'system:masters'] }),
  ).toBe(200);
  expect(await nodes(api.token, { 'impersonate-group': 'system:masters' })).toBe(400);
  const { text } = await ask(api, '/api/v1/nodes', headers('jane-token', { 'impersonate-user': 'rita' }));
  expect(JSON.parse(text).message).toBe(
    'users "rita" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  await grant('actor', jane, [rule(['impersonate'], ['users'])]);
  expect(await nodes('jane-token', { 'impersonate-user': 'rita' })).toBe(403);
  expect(
    await nodes('jane-token', { 'impersonate-user': 'rita', 'impersonate-group': 'system:masters' }),
  ).toBe(403);
});

test('a token file with a bad line is named, the token is not', async () => {
  const tokenFile = join(directory, 'bad.csv');
  writeFileSync(tokenFile, 'good,jane,u1\nsecret-of-otto,otto\n');
  const starting = startEmbedded(mkdtempSync(join(directory, 'other-')), { tokenFile });
  const error = await starting.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'TOKEN_FILE_INVALID' });
  expect(error.message).toContain('bad.csv, line 2: expected token,user,uid');
  expect(error.message).not.toContain('secret-of-otto');
});

test('pods are bound and evicted through their subresources', async () => {
  const { core } = clients();
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await core.createNamespacedPod({ namespace, body: { metadata: { name: 'p' }, spec } });
  const post = (what: string, body: object) =>
    ask(
      api,
      `/api/v1/namespaces/default/pods/p/${what}`,
      { method: 'POST', ...withToken(api, { 'content-type': 'application/json' }) },
      JSON.stringify(body),
    );
  const bind = (name: string) => post('binding', { target: { kind: 'Node', name } });
  expect((await bind('edge-a')).code).toBe(201);
  expect((await core.readNamespacedPod({ namespace, name: 'p' })).spec?.nodeName).toBe('edge-a');
  expect(JSON.parse((await bind('edge-b')).text)).toMatchObject({
    code: 409,
    message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "edge-a"',
  });
  expect((await post('eviction', { metadata: { name: 'p' } })).code).toBe(201);
  expect(await refusal(core.readNamespacedPod({ namespace, name: 'p' }))).toMatchObject({ code: 404 });
});

describe.skipIf(kubectlMissing)(`kubectl${kubectlMissing ? ` (skipped: ${kubectlMissing})` : ''}`, () => {
  const { ok, run } = createKubectl(() => ({
    kubeconfigPath: join(directory, 'kubeconfig'),
    namespace,
    directory,
    ...clients(),
  }));

  test('grants, asks for itself and for others, and says who it is', async () => {
    await ok(['create', 'serviceaccount', 'bot']);
    await ok(['create', 'role', 'reader', '--verb=get,list', '--resource=devices.devices.kubeedge.io']);
    await ok([
      'create',
      'rolebinding',
      'reader',
      '--role=reader',
      '--serviceaccount=default:bot',
      '--user=jane',
    ]);
    await ok(['create', 'clusterrole', 'pather', '--verb=get', '--non-resource-url=/metrics']);
    await ok(['create', 'clusterrolebinding', 'pather', '--clusterrole=pather', '--group=night']);
    const aggregated = await run([
      'create',
      'clusterrole',
      'sum',
      '--aggregation-rule=rbac.example.com/of=sum',
    ]);
    expect(aggregated.stderr).toContain('aggregationRule: Forbidden: roles are not aggregated here');
    expect(await ok(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n');
    expect(await ok(['auth', 'can-i', 'list', 'devices', '--as=jane'])).toBe('yes\n');
    const bot = '--as=system:serviceaccount:default:bot';
    expect(await ok(['auth', 'can-i', 'list', 'devices', bot])).toBe('yes\n');
    expect(await run(['auth', 'can-i', 'delete', 'devices', bot])).toMatchObject({ code: 1, stdout: 'no\n' });
    expect(await run(['auth', 'can-i', 'list', 'devices', '-n', 'kube-system', bot])).toMatchObject({
      code: 1,
    });
    expect(await ok(['auth', 'can-i', 'get', '/metrics', '--as=x', '--as-group=night'])).toBe('yes\n');
    expect(await ok(['auth', 'can-i', '--list', '--as=jane'])).toMatch(
      /devices\.devices\.kubeedge\.io.*\[get list\]/,
    );
    expect(await ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
      'octograph-admin',
    );
    const listing = await run(['get', 'pods', '--as=jane']);
    expect(listing.stderr).toBe(
      'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"\n',
    );
  });

  test('makes a token that works', async () => {
    await ok(['create', 'serviceaccount', 'bot']);
    const token = (await ok(['create', 'token', 'bot', '--duration=20m'])).trim();
    expect((await review(token))?.user?.username).toBe('system:serviceaccount:default:bot');
    expect((await run(['create', 'token', 'nobody'])).stderr).toContain('serviceaccounts "nobody" not found');
    expect((await run(['create', 'token', 'bot', '--duration=10s'])).stderr).toContain(
      'may not specify a duration less than 10 minutes',
    );
  });

  test('drains a node', async () => {
    await clients().core.createNode({ body: { metadata: { name: 'n1' } } });
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
    await clients().core.createNamespacedPod({ namespace, body: { metadata: { name: 'p' }, spec } });
    expect(await ok(['drain', 'n1', '--force', '--timeout=20s'])).toContain('drained');
    expect(await ok(['get', 'pods', '-o', 'name'])).toBe('');
  });
});

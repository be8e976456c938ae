import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { PatchStrategy, setHeaderOptions, Watch } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeApi, KubeApiOptions } from '../../kube-api/index.ts';
import { waitFor } from '../harness/wait.ts';
import { ask, withToken } from './ask.ts';
import { clientsOf, DEVICES, type Device, device, refusal, startEmbedded } from './cluster.ts';

let directory: string;
const closers: Array<() => unknown> = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

async function startHere(options: Partial<KubeApiOptions> = {}): Promise<KubeApi> {
  const api = await startEmbedded(directory, options);
  closers.push(() => api.close());
  return api;
}

const clients = () => clientsOf(join(directory, 'kubeconfig'));
const inDefault = { ...DEVICES, namespace: 'default' };
const create = (name: string) =>
  clients().custom.createNamespacedCustomObject({ ...inDefault, body: device(name) });
const DEVICES_PATH = '/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices';

const certificateOf = (api: KubeApi): Promise<PeerCertificate> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: api.port, host: '127.0.0.1', ca: api.caPem }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on('error', reject);
  });

test('asks for the token everywhere but where it tells that it lives', async () => {
  const api = await startHere();
  for (const path of ['/livez', '/readyz', '/version']) expect((await ask(api, path)).code).toBe(200);
  for (const path of ['/api', '/apis', '/api/v1/nodes', '/openapi/v3', '/nothing']) {
    const { code, text } = await ask(api, path);
    expect([code, JSON.parse(text)]).toMatchObject([401, { kind: 'Status', reason: 'Unauthorized' }]);
    const { code: guessed } = await ask(api, path, { headers: { authorization: 'Bearer guess' } });
    expect(guessed).toBe(401);
  }
  expect((await ask(api, '/api/v1/nodes', withToken(api))).code).toBe(200);
});

test('takes only its own names as Host, and nothing with an Origin', async () => {
  const api = await startHere({ hosts: ['Kube.Site.Example', '192.0.2.7'] });
  const statusFor = async (headers: Record<string, string>) =>
    (await ask(api, '/api/v1/nodes', withToken(api, headers))).code;
  for (const host of ['localhost', 'kube.site.example:6443', '192.0.2.7', '[::1]:6443', '127.0.0.1']) {
    expect([host, await statusFor({ host })]).toEqual([host, 200]);
  }
  for (const host of ['rebound.example', '192.0.2.8', 'localhost.evil.example', '127.evil.example', 'a b']) {
    expect([host, await statusFor({ host })]).toEqual([host, 403]);
  }
  for (const origin of ['null', 'https://evil.example', api.url]) {
    const { code, text } = await ask(api, '/livez', { headers: { origin } });
    expect([code, JSON.parse(text)]).toMatchObject([403, { kind: 'Status', reason: 'Forbidden' }]);
  }
  const { subjectaltname } = await certificateOf(api);
  expect(subjectaltname).toContain('Kube.Site.Example');
});

test('keeps its secrets to its owner', async () => {
  await startHere();
  for (const file of [
    'kubeconfig',
    'state/ca.key',
    'state/token',
    'state/kube.sqlite',
    'state/kube.sqlite-wal',
  ]) {
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  }
});

test('refuses what is too large, malformed, of an unknown form or not there, each with its Status', async () => {
  const api = await startHere();
  const json = { 'content-type': 'application/json' };
  const post = async (body: string | Buffer, headers: Record<string, string> = json) => {
    const answer = await ask(api, DEVICES_PATH, { method: 'POST', ...withToken(api, headers) }, body);
    return { code: answer.code, status: JSON.parse(answer.text) };
  };
  expect(await post('{"apiVersion":')).toMatchObject({ code: 400, status: { reason: 'BadRequest' } });
  expect(await post(Buffer.alloc(3 * 1024 * 1024 + 1, 32))).toMatchObject({
    code: 413,
    status: { message: 'Request entity too large: limit is 3145728' },
  });
  expect(await post('<xml/>', { 'content-type': 'text/xml' })).toMatchObject({ code: 415 });
  expect((await ask(api, '/api/v1/pods', withToken(api, { accept: 'text/html' }))).code).toBe(406);
  expect((await ask(api, '/api/v1/gadgets', withToken(api))).code).toBe(404);
  expect((await ask(api, '/api/v1/nodes/x', { method: 'POST', ...withToken(api) })).code).toBe(405);
  expect((await ask(api, '/api/v1/pods?limit=-1', withToken(api))).code).toBe(400);
  expect((await ask(api, '/api/v1/pods/%zz', withToken(api))).code).toBe(400);
});

test('takes YAML, and warns of unknown fields', async () => {
  const api = await startHere();
  const yaml = [
    'apiVersion: devices.kubeedge.io/v1beta1',
    'kind: Device',
    'metadata: { name: written }',
    'spec: { nodeNam: edge-a }',
  ].join('\n');
  const options = { method: 'POST', ...withToken(api, { 'content-type': 'application/yaml' }) };
  const { code, headers } = await ask(api, DEVICES_PATH, options, yaml);
  expect(code).toBe(201);
  expect(headers.warning).toBe('299 - "unknown field \\"spec.nodeNam\\""');
});

test('a watch from before the kept window is told to list again, with 410 Expired', async () => {
  await startHere({ watchWindowEvents: 16 });
  const first = (await create('old')) as Device;
  const { custom, config } = clients();
  for (let value = 0; value < 60; value++) {
    await custom.patchNamespacedCustomObject(
      { ...inDefault, name: 'old', body: { spec: { nodeName: `edge-${value}` } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  }
  const errors: Array<{ code: number; reason: string }> = [];
  const resourceVersion = first.metadata?.resourceVersion;
  await new Promise<void>((resolve) => {
    new Watch(config).watch(
      DEVICES_PATH,
      { resourceVersion },
      (type, status) => type === 'ERROR' && errors.push(status),
      () => resolve(),
    );
  });
  expect(errors).toMatchObject([{ code: 410, reason: 'Expired' }]);
  const stale = Buffer.from(JSON.stringify({ resourceVersion: 2, after: '' })).toString('base64url');
  const paging = custom.listNamespacedCustomObject({ ...inDefault, limit: 1, _continue: stale });
  expect(await refusal(paging)).toMatchObject({ code: 410, reason: 'Expired' });
});

test('a watch from a version that the server does not know is told to list again', async () => {
  const api = await startHere();
  const { text } = await ask(api, `${DEVICES_PATH}?watch=1&resourceVersion=999999`, withToken(api));
  expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
});

test('a watch ends when its time is over', async () => {
  const api = await startHere();
  const { code, text } = await ask(api, '/api/v1/nodes?watch=true&timeoutSeconds=1', withToken(api));
  expect([code, text]).toEqual([200, '']);
});

test('a watch can begin with the state and a bookmark at its end', async () => {
  const api = await startHere();
  await create('listed');
  const query =
    'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
  const { text } = await ask(api, `${DEVICES_PATH}?${query}`, withToken(api));
  const [added, bookmark] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'listed' } } });
  expect(bookmark).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

test('closing ends open watches at once, and is done twice without harm', async () => {
  const api = await startHere();
  const done = ask(api, '/api/v1/nodes?watch=true', withToken(api));
  await waitFor('the watch to stand', async () => (await ask(api, '/livez')).code === 200);
  await api.close();
  await api.close();
  await done.catch(() => {});
});

test('a dependent whose owner is already gone does not stay', async () => {
  await startHere();
  const { custom } = clients();
  const body = device('orphan');
  const owner = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', name: 'x', uid: 'gone' };
  body.metadata = { name: 'orphan', ownerReferences: [owner] };
  await custom.createNamespacedCustomObject({ ...inDefault, body });
  await waitFor('it to go', async () => {
    const { code } = await refusal(custom.getNamespacedCustomObject({ ...inDefault, name: 'orphan' }));
    return code === 404;
  });
});

test('the namespaces that everything relies on cannot be deleted', async () => {
  await startHere();
  expect(await refusal(clients().core.deleteNamespace({ name: 'kube-system' }))).toMatchObject({
    code: 403,
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  });
});

test('namespaces are not deleted all at once', async () => {
  const api = await startHere();
  const answer = await ask(api, '/api/v1/namespaces', { method: 'DELETE', ...withToken(api) });
  expect(answer.code).toBe(405);
  const { resources } = JSON.parse((await ask(api, '/api/v1', withToken(api))).text);
  const { verbs } = resources.find(({ name }: { name: string }) => name === 'namespaces');
  expect(verbs).not.toContain('deletecollection');
});

test('config maps and secrets have keys that may be names of files, and stay as they are once they are immutable', async () => {
  await startHere();
  const { core } = clients();
  const namespace = 'default';
  const bad = { metadata: { name: 'bad' }, data: { 'a b': 'x', '..': 'x', good: 'x' } };
  const refused = await refusal(core.createNamespacedConfigMap({ namespace, body: bad }));
  expect(refused).toMatchObject({ code: 422, reason: 'Invalid' });
  expect(refused.message).toContain(`data[a b]: Invalid value: "a b": a valid config key must consist of`);
  expect(refused.message).toContain('data[..]: Invalid value');
  expect(refused.message).not.toContain('good');
  const secret = { metadata: { name: 's' }, stringData: { '/etc': 'x' } };
  expect((await refusal(core.createNamespacedSecret({ namespace, body: secret }))).message).toContain(
    'data[/etc]',
  );

  const body = { metadata: { name: 'fixed' }, data: { a: '1' }, immutable: true };
  await core.createNamespacedConfigMap({ namespace, body });
  const replace = (next: object) =>
    core.replaceNamespacedConfigMap({ namespace, name: 'fixed', body: { ...body, ...next } });
  await replace({ metadata: { name: 'fixed', labels: { a: 'b' } } });
  expect((await refusal(replace({ data: { a: '2' } }))).message).toContain(
    'data: Forbidden: field is immutable when `immutable` is set',
  );
  expect((await refusal(replace({ immutable: false }))).message).toContain('immutable: Forbidden');
  await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'typed' }, type: 'a' } });
  const retyped = { metadata: { name: 'typed' }, type: 'b' };
  expect(
    (await refusal(core.replaceNamespacedSecret({ namespace, name: 'typed', body: retyped }))).message,
  ).toContain('type: Invalid value: "b": field is immutable');
});

test('a port that is taken is named', async () => {
  const { port } = await startHere();
  const other = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  closers.push(() => rmSync(other, { recursive: true, force: true }));
  const { child, stderr } = startProcess(other, port);
  await once(child, 'exit');
  expect(stderr()).toContain(`port ${port} on 127.0.0.1, for the embedded Kubernetes API, is taken`);
});

test('a state that another process uses is named', async () => {
  await startHere();
  const { child, stderr } = startProcess(directory, 0);
  await once(child, 'exit');
  expect(stderr()).toMatch(/state\/kube\.sqlite is in use by another process/);
});

test('kill -9 loses nothing that was answered, and watches go on where they were', async () => {
  const { child, ready } = startProcess(directory, 0);
  const port = await ready;
  const before = readFileSync(join(directory, 'kubeconfig'), 'utf8');
  const answered = new Map<string, string>();
  const killed = once(child, 'exit');
  const write = async () => {
    for (let index = 0; index < 1000; index++) {
      const created = (await create(`d-${index}`)) as Device;
      answered.set(`d-${index}`, created.metadata?.resourceVersion ?? '');
      if (index === 40) child.kill('SIGKILL');
    }
  };
  await expect(write()).rejects.toThrow();
  await killed;

  const second = startProcess(directory, port);
  await second.ready;
  expect(readFileSync(join(directory, 'kubeconfig'), 'utf8')).toBe(before);
  const { custom, config } = clients();
  const { items, metadata } = (await custom.listNamespacedCustomObject(inDefault)) as {
    items: Device[];
    metadata: { resourceVersion: string };
  };
  const found = new Map(items.map((item) => [item.metadata?.name, item.metadata?.resourceVersion]));
  for (const [name, version] of answered) expect([name, found.get(name)]).toEqual([name, version]);
  expect(answered.size).toBeGreaterThanOrEqual(41);
  const next = (await create('after')) as Device;
  expect(Number(next.metadata?.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));

  const seen: string[] = [];
  const watching = new Watch(config).watch(
    DEVICES_PATH,
    { resourceVersion: answered.get('d-39') },
    (_, object) => seen.push(object.metadata.name),
    () => {},
  );
  await waitFor('the changes since', () => seen.includes('after'));
  expect(seen[0]).toBe('d-40');
  (await watching).abort();
});

function startProcess(stateOf: string, port: number) {
  const script = new URL('./kube-process.ts', import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [script, stateOf, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closers.push(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(Number(String(chunk))));
    child.once('exit', () => reject(new Error(`the server ended: ${errors}`)));
  });
  ready.catch(() => {});
  return { child, ready, stderr: () => errors };
}

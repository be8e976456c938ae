import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secrets } from '../../cloud/enrolment/secrets.ts';
import { createSubjectAccessReviewer, createTokenReviewer } from '../../cloud/kubernetes-access.ts';
import { createObjectWriter } from '../../cloud/object-writer.ts';
import { startCluster } from '../../kubernetes/cluster.ts';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { startDeviceAuditor } from '../../kubernetes/device-auditor.ts';
import { startDeviceStatusWriter } from '../../kubernetes/device-status-writer.ts';
import { startNodeController } from '../../kubernetes/node-controller.ts';
import { startPodController } from '../../kubernetes/pod-controller.ts';
import {
  CONFIG_MAPS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  EVENTS,
  LEASES,
  NODES,
  PODS,
} from '../../kubernetes/resources.ts';
import { startWebhook, WEBHOOK_PATH } from '../../kubernetes/webhook.ts';
import { startWriteLease } from '../../kubernetes/write-lease.ts';
import { createCertificateAuthority, issueCertificate } from '../../lib/certificates.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceModelObject } from '../../twin/device-object.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { machine } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import type { FakeRequest } from '../kubernetes/fake-api.ts';
import { device, startFakeCluster, writeKubeconfig } from '../kubernetes/fake-cluster.ts';
import { type Manifest, merge, REQUIRED, renderChart } from './chart.ts';

const ACCESS = merge(REQUIRED, { api: { kubernetesAccess: true } });

const NAMESPACE = 'octograph-system';

/** `verb group/resource/subresource`, with `@namespace` where the right is for one namespace only. */
type Right = string;

const METHODS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** The right that a request needs. */
function rightOf({ method, path, query }: FakeRequest): Right {
  const match =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/(status))?$/.exec(
      path,
    )!;
  const [, group = '', namespace, resource, name, subresource] = match;
  const read = name ? 'get' : query.has('watch') ? 'watch' : 'list';
  const where = resource === 'leases' || resource === 'secrets' ? `@${namespace}` : '';
  return `${METHODS[method] ?? read} ${group}/${[resource, subresource].filter(Boolean).join('/')}${where}`;
}

/** The rights that the chart's roles give. */
function rightsOf(manifests: Manifest[]): Right[] {
  interface Rule {
    apiGroups: string[];
    resources: string[];
    verbs: string[];
  }
  const roles = manifests.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  return roles.flatMap(({ metadata, rules }) =>
    (rules as Rule[]).flatMap(({ apiGroups: [group], resources, verbs }) =>
      resources.flatMap((resource) => {
        const where = metadata.namespace ? `@${metadata.namespace}` : '';
        return verbs.map((verb) => `${verb} ${group}/${resource}${where}`);
      }),
    ),
  );
}

/** Everything in kubernetes/ at work, until each part has done all that it does. */
async function exerciseEverything(): Promise<FakeRequest[]> {
  const { api } = await startFakeCluster();
  const clock = new ManualClock();
  const shared = { clock, random: () => 0.5, logger: silentLogger };
  api.put(DEVICE_OBJECTS, device('lamp', { properties: [{ name: 'a' }] }));
  api.put(DEVICE_OBJECTS, device('fan'));
  api.put(CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { key: 'text' },
  });
  api.documents.set('/apis/devices.kubeedge.io', { versions: [{ version: 'v1beta1' }] });
  const source = { kubeconfig: writeKubeconfig(api.kubeconfig()) };
  const cluster = startCluster({ ...shared, source, clock: systemClock });
  onTestFinished(() => cluster.close());
  await waitFor('the caches', () => cluster.ready().every(({ ok }) => ok) && api.watchers === 8);

  const fence = startWriteLease({ client: cluster.client, namespace: NAMESPACE, identity: 'a', ...shared });
  onTestFinished(() => fence.close());
  await waitFor('the term', () => fence.term);
  const nodes = startNodeController({ ...cluster, fence, ...shared });
  onTestFinished(() => nodes.close());
  const pods = startPodController({ ...cluster, fence, ...shared });
  onTestFinished(() => pods.close());
  const auditor = startDeviceAuditor({ ...cluster, fence, ...shared });
  onTestFinished(() => auditor.close());
  let state = 'online';
  const statuses = startDeviceStatusWriter({
    ...cluster,
    fence,
    ...shared,
    statusOf: () => ({ twins: [], state }),
    manages: () => true,
  });
  onTestFinished(() => statuses.close());

  const until = (what: string, fact: () => unknown) =>
    waitFor(what, async () => {
      if (fact()) return true;
      await clock.advance(500);
      return false;
    });
  nodes.nodeConnected('edge-a', { version: '1' });
  await until('the Node', () => api.read(NODES, 'edge-a'));
  nodes.nodeConnected('edge-a', { version: '1', machine: machine({ cpus: 2 }) });
  await until('its status', () => api.read(NODES, 'edge-a')?.status?.capacity?.cpu === '2');
  await until('its Lease', () => api.read(LEASES, 'edge-a', 'kube-node-lease'));
  const volumes = [{ name: 'settings', configMap: { name: 'settings' } }];
  const spec = { nodeName: 'edge-a', containers: [], volumes };
  const pod = api.put(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec,
  });
  // No pod named it before: its content was not kept, and is read.
  await until('its config map', () => cluster.configMaps.get('default', 'settings')?.data);
  await until('its reason', () => api.read(PODS, 'p')?.status?.reason);
  api.put(PODS, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  await until('its end', () => !api.read(PODS, 'p'));
  statuses.markDirty('default/lamp');
  await until('the status', () => cluster.deviceStatuses.get('default', 'lamp'));
  state = 'offline';
  statuses.markDirty('default/lamp');
  await until('the next status', () => api.read(DEVICE_STATUSES, 'lamp')?.status?.state === 'offline');
  await until('an Event', () => api.all(EVENTS).length > 0 && cluster.events.size > 0);
  await clock.advance(31 * 60_000);
  await until('its repetition', () => api.all(EVENTS).some(({ count }) => count === 2));
  await until('another term', () => fence.term);

  const { writeDesired } = createDesiredWriter({ ...cluster, ...shared });
  const write = { property: 'a', value: '1', metadata: { 'octograph.dev/change': 'c' } };
  await writeDesired({ namespace: 'default', name: 'lamp', writes: [write] });
  // Found to be done already: that is judged by the server's own word.
  await until('the write', () => cluster.devices.get('default', 'lamp')?.spec.properties?.[0]?.desired);
  await writeDesired({ namespace: 'default', name: 'lamp', writes: [write] });

  await askWebhook(cluster, shared);
  await reviewAccess(cluster, shared);
  await mutate(cluster);
  await enrol(cluster);
  await fence.close();
  return api.requests;
}

/** What mutations do to objects. */
async function mutate({ client }: ReturnType<typeof startCluster>): Promise<void> {
  const writer = createObjectWriter(client);
  const namespace = 'default';
  const model: DeviceModelObject = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name: 'm', namespace },
    spec: {},
  };
  await writer.create(model);
  await writer.create(device('d'));
  await writer.patch({ kind: 'DeviceModel', namespace, name: 'm' }, {});
  await writer.patch({ kind: 'Device', namespace, name: 'd' }, {});
  await writer.patch({ kind: 'Node', namespace: '', name: 'edge-a' }, { spec: { unschedulable: true } });
  await writer.remove({ kind: 'Device', namespace, name: 'd' });
  await writer.remove({ kind: 'DeviceModel', namespace, name: 'm' });
}

/** What certificates, tokens and revocations do to Secrets. */
async function enrol({ client }: ReturnType<typeof startCluster>): Promise<void> {
  const secrets = new Secrets(client);
  await secrets.create('s', 'Opaque', { key: 'text' });
  await secrets.replace((await secrets.read('s'))!);
  await secrets.list();
  await secrets.remove('s');
}

/** What `--kubernetes-access` asks of somebody's token. */
async function reviewAccess(
  { client }: ReturnType<typeof startCluster>,
  shared: { clock: ManualClock; logger: typeof silentLogger },
): Promise<void> {
  const options = { client, audiences: [], ...shared };
  await createTokenReviewer(options).verify('t');
  const principal = { name: 'jane', rights: 'write', subject: { user: 'jane' } } as const;
  await createSubjectAccessReviewer(options).allows(principal, { verb: 'list', resource: 'devices' });
}

async function askWebhook(
  cluster: ReturnType<typeof startCluster>,
  shared: { clock: ManualClock; logger: typeof silentLogger },
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-rbac-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const terms = { now: Date.now(), validForMs: 600_000 };
  const ca = await createCertificateAuthority({ commonName: 'ca', ...terms });
  const subject = { commonName: 'webhook' };
  const leaf = await issueCertificate({ ca, subject, hosts: ['127.0.0.1'], usage: 'server', ...terms });
  writeFileSync(certFile, leaf.certificatePem);
  writeFileSync(keyFile, leaf.keyPem);
  const listen = { host: '127.0.0.1', port: 0 };
  const webhook = await startWebhook({ ...cluster, listen, certFile, keyFile, ...shared });
  onTestFinished(() => webhook.close());
  const request = { uid: 'u', kind: { kind: 'Device' }, operation: 'CREATE', object: device('lamp') };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  await new Promise<void>((resolve, reject) => {
    const { port } = webhook;
    const options = {
      host: '127.0.0.1',
      port,
      path: WEBHOOK_PATH,
      method: 'POST',
      ca: ca.certificatePem,
      agent: false,
    };
    const outgoing = requestHttps(options as never, (response) => response.resume().on('end', resolve));
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(review));
  });
}

describe('the roles of the chart', () => {
  it('give the rights that the gateway uses when everything in it is at work, and no other', async () => {
    const requests = await exerciseEverything();
    // Discovery is open to everyone.
    const used = requests.filter(({ path }) => path !== '/apis/devices.kubeedge.io').map(rightOf);
    expect([...new Set(rightsOf(renderChart(ACCESS)))].sort()).toEqual([...new Set(used)].sort());
  });

  it('let nobody’s token be reviewed where Kubernetes’ tokens are not taken', () => {
    expect(rightsOf(renderChart()).join()).not.toContain('reviews');
  });

  it('part reading from writing: the reader’s changes nothing', () => {
    const reader = renderChart().filter(({ metadata }) => metadata.name === 'octograph-reader');
    const verbs = rightsOf(reader).map((right) => right.split(' ')[0]);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
  });

  it('name no wildcard, and bind nobody but the gateway’s account', () => {
    const manifests = renderChart(ACCESS);
    expect(rightsOf(manifests).join()).not.toContain('*');
    const roles = new Set(
      manifests
        .filter(({ kind }) => /Role$/.test(kind))
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    );
    const bindings = manifests.filter(({ kind }) => kind.endsWith('RoleBinding'));
    expect(bindings).toHaveLength(roles.size);
    for (const binding of bindings) {
      const { roleRef, subjects } = binding as unknown as {
        roleRef: { kind: string; name: string };
        subjects: unknown;
      };
      expect(roles).toContain(`${roleRef.kind}/${roleRef.name}`);
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'octograph', namespace: NAMESPACE }]);
    }
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DEVICE_MODELS } from '../../kubernetes/resources.ts';
import { startWebhook, WEBHOOK_PATH } from '../../kubernetes/webhook.ts';
import {
  createCertificateAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../lib/certificates.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceModelObject } from '../../twin/device-object.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';
import { device, follow, startFakeCluster } from './fake-cluster.ts';

let ca: KeyedCertificate;
const certificate = (commonName: string) =>
  issueCertificate({
    ca,
    subject: { commonName },
    hosts: ['octograph.octograph.svc', '127.0.0.1'],
    usage: 'server',
    now: Date.now(),
    validForMs: 3_600_000,
  });

beforeAll(async () => {
  ca = await createCertificateAuthority({ commonName: 'webhook CA', now: Date.now(), validForMs: 3_600_000 });
});

const model: DeviceModelObject = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'thermostat', namespace: 'default' },
  spec: {
    properties: [{ name: 'setpoint', type: 'FLOAT', accessMode: 'ReadWrite', minimum: '5', maximum: '35' }],
  },
};

async function setUp({ models = [model], synced = true } = {}) {
  const { api, client } = await startFakeCluster();
  for (const each of models) api.put(DEVICE_MODELS, each);
  if (!synced) api.absent.add('/apis/devices.kubeedge.io/v1beta1/devicemodels');
  const { cache: deviceModels } = follow(client, DEVICE_MODELS);
  await waitFor('the models', () => deviceModels.synced === synced && (!synced || api.watchers === 1));
  const folder = mkdtempSync(join(tmpdir(), 'octograph-webhook-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const certFile = join(folder, 'tls.crt');
  const keyFile = join(folder, 'tls.key');
  const install = ({ certificatePem, keyPem }: KeyedCertificate) => {
    writeFileSync(certFile, certificatePem);
    writeFileSync(keyFile, keyPem);
  };
  install(await certificate('first'));
  const clock = new ManualClock();
  const listen = { host: '127.0.0.1', port: 0 };
  const options = { listen, certFile, keyFile, client, deviceModels, clock, logger: silentLogger };
  const webhook = await startWebhook(options);
  onTestFinished(() => webhook.close());
  return { api, webhook, options, clock, install, certFile };
}

interface Answer {
  status: number;
  text: string;
  response?: {
    uid: string;
    allowed: boolean;
    status?: { code: number; message: string };
    warnings?: string[];
  };
}

function send(port: number, body: string, { path = WEBHOOK_PATH, method = 'POST' } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = requestHttps(
      { host: '127.0.0.1', port, path, method, ca: ca.certificatePem, agent: false },
      async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        const isJson = response.headers['content-type'] === 'application/json';
        resolve({
          status: response.statusCode!,
          text,
          response: isJson ? JSON.parse(text).response : undefined,
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** A review as kube-apiserver sends it. */
const review = (kind: string, object: unknown, { operation = 'CREATE', oldObject = null as unknown } = {}) =>
  JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: 'devices.kubeedge.io', version: 'v1beta1', kind },
      resource: { group: 'devices.kubeedge.io', version: 'v1beta1', resource: `${kind.toLowerCase()}s` },
      requestKind: { group: 'devices.kubeedge.io', version: 'v1beta1', kind },
      name: 'lamp',
      namespace: 'default',
      operation,
      userInfo: { username: 'admin', groups: ['system:authenticated'] },
      object,
      oldObject,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });

const wanting = (value: string) => device('lamp', { properties: [{ name: 'setpoint', desired: { value } }] });

describe('the admission webhook', () => {
  it('allows a device that fits its model', async () => {
    const { webhook } = await setUp();
    const { status, response } = await send(webhook.port, review('Device', wanting('21.5')));
    expect(status).toBe(200);
    expect(response).toEqual({ uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true });
  });

  it('refuses one that does not, naming the field and what was expected', async () => {
    const { webhook } = await setUp();
    const { response } = await send(webhook.port, review('Device', wanting('40')));
    expect(response).toMatchObject({
      allowed: false,
      status: {
        code: 422,
        message:
          'Device lamp is invalid: spec.properties[0].desired.value: setpoint: 40 is above the maximum 35',
      },
    });
  });

  it('refuses a model whose bounds are the wrong way round', async () => {
    const { webhook } = await setUp();
    const wrong = {
      ...model,
      spec: { properties: [{ name: 'a', type: 'INT', minimum: '2', maximum: '1' }] },
    };
    const { response } = await send(webhook.port, review('DeviceModel', wrong));
    expect(response?.status?.message).toContain('spec.properties[0].minimum: 2 is above the maximum 1');
  });

  it('asks the API server for a model that its cache lacks: it may have been applied just before', async () => {
    const { webhook, api } = await setUp({ models: [] });
    expect((await send(webhook.port, review('Device', wanting('21')))).response).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining('spec.deviceModelRef.name: "thermostat" does not exist') },
    });
    api.fault = ({ query }) => (query.has('watch') ? { kind: 'reset' } : undefined);
    api.cutWatches();
    api.put(DEVICE_MODELS, model);
    expect((await send(webhook.port, review('Device', wanting('21')))).response?.allowed).toBe(true);
  });

  it('warns, and does not refuse, while it cannot know whether the model exists', async () => {
    const { webhook } = await setUp({ synced: false });
    const { response } = await send(webhook.port, review('Device', wanting('40')));
    expect(response).toMatchObject({
      allowed: true,
      warnings: [
        'spec.deviceModelRef.name: "thermostat" was not checked: the models of the cluster are not known yet',
      ],
    });
    const other = await setUp({ models: [] });
    other.api.fault = () => ({ kind: 'answer', status: 503 });
    const { response: unsure } = await send(other.webhook.port, review('Device', wanting('40')));
    expect(unsure).toMatchObject({ allowed: true, warnings: [expect.stringContaining('503')] });
  });

  it('lets a status, a label, a deletion and an old mistake pass: a CloudCore writes its reports into the Device', async () => {
    const { webhook } = await setUp();
    const wrong = wanting('40');
    const pass = async (object: unknown, oldObject: unknown, operation = 'UPDATE') =>
      (await send(webhook.port, review('Device', object, { operation, oldObject }))).response;
    const status = { twins: [{ propertyName: 'setpoint', reported: { value: '20' } }] };
    expect(await pass({ ...wrong, status }, wrong)).toMatchObject({ allowed: true });
    const labelled = { ...wrong, metadata: { ...wrong.metadata, labels: { a: 'b' } } };
    expect(await pass(labelled, wrong)).toMatchObject({ allowed: true });
    const leaving = { ...wanting('50'), metadata: { ...wrong.metadata, deletionTimestamp: 'now' } };
    expect(await pass(leaving, wrong)).toMatchObject({ allowed: true });
    expect(await pass(null, wrong, 'DELETE')).toMatchObject({ allowed: true });
    const moved = { ...wrong, spec: { ...wrong.spec, nodeName: 'edge-b' } };
    expect(await pass(moved, wrong)).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('40 is above the maximum 35')],
    });
    expect(await pass(wanting('41'), wrong)).toMatchObject({ allowed: false });
  });

  it('says what it expects of a request that is none', async () => {
    const { webhook } = await setUp();
    const answers = await Promise.all([
      send(webhook.port, '{'),
      send(webhook.port, '{}'),
      send(webhook.port, 'null'),
      send(webhook.port, review('Device', wanting('1')).replace('/v1"', '/v1beta1"')),
      send(webhook.port, review('Device', wanting('1')), { path: '/other' }),
      send(webhook.port, '', { method: 'GET' }),
      send(webhook.port, 'x'.repeat(9 * 1024 * 1024)).catch(() => ({ status: 413, text: '' })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 404, 405, 413]);
    expect(answers[1]!.text).toContain('expected an AdmissionReview of admission.k8s.io/v1');
  });

  it('answers for an object of another shape, and goes on', async () => {
    const { webhook } = await setUp();
    const shapeless = { metadata: {}, spec: { deviceModelRef: { name: 'thermostat' }, properties: 7 } };
    expect((await send(webhook.port, review('Device', shapeless))).status).toBe(500);
    expect((await send(webhook.port, review('Device', {}))).response?.allowed).toBe(false);
    expect((await send(webhook.port, review('Device', wanting('20')))).response?.allowed).toBe(true);
  });

  it('takes a rotated certificate over without a restart, and keeps the old one while only half is there', async () => {
    const { webhook, clock, install, certFile } = await setUp();
    const nameOf = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: webhook.port, ca: ca.certificatePem }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.end();
        });
        socket.on('error', reject);
      });
    expect(await nameOf()).toBe('first');
    const second = await certificate('second');
    writeFileSync(certFile, second.certificatePem);
    await clock.advance(60_000);
    expect(await nameOf()).toBe('first');
    install(second);
    await clock.advance(60_000);
    expect(await nameOf()).toBe('second');
  });

  it('names the file that it cannot read', async () => {
    const { options } = await setUp();
    await expect(startWebhook({ ...options, keyFile: '/nonexistent' })).rejects.toMatchObject({
      code: 'SETTINGS',
      message: expect.stringMatching(/--webhook-key \/nonexistent: ENOENT/),
    });
    writeFileSync(options.keyFile, 'no key');
    await expect(startWebhook(options)).rejects.toMatchObject({ code: 'SETTINGS' });
  });
});

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type Clock, every } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import { messageOf, OctographError } from '../lib/errors.ts';
import { type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import type { DeviceModelObject } from '../twin/device-object.ts';
import type { ModelLookup } from '../twin/validate.ts';
import { type AdmissionRequest, type AdmissionResponse, reviewAdmission } from './admission.ts';
import type { KubeClient } from './client.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { ObjectCache } from './object-cache.ts';
import { DEVICE_MODELS, objectPath } from './resources.ts';

export interface WebhookOptions {
  listen: Listener;
  /** PEM files. They are read again every minute: whoever rotates certificates replaces them in place. */
  certFile: string;
  keyFile: string;
  client: KubeClient;
  deviceModels: ObjectCache<DeviceModelObject>;
  clock: Clock;
  logger: Logger;
}

export interface Webhook extends Closable {
  readonly port: number;
}

/** Two objects of the size that etcd takes, and their envelope. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** The API server itself waits 10 s at most by default. */
const REQUEST_TIMEOUT_MS = 10_000;

/** What a look at the API server may take while a person waits for `kubectl apply`. */
const LOOKUP_MS = 2_000;

const RELOAD_MS = 60_000;

/** The path that a ValidatingWebhookConfiguration names. */
export const WEBHOOK_PATH = '/validate';

/**
 * A validating admission webhook for Device and DeviceModel: HTTPS, AdmissionReview of admission.k8s.io/v1.
 * @throws OctographError `PORT_TAKEN`; `SETTINGS` for a certificate or key that cannot be read or does not fit
 */
export async function startWebhook(options: WebhookOptions): Promise<Webhook> {
  const { certFile, keyFile, clock, logger } = options;
  const open = new Disposables();
  let pems = readPems(certFile, keyFile);
  const server = createSecure(pems);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('request', (request, response) => {
    handle(request, response, options).catch((error) => {
      logger.warn({ error: messageOf(error) }, 'the admission webhook could not answer');
      reply(response, 500, messageOf(error));
    });
  });
  open.add(
    every(clock, RELOAD_MS, () => {
      try {
        const next = readPems(certFile, keyFile);
        if (next.cert === pems.cert && next.key === pems.key) return;
        server.setSecureContext(next);
        pems = next;
        logger.info({ certFile }, 'the admission webhook has a new certificate');
      } catch (error) {
        // One of two files was replaced: the other one follows. Until then the old pair serves.
        logger.warn({ error: messageOf(error) }, 'the admission webhook keeps its certificate');
      }
    }),
  );
  open.add(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  try {
    const port = await listen(server, options.listen, 'the admission webhook');
    return { port, close: () => open.close() };
  } catch (error) {
    await open.close();
    throw error;
  }
}

function readPems(certFile: string, keyFile: string) {
  const read = (setting: string, file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new OctographError('SETTINGS', `--${setting} ${file}: ${messageOf(error)}`);
    }
  };
  return { cert: read('webhook-cert', certFile), key: read('webhook-key', keyFile) };
}

function createSecure(pems: { cert: string; key: string }) {
  try {
    return createServer(pems);
  } catch (error) {
    const message = `--webhook-cert and --webhook-key do not go together: ${messageOf(error)}`;
    throw new OctographError('SETTINGS', message, { cause: error });
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { client, deviceModels, clock }: WebhookOptions,
): Promise<void> {
  if (request.url?.split('?')[0] !== WEBHOOK_PATH) return reply(response, 404, `expected ${WEBHOOK_PATH}`);
  if (request.method !== 'POST') return reply(response, 405, `${request.method}: expected POST`);
  const text = await readBody(request);
  if (text === undefined) return reply(response, 413, `expected at most ${BODY_LIMIT_BYTES} bytes`);
  const review = parseReview(text);
  if (typeof review === 'string') return reply(response, 400, review);
  const answer = await reviewAdmission(review, (namespace, name) =>
    findModel(client, deviceModels, clock, namespace, name),
  );
  reply(response, 200, answer);
}

/**
 * A model that was applied just before its device is in the cluster before it is in our cache: none is called missing unless
 * the API server says so itself.
 */
async function findModel(
  client: KubeClient,
  deviceModels: ObjectCache<DeviceModelObject>,
  clock: Clock,
  namespace: string,
  name: string,
): Promise<ModelLookup> {
  const cached = deviceModels.get(namespace, name);
  if (cached) return { kind: 'found', model: cached };
  if (!deviceModels.synced) return { kind: 'unknown', why: 'the models of the cluster are not known yet' };
  const deadline = new AbortController();
  const cancel = clock.setTimer(LOOKUP_MS, () => deadline.abort());
  try {
    const path = objectPath(DEVICE_MODELS, { namespace, name });
    return { kind: 'found', model: await client.get<DeviceModelObject>(path, deadline.signal) };
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return { kind: 'missing' };
    return { kind: 'unknown', why: messageOf(error) };
  } finally {
    cancel();
  }
}

/** The request, or what is wrong with it. */
function parseReview(text: string): AdmissionRequest | string {
  const expected = 'expected an AdmissionReview of admission.k8s.io/v1 with a request';
  let review: { apiVersion?: unknown; kind?: unknown; request?: Partial<AdmissionRequest> } | null;
  try {
    review = JSON.parse(text);
  } catch (error) {
    return `${messageOf(error)}; ${expected}`;
  }
  const { apiVersion, kind, request } = review ?? {};
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    return `${JSON.stringify({ apiVersion, kind })}; ${expected}`;
  }
  if (typeof request?.uid !== 'string' || typeof request.kind?.kind !== 'string') {
    return `request without uid or kind; ${expected}`;
  }
  return { operation: 'CREATE', ...request } as AdmissionRequest;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, answer: AdmissionResponse | string): void {
  const isText = typeof answer === 'string';
  const body = isText
    ? `${answer}\n`
    : JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer });
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' }).end(body);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, CustomObjectsApi, KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { afterAll, beforeAll } from 'vitest';
import { type KubeApi, type KubeApiOptions, startKubeApi } from '../../kube-api/index.ts';
import { systemClock } from '../../lib/clock.ts';
import { createId } from '../../lib/ids.ts';
import { silentLogger } from '../../lib/logger.ts';
import { waitFor } from '../harness/wait.ts';
import { installCrds } from './crds.ts';

/** The kubeconfig of a cluster to run the contract against; the embedded API otherwise. */
const FOREIGN_KUBECONFIG = process.env.OCTOGRAPH_TEST_KUBECONFIG;

export interface Cluster {
  kubeconfigPath: string;
  config: KubeConfig;
  core: CoreV1Api;
  custom: CustomObjectsApi;
  /** A fresh namespace of this test file. */
  namespace: string;
  /** For what a test wants to keep. */
  directory: string;
  /** Why what controllers do cannot be tested: a bare API server collects no garbage and ends no namespace. Undefined where it can. */
  controllersMissing?: string;
}

export const startEmbedded = (directory: string, options: Partial<KubeApiOptions> = {}): Promise<KubeApi> =>
  startKubeApi({
    stateDir: join(directory, 'state'),
    listen: { host: '127.0.0.1', port: 0 },
    kubeconfigPath: join(directory, 'kubeconfig'),
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });

/** A controller's word that it is there: the account that it gives every namespace, and without which pods may be refused. */
async function missingControllers({ core }: Pick<Cluster, 'core'>, namespace: string) {
  try {
    const read = () => core.readNamespacedServiceAccount({ namespace, name: 'default' });
    await waitFor('the default account', read, { everyMs: 200 });
    return undefined;
  } catch {
    return 'no controller manager runs there';
  }
}

export function clientsOf(kubeconfigPath: string): Pick<Cluster, 'config' | 'core' | 'custom'> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return { config, core: config.makeApiClient(CoreV1Api), custom: config.makeApiClient(CustomObjectsApi) };
}

/**
 * A cluster for all tests of a file: the one of OCTOGRAPH_TEST_KUBECONFIG, else an embedded API of its own. CRDs of the chart that
 * the cluster lacks are installed, and stay; what the tests make goes with them.
 */
export function useCluster(): () => Cluster {
  let cluster: Cluster | undefined;
  let embedded: KubeApi | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  beforeAll(async () => {
    if (!FOREIGN_KUBECONFIG) embedded = await startEmbedded(directory);
    const kubeconfigPath = FOREIGN_KUBECONFIG ?? join(directory, 'kubeconfig');
    const namespace = createId('contract');
    const clients = clientsOf(kubeconfigPath);
    if (FOREIGN_KUBECONFIG) await installCrds(clients.config);
    await clients.core.createNamespace({ body: { metadata: { name: namespace } } });
    const controllersMissing = embedded ? undefined : await missingControllers(clients, namespace);
    cluster = { kubeconfigPath, namespace, directory, controllersMissing, ...clients };
  });
  afterAll(async () => {
    if (cluster) await cluster.core.deleteNamespace({ name: cluster.namespace });
    await embedded?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    if (!cluster) throw new Error('the cluster is not there before the tests run');
    return cluster;
  };
}

export const DEVICES = { group: 'devices.kubeedge.io', version: 'v1beta1', plural: 'devices' } as const;
export const DEVICE_STATUSES = { ...DEVICES, plural: 'devicestatuses' } as const;

export interface Device extends KubernetesObject {
  spec: {
    nodeName?: string;
    properties?: Array<{ name: string; desired?: { value: string }; collectCycle?: number }>;
    [field: string]: unknown;
  };
}

export const device = (name: string, nodeName = 'edge-a', labels: Record<string, string> = {}): Device => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name, labels },
  spec: {
    deviceModelRef: { name: 'thermostat' },
    nodeName,
    protocol: { protocolName: 'modbus', configData: { host: '127.0.0.1', anything: [1, { goes: 'deep' }] } },
    properties: [{ name: 'setpoint', desired: { value: '21.5' }, collectCycle: 200 }],
  },
});

/** The Status that a refused request was answered with. */
export async function refusal(
  request: Promise<unknown>,
): Promise<{ code: number; reason: string; message: string }> {
  try {
    await request;
  } catch (error) {
    const { code, body } = error as { code?: number; body?: unknown };
    if (code === undefined) throw error;
    const status = typeof body === 'string' ? JSON.parse(body) : body;
    return { code, reason: status.reason, message: status.message };
  }
  throw new Error('the request was expected to be refused');
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';
import { createKubeClient, type KubeClient } from '../../kubernetes/client.ts';
import { type Informer, startInformer } from '../../kubernetes/informer.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { ObjectCache, type ObjectCacheOptions } from '../../kubernetes/object-cache.ts';
import type { KubeObject, Resource } from '../../kubernetes/resources.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { FakeApi } from './fake-api.ts';

export interface FakeCluster {
  api: FakeApi;
  config: KubeConfig;
  client: KubeClient;
}

/** A fake API server and a client of it, closed at the end of the test. */
export async function startFakeCluster({
  clock = systemClock,
}: {
  clock?: Clock;
} = {}): Promise<FakeCluster> {
  const api = await new FakeApi().start();
  onTestFinished(() => api.close());
  const config = loadKubeConfig({ kubeconfig: writeKubeconfig(api.kubeconfig()) });
  const client = createKubeClient({ config, clock });
  onTestFinished(() => client.close());
  return { api, config, client };
}

/** A kubeconfig file that goes away with the test. */
export function writeKubeconfig(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-kubeconfig-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Follows one kind until the test ends. */
export function follow<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  {
    logger = silentLogger,
    random = Math.random,
    pageSize,
    clock = systemClock,
    ...indexes
  }: ObjectCacheOptions<T> & {
    logger?: Logger;
    random?: () => number;
    pageSize?: number;
    clock?: Clock;
  } = {},
): { cache: ObjectCache<T>; informer: Informer } {
  const cache = new ObjectCache<T>(indexes);
  const informer = startInformer({ client, resource, cache, clock, random, logger, pageSize });
  onTestFinished(() => informer.close());
  return { cache, informer };
}

export function device(name: string, spec: Partial<DeviceObject['spec']> = {}): DeviceObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'edge-a', deviceModelRef: { name: 'thermostat' }, properties: [], ...spec },
  };
}

/** A logger whose lines a test reads. */
export function recordingLogger(): Logger & { lines: Array<{ level: string; message: string }> } {
  const lines: Array<{ level: string; message: string }> = [];
  const at = (level: string) => (_fields: object, message: string) => void lines.push({ level, message });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), lines };
  return { ...logger, child: () => ({ ...logger, child: () => silentLogger }) };
}

/** Pseudo-random numbers that a seed brings back. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

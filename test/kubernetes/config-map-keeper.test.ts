import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigMapKeeper } from '../../kubernetes/config-map-keeper.ts';
import { startInformer } from '../../kubernetes/informer.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import { configMapsOf } from '../../kubernetes/pod-config-maps.ts';
import { CONFIG_MAPS, PODS } from '../../kubernetes/resources.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { KubeConfigMap, KubePod } from '../../twin/cluster-object.ts';
import { waitFor } from '../harness/wait.ts';
import { follow, startFakeCluster } from './fake-cluster.ts';

function pod(name: string, spec: Partial<KubePod['spec']> = {}): KubePod {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'edge-a', containers: [], ...spec } };
}

const configMap = (name: string, text = 'a'): KubeConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', annotations: { note: 'long' } },
  data: { key: text },
});

const naming = (...names: string[]) => ({
  volumes: names.map((name) => ({ name, configMap: { name } })),
});

async function start(pods: KubePod[] = []) {
  const { api, client } = await startFakeCluster();
  for (const object of pods) api.put(PODS, object);
  for (const name of ['named', 'other']) api.put(CONFIG_MAPS, configMap(name));
  const shared = { clock: systemClock, random: Math.random, logger: silentLogger };
  const { cache: podCache } = follow(client, PODS);
  const cache = new ObjectCache<KubeConfigMap>();
  const keeper = new ConfigMapKeeper({ client, pods: podCache, cache, ...shared });
  onTestFinished(() => keeper.close());
  const keep = (object: KubeConfigMap) => keeper.keep(object);
  const informer = startInformer({ client, resource: CONFIG_MAPS, cache, keep, ...shared });
  onTestFinished(() => informer.close());
  await waitFor('both watches', () => api.watchers === 2 && cache.size === 2);
  const reads = () => api.requests.filter(({ path }) => /\/configmaps\/./.test(path)).length;
  return { api, cache, keeper, reads, named: () => keeper.get('default', 'named') };
}

describe('the config maps of a pod', () => {
  it('are those of its volumes, projected ones too, and of the environment of all its containers', () => {
    const object = pod('web', {
      volumes: [
        { name: 'a', configMap: { name: 'volume' } },
        { name: 'b', projected: { sources: [{ configMap: { name: 'projected' } }, {}] } },
        { name: 'c' },
      ],
      initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name: 'init' } }] }],
      containers: [
        { name: 'app', envFrom: [{ configMapRef: { name: 'env-from' } }, {}], env: [{ name: 'PLAIN' }] },
        { name: 'app2', env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'env' } } }] },
      ],
      ephemeralContainers: [{ name: 'debug', envFrom: [{ configMapRef: { name: 'volume' } }] }],
    });
    const expected = ['env', 'env-from', 'init', 'projected', 'volume'].map((name) => `default/${name}`);
    expect([...configMapsOf(object)].sort()).toEqual(expected);
    expect(configMapsOf(pod('plain')).size).toBe(0);
  });
});

describe('the config map keeper', () => {
  it('keeps the content of what a bound pod names, and of others no more than that they are there', async () => {
    const { cache, keeper, named, reads } = await start([pod('web', naming('named'))]);
    await waitFor('the others to be cut', () => !cache.get('default', 'other')?.data);
    expect(named()).toMatchObject({ data: { key: 'a' } });
    expect(cache.get('default', 'other')?.metadata.annotations).toBeUndefined();
    expect(keeper.get('default', 'other')).toBeUndefined();
    expect(reads()).toBe(0);
  });

  it('is synced when the first lists of pods and of config maps are whole, with the content of those that are named', async () => {
    const { api, client } = await startFakeCluster();
    api.put(PODS, pod('web', naming('named')));
    api.put(CONFIG_MAPS, configMap('named'));
    const shared = { clock: systemClock, random: Math.random, logger: silentLogger };
    const pods = new ObjectCache<KubePod>();
    const cache = new ObjectCache<KubeConfigMap>();
    const keeper = new ConfigMapKeeper({ client, pods, cache, ...shared });
    onTestFinished(() => keeper.close());
    const list = cache.beginList();
    list.page([keeper.keep(api.read(CONFIG_MAPS, 'named', 'default')!)]);
    list.end();
    expect(keeper.synced).toBe(false);
    const podList = pods.beginList();
    podList.page([api.read(PODS, 'web', 'default')!]);
    podList.end();
    expect(keeper.synced).toBe(true);
    expect(keeper.get('default', 'named')?.data).toEqual({ key: 'a' });
  });

  it('reads what a new pod names, once, and follows it', async () => {
    const { api, named, reads } = await start();
    expect(named()).toBeUndefined();
    api.put(PODS, pod('web', naming('named')));
    api.put(PODS, pod('web-2', naming('named')));
    await waitFor('the content', named);
    api.put(CONFIG_MAPS, configMap('named', 'b'));
    await waitFor('the change', () => named()?.data?.key === 'b');
    expect(reads()).toBe(1);
  });

  it('follows one that is created after the pod that names it', async () => {
    const { api, keeper } = await start([pod('web', naming('late'))]);
    api.put(CONFIG_MAPS, configMap('late'));
    await waitFor('the content', () => keeper.get('default', 'late')?.data);
  });

  it('drops the content when the last pod that names it is gone', async () => {
    const { api, named, cache } = await start([pod('web', naming('named')), pod('web-2', naming('named'))]);
    await waitFor('the content', named);
    api.delete(PODS, 'web');
    api.delete(PODS, 'web-2');
    await waitFor('its end', () => !named());
    expect(cache.get('default', 'named')).toBeDefined();
  });

  it('pays no heed to a pod that is not bound', async () => {
    const { api, cache, named } = await start([pod('waiting', { ...naming('named'), nodeName: undefined })]);
    await waitFor('it to be cut', () => !cache.get('default', 'named')?.data);
    expect(named()).toBeUndefined();
    api.put(PODS, pod('waiting', naming('named')));
    await waitFor('the content', named);
  });

  it('tells changes of what it keeps only', async () => {
    const { api, keeper } = await start([pod('web', naming('named'))]);
    const told: string[] = [];
    keeper.onChange(({ kind, object }) => told.push(`${kind} ${object.metadata.name}`));
    await waitFor('the others to be cut', () => keeper.get('default', 'other') === undefined);
    told.length = 0;
    api.put(CONFIG_MAPS, configMap('other', 'b'));
    api.put(CONFIG_MAPS, configMap('named', 'b'));
    await waitFor('the change', () => told.length > 0);
    expect(told).toEqual(['updated named']);
  });
});

import { applyJsonPatch } from '../../kube-api/patch/json-patch.ts';
import type { KubeClient } from '../../kubernetes/client.ts';
import { KubernetesError, unavailable } from '../../kubernetes/kubernetes-error.ts';
import { codeOf, messageOf } from '../../lib/errors.ts';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import { type ObjectRef, refKey, refOf } from '../../twin/node-object.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export type ApiObject = DeviceObject | DeviceModelObject;
export interface ApiEvent {
  type: 'put' | 'deleted';
  object: ApiObject;
}

/** Kubernetes as this world needs it: objects with versions, patches that test, watches. It never crashes and never forgets. */
export class ApiServer {
  /** Requests fail, before or after they took effect. */
  isDown = false;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #objects = new Map<string, ApiObject>();
  readonly #watchers = new Set<(event: ApiEvent) => void>();
  #version = 0;
  #uids = 0;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  list<K extends ApiObject['kind']>(kind: K): Array<Extract<ApiObject, { kind: K }>> {
    return [...this.#objects.values()].filter(
      (object): object is Extract<ApiObject, { kind: K }> => object.kind === kind,
    );
  }

  get(ref: ObjectRef): ApiObject | undefined {
    return this.#objects.get(refKey(ref));
  }

  device(name: string): DeviceObject | undefined {
    return this.get({ kind: 'Device', namespace: 'default', name }) as DeviceObject | undefined;
  }

  onChange(watcher: (event: ApiEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Creates it, or replaces it as a whole. */
  put(given: ApiObject): void {
    const known = this.get(refOf(given));
    const uid = known?.metadata.uid ?? `uid-${++this.#uids}`;
    const resourceVersion = String(++this.#version);
    const object: ApiObject = structuredClone(given);
    // What a patch changes of nothing is no generation; those of the world all change something.
    const generation = (known?.metadata.generation ?? 0) + 1;
    object.metadata = { ...object.metadata, uid, resourceVersion, generation };
    this.#objects.set(refKey(refOf(object)), object);
    for (const watcher of this.#watchers) watcher({ type: 'put', object });
  }

  delete(ref: ObjectRef): void {
    const object = this.get(ref);
    if (!object) return;
    this.#objects.delete(refKey(ref));
    for (const watcher of this.#watchers) watcher({ type: 'deleted', object });
  }

  /** What a process of the cloud needs of it to set desired values. Answers take their time, and get lost. */
  clientOf(process: Process): KubeClient {
    const request = <T>(what: string, run: () => unknown): Promise<T> =>
      new Promise((resolve, reject) => {
        const isLost = this.isDown;
        const takesEffect = !isLost || this.#random.chance(0.5);
        this.#timeline.after(this.#random.int(1, 30), () => {
          if (!takesEffect) return reject(unavailable(what, 'no answer'));
          let answer: () => void;
          try {
            const value = run() as T;
            answer = () => resolve(value);
          } catch (error) {
            answer = () => reject(error);
          }
          this.#timeline.after(this.#random.int(1, 30), () => {
            if (!process.passes()) return;
            if (isLost) reject(unavailable(what, 'the answer got lost'));
            else answer();
          });
        });
      });
    const find = (path: string): DeviceObject => {
      const name = path.split('/').at(-1) as string;
      const device = this.device(name);
      if (!device) throw new KubernetesError(path, 404, { message: 'not found' });
      return device;
    };
    const client: Pick<KubeClient, 'get' | 'patch'> = {
      get: (path) => request(`GET ${path}`, () => find(path)),
      patch: (path, body) =>
        request(`PATCH ${path}`, () => {
          const device = find(path);
          this.put(patched(path, device, body));
          return find(path);
        }),
    };
    return client as KubeClient;
  }
}

function patched(path: string, device: DeviceObject, body: unknown): DeviceObject {
  try {
    return applyJsonPatch(device, body) as DeviceObject;
  } catch (error) {
    throw new KubernetesError(path, 422, { message: `${codeOf(error)}: ${messageOf(error)}` });
  }
}

import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import { type DeviceObject, deviceId } from '../twin/device-object.ts';
import type { KubeClient } from './client.ts';
import { type DesiredWrite, planDesired } from './desired-patch.ts';
import { KubernetesError } from './kubernetes-error.ts';
import type { ObjectCache } from './object-cache.ts';
import { pause } from './pause.ts';
import { DEVICE_OBJECTS, objectPath } from './resources.ts';

export interface WriteDesired {
  namespace: string;
  name: string;
  /** The device that is meant: another uid under this name is another device. */
  uid?: string;
  /** One patch: all of them, or none. */
  writes: DesiredWrite[];
}

/** An expected desired value did not stand there: somebody set another one. */
export class DesiredChangedError extends OctographError {
  readonly property: string;
  /** The value that stands there; null: none. */
  readonly actual: string | null;

  constructor(device: string, property: string, actual: string | null, expected: string | null | undefined) {
    const message = `the desired ${property} of device ${device} is ${show(actual)}; expected ${show(expected)}`;
    super('DESIRED_CHANGED', message);
    this.name = 'DesiredChangedError';
    this.property = property;
    this.actual = actual;
  }
}

export interface DesiredWriterOptions {
  client: KubeClient;
  devices: ObjectCache<DeviceObject>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  /** How often a write is tried against others who change the device at the same time. @default 8 */
  tries?: number;
}

export interface DesiredWriter {
  /**
   * Sets desired values of one device in one patch, and resolves with the device as it then stands in Kubernetes. Calling it
   * again with the same metadata, after an answer that got lost, changes nothing.
   * @throws DesiredChangedError; OctographError `DEVICE_REPLACED` when the device has another uid, `KUBERNETES_NOT_FOUND`,
   * `KUBERNETES_CONFLICT` when others were faster in all tries, and the other codes of KubernetesError.
   */
  writeDesired(write: WriteDesired): Promise<DeviceObject>;
}

const BACKOFF = { baseMs: 50, capMs: 1_000 };

/** Longer than this the caller is not kept waiting for a server that is busy. */
const BUSY_LIMIT_MS = 1_000;

export function createDesiredWriter({
  client,
  devices,
  clock,
  random,
  tries = 8,
}: DesiredWriterOptions): DesiredWriter {
  const never = new AbortController().signal;

  async function writeDesired({ namespace, name, uid, writes }: WriteDesired): Promise<DeviceObject> {
    const path = objectPath(DEVICE_OBJECTS, { namespace, name });
    const id = deviceId(namespace, name);
    const read = () => client.get<DeviceObject>(path);
    const cached = devices.get(namespace, name);
    let device = cached ?? (await read());
    for (let attempt = 0; attempt < tries; attempt++) {
      let verdict = judge(device, id, uid, writes);
      if (verdict.kind !== 'patch' && device === cached) {
        // The cache may lag: only the server's own state refuses a write, or lets it be.
        device = await read();
        verdict = judge(device, id, uid, writes);
      }
      if (verdict.kind === 'refused') throw verdict.error;
      if (verdict.kind === 'done') return device;
      try {
        return await client.patch<DeviceObject>(path, verdict.operations, 'application/json-patch+json');
      } catch (error) {
        const waitMs = retryDelay(error);
        if (waitMs === undefined) throw error;
        await pause(clock, waitMs + backoffDelay(attempt, { ...BACKOFF, random }), never);
      }
      device = await read();
    }
    throw new OctographError(
      'KUBERNETES_CONFLICT',
      `device ${id} was changed by others in each of ${tries} tries to set its desired ${namesOf(writes)}`,
    );
  }

  return { writeDesired };
}

type Verdict =
  | Exclude<ReturnType<typeof planDesired>, { kind: 'changed' }>
  | { kind: 'refused'; error: OctographError };

function judge(device: DeviceObject, id: string, uid: string | undefined, writes: DesiredWrite[]): Verdict {
  if (uid !== undefined && device.metadata.uid !== uid) {
    const message = `device ${id} has uid ${device.metadata.uid}; expected ${uid}: it was deleted and created again`;
    return { kind: 'refused', error: new OctographError('DEVICE_REPLACED', message) };
  }
  const plan = planDesired(device, writes);
  if (plan.kind !== 'changed') return plan;
  const { property, actual } = plan;
  const expected = writes.find((write) => write.property === property)?.expected;
  return { kind: 'refused', error: new DesiredChangedError(id, property, actual, expected) };
}

/** How long to wait before another try, in milliseconds; undefined when another try is of no use. */
function retryDelay(error: unknown): number | undefined {
  if (!(error instanceof KubernetesError)) return undefined;
  if (error.status === 409) return 0;
  // A `test` that failed names no field; what validation refuses does, and would be refused again.
  if (error.status === 422 && error.fields.length === 0) return 0;
  const busyMs = error.status === 429 ? (error.retryAfterMs ?? 0) : undefined;
  return busyMs !== undefined && busyMs <= BUSY_LIMIT_MS ? busyMs : undefined;
}

const namesOf = (writes: DesiredWrite[]) => writes.map(({ property }) => property).join(', ');

const show = (value: string | null | undefined) => (value ? JSON.stringify(value) : 'not set');

import { OctographError } from '../lib/errors.ts';
import type { MapperHost } from '../mappers/host.ts';
import type { MethodInvoker } from '../resolvers/context.ts';
import { deviceId } from '../twin/device-object.ts';
import type { CloudClock } from './cloud-clock.ts';

/** Methods of this node's devices. An end in the cloud's time is carried over to the node's own clock. */
export function createMethodInvoker(
  host: MapperHost,
  cloudClock: CloudClock,
  now: () => number,
): MethodInvoker {
  return {
    async invoke({ namespace, name }, { method, arguments: args, timeoutMs, expiresAt, idempotencyKey }) {
      const cloudNow = cloudClock.now();
      if (expiresAt != null && cloudNow === undefined) {
        const message = `${method} has an end, and this node has not heard the time from the cloud since it started`;
        throw new OctographError('METHOD_EXPIRED', message);
      }
      const call = {
        method,
        args: Object.fromEntries((args ?? []).map((argument) => [argument.name, argument.value ?? null])),
        key: idempotencyKey ?? undefined,
        expiresAt: expiresAt == null || cloudNow === undefined ? undefined : now() + (expiresAt - cloudNow),
      };
      return host.invoke(deviceId(namespace, name), call, timeoutMs);
    },
  };
}

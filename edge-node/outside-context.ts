import { OctographError } from '../lib/errors.ts';
import type {
  Context,
  DeviceBrowser,
  DeviceVersion,
  HistoryReader,
  MethodInvoker,
  ObjectReader,
  TwinEventSource,
  TwinFeed,
  TwinReader,
  TwinRequest,
} from '../resolvers/context.ts';
import { deviceId } from '../twin/device-object.ts';
import { methodIsLocalOnly } from '../twin/local-only.ts';
import { type TwinView, withheld } from '../twin/view.ts';
import type { TwinRegistry } from './twin-registry.ts';

/** [T24] What is asked through the tunnel sees nothing of what is local only. `twins` withholds by itself (`isOutside`). */
export function createOutsideContext(
  base: Omit<Context, 'principal' | 'signal' | 'twins'>,
  twins: TwinReader,
  registry: TwinRegistry,
): Context {
  return {
    ...base,
    twins,
    history: outsideHistory(base.history),
    methods: outsideMethods(base.methods, base.objects),
    browser: outsideBrowser(base.browser, registry),
    messages: { ...base.messages, subscribe: refuseMessages },
    live: { ...base.live, twins: outsideEvents(base.live.twins, registry) },
    principal: { name: 'cloud', rights: 'write' },
  };
}

/** What of the bus may leave goes up by itself; a topic of somebody's choice may carry anything. */
async function refuseMessages(): Promise<never> {
  throw new OctographError('FORBIDDEN', 'messages of this node are followed at its own API, or in the cloud');
}

/** Nothing is known of it, from the beginning to the end: no error, so that a chart of several properties stands. */
const outsideHistory = (history: HistoryReader): HistoryReader => ({
  read: async (device, property, range) =>
    property.localOnly
      ? { samples: [], gaps: [{ from: range.from, to: range.to }] }
      : history.read(device, property, range),
});

/** What a device lists tells of it, whatever property would hold it. */
const outsideBrowser = (browser: DeviceBrowser, registry: TwinRegistry): DeviceBrowser => ({
  async browse(device, node) {
    const id = deviceId(device.namespace, device.name);
    if (registry.isLocalOnly(id)) {
      throw new OctographError('LOCAL_ONLY', `device ${id} is local only: browse it at its node`);
    }
    return browser.browse(device, node);
  },
});

const outsideMethods = (methods: MethodInvoker, objects: ObjectReader): MethodInvoker => ({
  async invoke(key, call) {
    const device = objects.device(key.namespace, key.name);
    const model = objects.deviceModel(key.namespace, device?.spec.deviceModelRef?.name ?? '');
    if (device && methodIsLocalOnly(device, model, call.method)) {
      const message = `${call.method} of device ${deviceId(key.namespace, key.name)} is local only: call it at its node`;
      throw new OctographError('LOCAL_ONLY', message);
    }
    return methods.invoke(key, call);
  },
});

function outsideEvents(feed: TwinFeed, registry: TwinRegistry): TwinFeed {
  // It may have become local only since the event was made, or have been so only then.
  const isWithheld = ({ deviceRef, property, twin }: TwinEventSource) =>
    twin?.model.localOnly ||
    (deviceRef !== undefined &&
      registry.isLocalOnly(deviceId(deviceRef.namespace, deviceRef.name), property));
  /** A filter must not find out either. */
  const seen = (version: DeviceVersion): DeviceVersion => {
    const id = deviceId(version.key.namespace, version.key.name);
    const isHidden = ({ model }: TwinView) => model.localOnly || registry.isLocalOnly(id, model.name);
    let { views } = version;
    for (const view of version.views) if (isHidden(view)) views = views.with(withheld(view.model));
    return { ...version, views, state: registry.isLocalOnly(id) ? { state: 'unknown' } : version.state };
  };
  const outside = (request: TwinRequest): TwinRequest => ({
    ...request,
    scope: `outside ${request.scope}`,
    matches: (version) => request.matches(seen(version)),
  });
  return {
    subscribe(request) {
      const events = feed.subscribe(outside(request));
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          for (;;) {
            const result = await events.next();
            if (result.done || !isWithheld(result.value)) return result;
          }
        },
        return: async () => events.return?.() ?? { done: true, value: undefined },
        restart: (next) => events.restart(outside(next)),
      };
    },
  };
}

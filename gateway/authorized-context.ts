import { OctographError } from '../lib/errors.ts';
import type {
  ConflictLedger,
  Context,
  DeviceKey,
  DeviceRequest,
  LiveFeed,
  LiveFeeds,
  LiveRequest,
  NamespacedKind,
  ObjectReader,
} from '../resolvers/context.ts';
import { scopeOf } from '../resolvers/live-event.ts';
import type { NodeObject } from '../twin/node-object.ts';
import type { AccessVerb, Authorization, Sight } from './server/authorization.ts';

const resourceOf: Readonly<Record<NodeObject['kind'], string>> = {
  Node: 'nodes',
  Pod: 'pods',
  Device: 'devices',
  DeviceModel: 'devicemodels',
  ConfigMap: 'configmaps',
};

/**
 * The services of a context as far as its caller may use them, so that no resolver has to ask: lists leave out what the caller
 * may not list, foreign objects are missing, writes are required one by one. What is seen of a device is seen of its
 * twins, by the model that it names, of its problems, changes and conflicts.
 */
export async function authorizedContext<C extends Context>(context: C, authorize: Authorization): Promise<C> {
  if (authorize.isUnbound) return context;
  const { objects } = context;
  const of = (resource: string, ...kinds: NamespacedKind[]) =>
    authorize.sight(resource, () => kinds.flatMap((kind) => [...objects.namespaces(kind)]));
  const [nodes, pods, devices, models, events] = await Promise.all([
    of('nodes'),
    of('pods', 'Pod'),
    of('devices', 'Device'),
    of('devicemodels', 'DeviceModel'),
    of('events', 'Device', 'Pod'),
  ]);
  const seesDevice = ({ namespace }: { namespace: string }) => devices.sees(namespace);
  const requireSight = (device: DeviceKey) => {
    if (seesDevice(device)) return;
    throw new OctographError('DEVICE_NOT_FOUND', `device ${device.namespace}/${device.name} does not exist`);
  };
  const requireDevice = (verb: AccessVerb, resource: string, namespace: string, name: string) =>
    authorize.require({ verb, resource, namespace, name });
  const requireWrite = (
    verb: AccessVerb,
    { kind, namespace, name }: { kind: NodeObject['kind']; namespace: string; name: string },
  ) => authorize.require({ verb, resource: resourceOf[kind], namespace: namespace || undefined, name });
  const { twins, commands, methods, browser, messages, changes, ledger, history } = context;
  const { links, nodeFacts, objectWriter } = context;

  // Checked against what a context needs: a method that is left out here is gone for whoever is bound.
  const services = {
    objects: authorizedObjects(objects, { nodes, pods, devices, models, events }),
    twins: {
      known: (device) => (seesDevice(device) ? twins.known(device) : undefined),
      knownTwin: (device, property) => (seesDevice(device) ? twins.knownTwin(device, property) : undefined),
      read: async (device, properties, mode) => {
        requireSight(device);
        return twins.read(device, properties, mode);
      },
      state: (device) => (seesDevice(device) ? twins.state(device) : { state: 'unknown' }),
      onChange: (device, listener) => (seesDevice(device) ? twins.onChange(device, listener) : () => {}),
    },
    history: {
      read: async (device, property, range) => {
        requireSight(device);
        return history.read(device, property, range);
      },
    },
    live: authorizedFeeds(context.live, { nodes, pods, devices }, authorize),
    commands: {
      accept: async (change) => {
        await requireDevice('update', 'devices/desired', change.namespace, change.device);
        return commands.accept(change);
      },
      reachable: (device) => commands.reachable(device),
    },
    methods: {
      invoke: async (device, call) => {
        await requireDevice('create', 'devices/methods', device.namespace, device.name);
        return methods.invoke(device, call);
      },
    },
    browser: {
      browse: async (device, node) => {
        requireSight(device);
        return browser.browse(device, node);
      },
    },
    messages: {
      cloudNow: () => messages.cloudNow(),
      subscribe: async (subscription) => {
        await authorize.require({ verb: 'watch', resource: 'nodes/messages', name: subscription.nodeName });
        return messages.subscribe(subscription);
      },
      // Its own, by its own name.
      record: (principal, key) => messages.record(principal, key),
      publish: async (wish, known) => {
        await authorize.require({ verb: 'create', resource: 'nodes/messages', name: wish.nodeName });
        return messages.publish(wish, known);
      },
    },
    changes: {
      accepted: (change, key) => changes.accepted(change, key),
      find: (id) => ifSeen(changes.find(id), ({ change }) => seesDevice(change)),
      findByKey: (principal, key) =>
        ifSeen(changes.findByKey(principal, key), ({ change }) => seesDevice(change)),
      durable: () => changes.durable(),
      onProgress: (id, listener) => changes.onProgress(id, listener),
    },
    ledger: authorizedLedger(
      ledger,
      (device) => seesDevice({ namespace: namespaceOf(device) }),
      (device) =>
        requireDevice(
          'update',
          'devices/desired',
          namespaceOf(device),
          device.slice(device.indexOf('/') + 1),
        ),
    ),
    links: { ...links, edgeNode: (name: string) => (nodes.sees() ? links.edgeNode(name) : null) },
    nodeFacts: {
      read: async (name) => {
        await authorize.require({ verb: 'get', resource: 'nodes', name });
        return nodeFacts.read(name);
      },
    },
    objectWriter: objectWriter && {
      create: async (object) => {
        const { namespace = '', name } = object.metadata;
        await requireWrite('create', { kind: object.kind, namespace, name });
        return objectWriter.create(object);
      },
      patch: async (ref, body) => {
        await requireWrite('patch', ref);
        return objectWriter.patch(ref, body);
      },
      remove: async (ref) => {
        await requireWrite('delete', ref);
        return objectWriter.remove(ref);
      },
    },
  } satisfies Partial<Context>;
  return { ...context, ...services };
}

interface Namespaced {
  metadata: { namespace?: string };
}

interface Sights {
  nodes: Sight;
  pods: Sight;
  devices: Sight;
  models: Sight;
  events: Sight;
}

function authorizedObjects(objects: ObjectReader, sights: Sights): ObjectReader {
  const { nodes, pods, devices, models, events } = sights;
  return {
    node: (name) => (nodes.sees() ? objects.node(name) : undefined),
    nodes: () => (nodes.sees() ? objects.nodes() : []),
    pod: (namespace, name) => (pods.sees(namespace) ? objects.pod(namespace, name) : undefined),
    pods: (nodeName) => seen(objects.pods(nodeName), pods),
    device: (namespace, name) => (devices.sees(namespace) ? objects.device(namespace, name) : undefined),
    devices: (nodeName) => seen(objects.devices(nodeName), devices),
    deviceModel: (namespace, name) =>
      models.sees(namespace) ? objects.deviceModel(namespace, name) : undefined,
    deviceModels: () => seen(objects.deviceModels(), models),
    modelOf: (device) => objects.modelOf(device),
    namespaces: (kind) => objects.namespaces(kind),
    hasNode: (name) => objects.hasNode(name),
    events: (object) => (events.sees(object.metadata.namespace) ? objects.events(object) : []),
  };
}

/** Who comes to see more begins anew with it; who lost a right is cut off. */
function authorizedFeeds(
  live: LiveFeeds,
  { nodes, pods, devices }: Pick<Sights, 'nodes' | 'pods' | 'devices'>,
  authorize: Authorization,
): LiveFeeds {
  const ofDevices = <R extends DeviceRequest>(request: R): R => {
    const { extent } = devices;
    return {
      ...request,
      scope: scopeOf(request.scope, extent.scope),
      matches: (version) => extent.sees(version.key.namespace) && request.matches(version),
    };
  };
  const within =
    ({ extent }: Sight) =>
    <V extends Namespaced>(request: LiveRequest<V>): LiveRequest<V> => ({
      ...request,
      scope: scopeOf(request.scope, extent.scope),
      matches: (value) => extent.sees(value.metadata.namespace) && request.matches(value),
    });
  const guarded = <R, E>(feed: LiveFeed<R, E>, narrow: (request: R) => R): LiveFeed<R, E> => ({
    subscribe(request) {
      const events = feed.subscribe(narrow(request));
      authorize.onSight(() => events.restart(narrow(request)));
      return events;
    },
  });
  return {
    nodes: guarded(live.nodes, (request) => within(nodes)(request)),
    pods: guarded(live.pods, (request) => within(pods)(request)),
    devices: guarded(live.devices, ofDevices),
    twins: guarded(live.twins, ofDevices),
  };
}

/** Pages of the ledger stay full: what is left out is made up for from further on. */
function authorizedLedger(
  ledger: ConflictLedger,
  sees: (device: string) => boolean,
  requireDesired: (device: string) => Promise<void>,
): ConflictLedger {
  return {
    conflict: (id) => ifSeen(ledger.conflict(id), ({ device }) => sees(device)),
    conflicts(query) {
      const found = [];
      for (let { after } = query; ; ) {
        const page = ledger.conflicts({ ...query, after });
        found.push(...page.filter(({ device }) => sees(device)));
        if (page.length < query.limit || found.length >= query.limit) return found.slice(0, query.limit);
        after = page.at(-1)?.id;
      }
    },
    async resolve(conflict) {
      await requireDesired(conflict.device);
      return ledger.resolve(conflict);
    },
  };
}

function* seen<T extends Namespaced>(objects: Iterable<T>, sight: Sight): Iterable<T> {
  for (const object of objects) if (sight.sees(object.metadata.namespace)) yield object;
}

const namespaceOf = (device: string): string => device.slice(0, device.indexOf('/'));

const ifSeen = <T>(value: T | undefined, sees: (value: T) => boolean): T | undefined =>
  value !== undefined && sees(value) ? value : undefined;

import type { NodeAuthorizer } from '../../cloud/node-authorizer.ts';
import type { Replica } from '../../cloud/replica.ts';
import type { DeviceWriter } from '../../edge-node/desired-applier.ts';
import type { Clock } from '../../lib/clock.ts';
import type { EdgeStore } from '../../store/contract.ts';
import type { MemoryDisk } from '../../store/memory/disk.ts';
import type { CloudSession, NodeSession, NodeSessionHandler } from '../../tunnel/contract.ts';
import type { DeviceDigest, DownMessage, ReportsUp } from '../../tunnel/messages.ts';
import { bucketOf, digestOf } from '../../twin/digest.ts';
import type { Twin } from '../../twin/twin.ts';

/** Places where the world lets a part be broken. Each gives back what goes on in its place. */
export interface PlantedBug {
  /** What a process finds when it starts. */
  disk(disk: MemoryDisk): void;
  store(store: EdgeStore): EdgeStore;
  writer(writer: DeviceWriter, clock: Clock): DeviceWriter;
  cloudNow(now: () => number | undefined, clock: Clock): () => number | undefined;
  /** What the edge sends. */
  cloudSession(session: CloudSession, store: EdgeStore): CloudSession;
  /** What the edge receives. */
  down(message: DownMessage): DownMessage;
  replica(replica: Replica): Replica;
  isSameDevice(uid: string | undefined, other: string): boolean;
  authorizer(authorizer: NodeAuthorizer): NodeAuthorizer;
  nodeHandler(handler: NodeSessionHandler): NodeSessionHandler;
}

export const NO_BUG: PlantedBug = {
  disk() {},
  store: (store) => store,
  writer: (writer) => writer,
  cloudNow: (now) => now,
  cloudSession: (session) => session,
  down: (message) => message,
  replica: (replica) => replica,
  isSameDevice: (uid, other) => uid === other,
  authorizer: (authorizer) => authorizer,
  nodeHandler: (handler) => handler,
};

/** The same thing with some of its methods replaced; the others keep their `this`. */
export function altered<T extends object>(original: T, changes: Partial<T>): T {
  return new Proxy(original, {
    get(target, key) {
      if (key in changes) return changes[key as keyof T];
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const sending = (session: CloudSession, send: CloudSession['send']) => altered(session, { send });

/** Mistakes that people make in such systems. The checker has to see each of them within 1 000 seeds. */
export const PLANTED_BUGS: Record<string, () => Partial<PlantedBug>> = {
  'acknowledges a command before it is on disk': () => ({
    store: (store) => altered(store, { durable: async () => {} }),
  }),

  'sends a report before it is on disk': () => ({
    store(store) {
      const listeners = new Set<(updates: Twin[]) => void>();
      return altered(store, {
        onCommit(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        putTwin(twin, options) {
          store.putTwin(twin, options);
          for (const listener of listeners) listener([twin]);
        },
      });
    },
  }),

  'takes a device that was created again for the old one': () => ({
    isSameDevice: () => true,
    authorizer: (authorizer) => altered(authorizer, { authorize: (_nodeName, message) => message }),
  }),

  'takes a report twice': () => ({
    replica(replica) {
      const apply = replica.apply.bind(replica);
      return Object.assign(replica, {
        apply(nodeName: string, updates: readonly Twin[]) {
          for (const { device } of updates) replica.removeDevice(nodeName, device);
          return apply(nodeName, updates);
        },
      });
    },
  }),

  'gives positions again after a crash': () => ({
    disk(disk) {
      const last = Math.max(0, ...Array.from(disk.twins.values(), ({ seq }) => seq));
      disk.meta.set('reservedSeq', String(last));
    },
  }),

  'sends the snapshot before the backlog': () => ({
    cloudSession(session, store) {
      let held: ReportsUp[] | undefined =
        session.minor >= 1 || session.welcome.replicaId === store.sync.replicaId ? undefined : [];
      return sending(session, (message) => {
        if (held && message.type === 'reports') held.push(message);
        else session.send(message);
        if (message.type !== 'snapshot' || !message.last) return;
        for (const late of held ?? []) session.send(late);
        held = undefined;
      });
    },
  }),

  'takes the history of another store for the same': () => ({
    replica(replica) {
      const connect = replica.connect.bind(replica);
      return Object.assign(replica, { connect: (nodeName: string) => connect(nodeName, 'any') });
    },
  }),

  'goes on with a value that was superseded': () => ({
    writer: (writer, clock) => ({
      async apply(...args) {
        try {
          return await writer.apply(...args);
        } catch (error) {
          clock.setTimer(1000, () => void writer.apply(...args).catch(() => {}));
          throw error;
        }
      },
    }),
  }),

  'tells a proposal only once': () => {
    const told = new Set<string>();
    return {
      cloudSession: (session) =>
        sending(session, (message) => {
          if (message.type !== 'proposals') return session.send(message);
          const proposals = message.proposals.filter(({ change }) => !told.has(change));
          for (const { change } of proposals) told.add(change);
          if (proposals.length > 0) session.send({ ...message, proposals });
        }),
    };
  },

  'forgets a report when it is sent': () => ({
    cloudSession: (session, store) =>
      sending(session, (message) => {
        session.send(message);
        if (message.type === 'reports')
          store.acknowledge(session.welcome.replicaId, message.updates.at(-1)?.seq ?? 0);
      }),
  }),

  'tells expiry by its own wall clock': () => ({ cloudNow: (_now, clock) => () => clock.now() }),

  'sends only what changed after a reconnect': () => ({
    nodeHandler: (handler) => {
      const wrapped = new WeakMap<NodeSession, NodeSession>();
      const wrap = (session: NodeSession) => {
        const known =
          wrapped.get(session) ??
          altered(session, {
            send: (message) =>
              session.send(message.type === 'objects' ? { ...message, complete: false } : message),
          });
        wrapped.set(session, known);
        return known;
      };
      return {
        ...handler,
        onConnected: (session) => handler.onConnected(wrap(session)),
        onMessage: (session, message) => handler.onMessage(wrap(session), message),
        onDisconnected: (session, reason) => handler.onDisconnected(wrap(session), reason),
      };
    },
  }),

  'drops reports without counting them': () => ({
    store: (store) => altered(store, { outboxStats: (now) => ({ ...store.outboxStats(now), dropped: 0 }) }),
  }),

  'goes on with what the cloud refused': () => ({
    down: (message) =>
      message.type === 'verdicts'
        ? { ...message, verdicts: message.verdicts.filter(({ accepted }) => accepted) }
        : message,
  }),

  'compares digests, and leaves deletions out': () =>
    judging((own, said) => [...said, ...own.filter(isNotIn(said))]),

  'takes a device for the same as long as it has one of that name': () =>
    judging((own, said) => said.map((each) => own.find(({ device }) => device === each.device) ?? each)),

  'takes a store that went back for the same': () => ({
    replica: (replica) =>
      Object.assign(replica, { positionAbove: () => undefined, contradictedBy: () => undefined }),
  }),
};

/** A cloud that compares what it has with something else than what the node said. */
function judging(said: (own: DeviceDigest[], said: DeviceDigest[]) => DeviceDigest[]): Partial<PlantedBug> {
  let cloudsOwn: Replica;
  return {
    replica(replica) {
      cloudsOwn = replica;
      return replica;
    },
    nodeHandler: (handler) => ({
      ...handler,
      onMessage(session, message) {
        if (message.type !== 'devices') return handler.onMessage(session, message);
        const own = [...cloudsOwn.held(session.nodeName)]
          .filter(([device]) => message.buckets.includes(bucketOf(device)))
          .map(([device, keys]) => ({ device, uid: keys[0]?.twin.uid ?? '', digest: digestOf(keys) }));
        return handler.onMessage(session, { ...message, devices: said(own, message.devices) });
      },
    }),
  };
}

const isNotIn = (others: readonly DeviceDigest[]) => (digest: DeviceDigest) =>
  !others.some(({ device }) => device === digest.device);

export const bugOf = (name: string | undefined): PlantedBug => ({
  ...NO_BUG,
  ...(name === undefined ? {} : PLANTED_BUGS[name]?.()),
});

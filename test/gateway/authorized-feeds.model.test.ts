import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorizedContext } from '../../gateway/authorized-context.ts';
import { LiveDevices } from '../../gateway/device-feed.ts';
import { createPodFeed } from '../../gateway/object-feed.ts';
import { Authorization } from '../../gateway/server/authorization.ts';
import type { Context, LiveEventSource } from '../../resolvers/context.ts';
import { subscribeDevices } from '../../resolvers/device-event.ts';
import { subscribePods } from '../../resolvers/pod-event.ts';
import { subscribeTwins } from '../../resolvers/twin-event.ts';
import type { KubePod } from '../../twin/cluster-object.ts';
import { TwinViews } from '../../twin/twin-views.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { deviceObject } from '../harness/objects.ts';
import { property } from '../mappers/models.ts';

const namespaces = ['a', 'b', 'c'];
const names = ['x', 'y'];

/** Namespaces by object, as they stand; whoever may list a namespace has to know exactly its part. */
function createWorld() {
  const clock = new ManualClock();
  const live = new LiveDevices({
    epoch: 'model',
    clock,
    sourceOf: (device, view) => ({ ...view, device }) as never,
  });
  const pods = createPodFeed('model');
  const standing = new Set<string>();
  /** All that anybody may list, by who. */
  const rights = new Map<string, Set<string>>(['ann', 'bob'].map((name) => [name, new Set()]));
  let version = 0;
  const metadataOf = (namespace: string, name: string) => ({ namespace, name, uid: `${namespace}/${name}` });
  const context = {
    objects: { namespaces: () => new Set(Array.from(standing, (key) => key.split('/')[0])) },
    live: { nodes: pods, pods, devices: live.devices, twins: live.twins },
    twins: {},
    ledger: {},
    links: {},
  } as unknown as Context;
  return {
    standing,
    rights,
    put(namespace: string, name: string) {
      version++;
      standing.add(`${namespace}/${name}`);
      const metadata = { ...metadataOf(namespace, name), resourceVersion: String(version) };
      pods.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } } as KubePod);
      const object = { ...deviceObject(name), metadata };
      const view = { model: property('mode'), seq: version, sync: { state: 'NONE' } } as const;
      const state = { state: `v${version}` };
      live.put({
        key: { namespace, name, nodeName: null },
        object,
        model: undefined,
        state,
        views: TwinViews.from([view]),
      });
    },
    remove(namespace: string, name: string) {
      standing.delete(`${namespace}/${name}`);
      pods.remove({ namespace, name });
      live.remove(`${namespace}/${name}`);
    },
    async open(who: string) {
      const authorize = new Authorization(
        { name: who, rights: 'read', rules: [] },
        {
          isUnbound: () => false,
          allows: (_principal, { namespace }) => namespace !== undefined && rights.get(who)!.has(namespace),
        },
      );
      const authorized = await authorizedContext(context, authorize);
      return {
        authorize,
        feeds: [
          subscribePods({}, authorized),
          subscribeDevices({}, authorized),
          subscribeTwins({}, authorized),
        ],
      };
    },
  };
}

type Source = LiveEventSource & {
  namespace?: string;
  name?: string;
  deviceRef?: { namespace: string; name: string };
};

/** Reads all there is. @returns the members that the events leave */
function read(feed: object, members: Set<string>, mayKnow: (namespace: string) => boolean): void {
  const polled = feed as { poll(): Source | undefined };
  for (let event = polled.poll(); event; event = polled.poll()) {
    const { kind } = event;
    const { namespace, name } = event.deviceRef ?? event;
    if (kind === 'RESET') members.clear();
    if (namespace === undefined) continue;
    expect(mayKnow(namespace), `${kind} of ${namespace}/${name}`).toBe(true);
    if (kind === 'LEFT') members.delete(`${namespace}/${name}`);
    else members.add(`${namespace}/${name}`);
  }
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('put' as const, 'remove' as const),
      namespace: fc.constantFrom(...namespaces),
      name: fc.constantFrom(...names),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('grant' as const),
      who: fc.constantFrom('ann', 'bob'),
      namespace: fc.constantFrom(...namespaces),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('open' as const), who: fc.constantFrom('ann', 'bob') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recheck' as const) }) },
);

test('no event crosses an authorization scope, and whoever is asked about again knows all that it may', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
      const world = createWorld();
      const readers: Array<{ who: string; members: Set<string>[] } & Awaited<ReturnType<typeof world.open>>> =
        [];
      const recheck = async () => {
        for (const { authorize } of readers) {
          expect(await authorize.lost()).toBeUndefined();
          await authorize.renew();
        }
      };
      const readAll = () => {
        for (const { who, feeds, members } of readers)
          for (const [index, feed] of feeds.entries())
            read(feed, members[index]!, (namespace) => world.rights.get(who)!.has(namespace));
      };
      for (const act of actions) {
        if (act.do === 'put') world.put(act.namespace, act.name);
        if (act.do === 'remove') world.remove(act.namespace, act.name);
        if (act.do === 'grant') world.rights.get(act.who)!.add(act.namespace);
        if (act.do === 'open')
          readers.push({
            who: act.who,
            members: [new Set(), new Set(), new Set()],
            ...(await world.open(act.who)),
          });
        if (act.do === 'recheck') await recheck();
        readAll();
      }
      await recheck();
      readAll();
      for (const { who, members } of readers) {
        const known = [...world.standing]
          .filter((key) => world.rights.get(who)!.has(key.split('/')[0]!))
          .sort();
        for (const each of members) expect([...each].sort()).toEqual(known);
      }
    }),
    { numRuns: 300 },
  );
});

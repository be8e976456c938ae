import type { Client } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ask } from '../../../dashboard/api/request.ts';
import { LiveDevices } from '../../../dashboard/live/live-devices.ts';
import { TwinBoard } from '../../../dashboard/live/twin-board.ts';
import type { FreshnessQuery } from '../../../schema/generated/dashboard/graphql.ts';

const PUMP = { namespace: 'default', name: 'pump' };
const FAN = { namespace: 'default', name: 'fan' };
const CUT_OFF = { ageMs: 0, stale: true, source: 'LAST_KNOWN', link: 'DOWN', linkSince: null } as const;

type Asked = { names: string[]; answer(): Promise<void> };

let asked: Asked[];
let followed: number;
let live: LiveDevices;

beforeEach(() => {
  asked = [];
  followed = 0;
  const client = {
    subscribe() {
      followed++;
      return () => followed--;
    },
  } as unknown as Client;
  const ask = ((_document: unknown, { where }: { where: { or: Array<{ name: { in: string[] } }> } }) =>
    new Promise<FreshnessQuery>((resolve) => {
      const names = where.or.flatMap(({ name }) => name.in);
      asked.push({
        names,
        async answer() {
          resolve(freshnessOf(names));
          await new Promise(setImmediate);
        },
      });
    })) as unknown as Ask;
  const frames = { now: () => 0, setTimer: () => {}, onFrame: () => {} };
  live = new LiveDevices({ client, ask, board: new TwinBoard(frames) });
});
afterEach(() => live.close());

const freshnessOf = (names: string[]): FreshnessQuery => ({
  devices: {
    edges: names.map((name) => ({
      node: {
        namespace: 'default',
        name,
        state: 'offline',
        stateReason: null,
        lastOnlineAt: null,
        twins: [{ property: 'flow', freshness: CUT_OFF }],
      },
    })),
  },
});

describe('facts of devices in view', () => {
  it('asks for those of a device as it comes into view, and of no other again', async () => {
    live.show([[PUMP]]);
    await asked[0]!.answer();
    expect(live.facts(PUMP)).toMatchObject({ state: 'offline', link: { state: 'DOWN' } });
    live.show([[PUMP], [FAN]]);
    expect(asked.map(({ names }) => names)).toEqual([['pump'], ['fan']]);
  });

  it('tells who watches, until that ends', async () => {
    let told = 0;
    const end = live.watch('default/pump', () => told++);
    live.show([[PUMP]]);
    await asked[0]!.answer();
    expect(told).toBe(1);
    end();
    void live.refresh();
    await asked[1]!.answer();
    expect(told).toBe(1);
  });

  it('keeps none of a device that went before the answer came, or was never followed', async () => {
    expect(live.facts(FAN)).toBeUndefined();
    live.show([[PUMP]]);
    expect(followed).toBe(1);
    live.close();
    await asked[0]!.answer();
    expect([followed, live.facts(PUMP)]).toEqual([0, undefined]);
  });
});

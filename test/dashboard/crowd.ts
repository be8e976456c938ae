import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEdgeNode } from '../../edge-node/edge-node.ts';
import type { AccessOptions } from '../../gateway/index.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceSession, Mapper, MapperEvents } from '../../mappers/contract.ts';
import type { EdgeStore } from '../../store/contract.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

const PROPERTIES = ['pressure', 'temperature', 'flow', 'vibration', 'power'];
const MODEL = modelObject('pump', [
  ...PROPERTIES.map((name) => ({
    name,
    type: 'DOUBLE' as const,
    accessMode: 'ReadOnly' as const,
    unit: 'u',
  })),
  { name: 'target', type: 'DOUBLE', accessMode: 'ReadWrite', minimum: '0', maximum: '100' },
]);

/** What a second brings is spread over ticks of so many ms. */
const TICK_MS = 20;

export interface CrowdOptions {
  devices: number;
  /** The first ones of them that have values, and change. */
  lively?: number;
  /** Over all lively devices together. */
  updatesPerSecond?: number;
  access?: AccessOptions;
}

/** One edge node with its dashboard. */
export interface Place {
  /** Of the dashboard. */
  url: string;
  close(): Promise<void>;
}

export interface Crowd extends Place {
  setPace(updatesPerSecond: number): void;
}

export interface PlaceOptions {
  nodeName?: string;
  objects?: Parameters<EdgeStore['putObjects']>[0];
  mappers: Mapper[];
  access?: AccessOptions;
}

/** A real edge node that holds these objects, as if a cloud had given it them. */
export async function startPlace(options: PlaceOptions): Promise<Place> {
  const { nodeName = 'edge-a', objects = [], mappers, access = { anonymous: 'write' } } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'octograph-place-'));
  const store = openSqliteStore({ path: join(dataDir, 'edge.db'), clock: systemClock, logger: silentLogger });
  store.putObjects(objects, []);
  await store.close();
  const node = await startEdgeNode({
    nodeName,
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    access,
    graphiql: false,
    mappers,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  return {
    url: node.url.replace('/graphql', '/'),
    async close() {
      await node.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A real edge node with many devices, of which some change all the time: `pump-00000`, `pump-00001` and so on. */
export async function startCrowd(options: CrowdOptions): Promise<Crowd> {
  const { devices, lively = 0, access } = options;
  let { updatesPerSecond = 0 } = options;
  const mapper = new CrowdMapper(lively);
  const objects = [MODEL, ...Array.from({ length: devices }, (_, index) => pump(index))];
  const place = await startPlace({ objects, mappers: [mapper], access });
  let changedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // A late tick brings what the time since the last one owes.
    mapper.change((updatesPerSecond * (now - changedAt)) / 1000);
    changedAt = now;
  }, TICK_MS);
  return {
    url: place.url,
    setPace: (next) => {
      updatesPerSecond = next;
    },
    close() {
      clearInterval(timer);
      return place.close();
    },
  };
}

export const pumpName = (index: number): string => `pump-${String(index).padStart(5, '0')}`;

function pump(index: number): DeviceObject {
  const device = deviceObject(pumpName(index), { model: 'pump' });
  return { ...device, spec: { ...device.spec, protocol: { protocolName: 'crowd' } } };
}

/** Devices that speak when told to, each property in its turn. */
class CrowdMapper implements Mapper {
  readonly protocol = 'crowd';
  readonly delivery = 'event';
  readonly #lively: ReadonlySet<string>;
  readonly #events: MapperEvents[] = [];
  #turn = 0;
  #owed = 0;

  constructor(lively: number) {
    this.#lively = new Set(Array.from({ length: lively }, (_, index) => pumpName(index)));
  }

  async open({ name }: { name: string }, events: MapperEvents): Promise<DeviceSession> {
    events.state('online');
    if (this.#lively.has(name)) {
      this.#events.push(events);
      events.report(PROPERTIES.map(reading));
    }
    return { collect: async () => [], apply: async (_property, value) => value, close: async () => {} };
  }

  change(count: number): void {
    if (this.#events.length === 0) return;
    this.#owed += count;
    for (; this.#owed >= 1; this.#owed--) {
      const turn = this.#turn++;
      const property = PROPERTIES[Math.floor(turn / this.#events.length) % PROPERTIES.length]!;
      this.#events[turn % this.#events.length]!.report([reading(property)]);
    }
  }

  async close(): Promise<void> {}
}

const reading = (property: string) => ({
  property,
  value: Math.round(Math.random() * 10_000) / 100,
  quality: 'GOOD' as const,
  observedAt: Date.now(),
});

import type { Change } from '../../twin/change.ts';
import { desiredOfChange } from '../../twin/change.ts';
import { type DeviceObject, idOf } from '../../twin/device-object.ts';
import type { TwinValue } from '../../twin/value.ts';
import { BEHAVIOURS } from './hardware.ts';
import { device, model } from './objects.ts';
import { EPOCH } from './process.ts';
import type { Random } from './random.ts';
import type { Site, World } from './world.ts';

const DEVICES = ['pump', 'valve', 'lamp', 'oven'];
const MODELS = ['plain', 'narrow'];
const DAY_MS = 86_400_000;

/** What people and misfortune do to a world. A seed has some of it and not the rest: what is rare in the whole is common in a part. */
export class Workload {
  readonly #world: World;
  readonly #random: Random;
  readonly #actions: Array<() => void>;
  readonly #recent: number[] = [];
  /** Probability. */
  readonly #powerFails: number;
  #count = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork();
    const everyday = [() => this.#setInCloud(), () => this.#setAtEdge(), () => this.#patchPlainly()];
    const faults = [
      () => this.#cut(),
      () => this.#linkDown(),
      () => this.#killEdge(),
      () => this.#stopEdge(),
      () => this.#loseStore(),
      () => this.#killCloud(),
      () => this.#fillDisk(),
      () => this.#setWallClock(),
      () => this.#behave(),
      () => this.#drift(),
      () => this.#createOrDelete(),
      () => this.#recreate(),
      () => this.#move(),
      () => this.#changeModel(),
      () => this.#apiDown(),
      () => this.#stallWatches(),
      () => this.#reconnectReader(),
    ];
    this.#powerFails = this.#random.chance(0.3) ? 0.2 : 0;
    const chosen = faults.filter(() => this.#random.chance(0.4));
    this.#actions = [...everyday.filter(() => this.#random.chance(0.7)), ...chosen];
    if (this.#actions.length === 0) this.#actions.push(...everyday);
  }

  /** The world as it is before anything happens. */
  begin(): void {
    const { api, sites } = this.#world;
    for (const name of MODELS) api.put(model(name));
    for (const name of DEVICES.slice(0, this.#random.int(2, DEVICES.length))) this.#create(name);
    this.#world.startCloud();
    for (const site of sites) this.#world.startEdge(site);
    this.#world.addReader();
    if (this.#random.chance(0.5)) this.#world.addReader();
  }

  /** @throws Violation */
  async run(): Promise<void> {
    const steps = this.#random.int(10, 60);
    for (let step = 0; step < steps; step++) {
      await this.#world.run(this.#random.int(1, this.#random.chance(0.2) ? 4000 : 800));
      this.#random.pick(this.#actions)?.();
    }
  }

  #trace(line: string): void {
    this.#world.trace(line);
  }

  #site(): Site {
    return this.#random.pick(this.#world.sites) as Site;
  }

  #device(): DeviceObject | undefined {
    return this.#random.pick(this.#world.api.list('Device'));
  }

  #later(from: number, to: number, run: () => void): void {
    this.#world.timeline.after(this.#random.int(from, to), run);
  }

  // What is desired

  #setInCloud(): void {
    const device = this.#device();
    const { cloud } = this.#world;
    if (!device || !cloud) return;
    const change = this.#change(device);
    this.#trace(`cloud: ${describe(change)}`);
    cloud.commands.accept(change).catch(() => {});
  }

  #setAtEdge(): void {
    const { edge } = this.#site();
    const device = edge && this.#random.pick([...edge.metadata.devices()]);
    if (!edge || !device) return;
    const change = this.#change(device);
    const known = edge.registry.device(idOf(device));
    if (!change.values.every(({ property }) => known?.properties.has(property))) return;
    this.#trace(`${edge.nodeName}: ${describe(change)}`);
    for (const { property, value } of change.values) {
      const desired = desiredOfChange(change, value);
      const proposal = {
        change: change.id,
        device: idOf(device),
        uid: change.uid,
        property,
        desired,
        base: null,
      };
      this.#world.commands.proposed(edge, proposal);
    }
    // The power goes while somebody types.
    if (this.#random.chance(this.#powerFails)) this.#later(0, 20, () => edge.process.kill());
    edge.commands.accept(change).then(
      () => edge.process.isAlive && this.#world.commands.acknowledged(change.id),
      () => {},
    );
  }

  /** `kubectl patch`: another value, and whatever lay beside the old one stays. */
  #patchPlainly(): void {
    const device = this.#device();
    if (!device) return;
    const [property, value] = this.#wish(true);
    const copy = structuredClone(device);
    const entry = copy.spec.properties?.find(({ name }) => name === property);
    if (!entry) return;
    const isCleared = this.#random.chance(0.15);
    entry.desired = { ...entry.desired, value: isCleared ? '' : String(value) };
    if (isCleared && this.#random.chance(0.5)) delete entry.desired;
    this.#trace(`kubectl: ${device.metadata.name}/${property} = ${entry.desired?.value}`);
    this.#world.api.put(copy);
  }

  #change(device: DeviceObject): Change {
    const wishes = [this.#wish(false)];
    if (this.#random.chance(0.2)) wishes.push(this.#wish(false));
    const values = wishes
      .filter(([property], index) => wishes.findIndex(([name]) => name === property) === index)
      .map(([property, value]) => ({ property, value: this.#random.chance(0.1) ? null : value }));
    return {
      id: `chg-${++this.#count}`,
      namespace: 'default',
      device: device.metadata.name,
      uid: device.metadata.uid ?? '',
      values,
      createdAt: this.#world.cloudWall.now(),
      createdBy: 'somebody',
      ...(this.#random.chance(0.25) && {
        expiresAt: this.#world.cloudWall.now() + this.#random.int(100, 8000),
      }),
      ...(this.#random.chance(0.1) && {
        ifReported: [{ property: 'temperature', value: { gte: this.#random.int(0, 20) } }],
      }),
    };
  }

  /** Mostly a value that was never desired before, so that nobody can take one for another. */
  #wish(isFresh: boolean): [property: string, value: TwinValue] {
    if (this.#random.chance(0.3)) return ['mode', `mode-${++this.#count}`];
    const again =
      !isFresh && this.#random.chance(0.2) ? this.#random.pick(this.#recent.slice(-3)) : undefined;
    const value = again ?? 5 + ++this.#count / 100;
    this.#recent.push(value);
    return ['setpoint', value];
  }

  // Links and processes

  #cut(): void {
    const { name } = this.#site();
    this.#trace(`cut ${name}`);
    this.#world.network.cut(name);
  }

  #linkDown(): void {
    const { name } = this.#site();
    this.#trace(`link of ${name} down`);
    this.#world.network.setDown(name, true);
    this.#later(500, 15_000, () => this.#world.network.setDown(name, false));
  }

  #killEdge(): void {
    this.#site().edge?.process.killAfter(this.#random.int(0, 12));
  }

  #stopEdge(): void {
    const { edge } = this.#site();
    this.#trace(`stop ${edge?.nodeName}`);
    void edge?.stop();
  }

  #loseStore(): void {
    if (this.#random.chance(0.5)) {
      if (this.#world.minor >= 1) this.#backupOrRestore();
      return;
    }
    const site = this.#site();
    this.#trace(`${site.name} loses its store`);
    this.#world.loseStore(site);
  }

  #backupOrRestore(): void {
    const site = this.#site();
    this.#trace(`${site.name} ${site.backup ? 'is set back to its backup' : 'is backed up'}`);
    if (site.backup) this.#world.restoreBackup(site);
    else site.backup = site.disk.copy();
  }

  #killCloud(): void {
    this.#world.cloud?.process.killAfter(this.#random.int(0, 20));
  }

  #fillDisk(): void {
    const { disk, name } = this.#site();
    this.#trace(`disk of ${name} full`);
    disk.isFull = true;
    this.#later(100, 8000, () => {
      disk.isFull = false;
    });
  }

  #setWallClock(): void {
    const { wall, name } = this.#site();
    wall.offsetMs = this.#random.chance(0.3) ? 0 : this.#random.int(-400, 400) * DAY_MS;
    this.#trace(`clock of ${name} ${wall.offsetMs / DAY_MS} days off`);
  }

  // Devices

  #behave(): void {
    const name = this.#random.pick(DEVICES) as string;
    const device = this.#world.hardware.device(`default/${name}`);
    device.behaviour = this.#random.pick(BEHAVIOURS) ?? 'accepts';
    this.#trace(`${name} ${device.behaviour}`);
    this.#later(500, 12_000, () => {
      device.behaviour = 'accepts';
    });
  }

  #drift(): void {
    const name = this.#random.pick(DEVICES) as string;
    this.#trace(`${name} drifts`);
    this.#world.hardware.drift(`default/${name}`, 'setpoint', 40 + ++this.#count);
  }

  #create(name: string): void {
    this.#world.api.put(device(name, this.#nodeName(), this.#random.pick(MODELS) ?? 'plain', this.#random));
  }

  #nodeName(): string | undefined {
    return this.#random.chance(0.05) ? undefined : this.#site().name;
  }

  #createOrDelete(): void {
    const name = this.#random.pick(DEVICES) as string;
    const isThere = this.#world.api.device(name) !== undefined;
    this.#trace(`${isThere ? 'delete' : 'create'} ${name}`);
    if (isThere) this.#world.api.delete({ kind: 'Device', namespace: 'default', name });
    else this.#create(name);
  }

  #recreate(): void {
    const name = this.#device()?.metadata.name;
    if (!name) return;
    this.#trace(`delete and create ${name}`);
    this.#world.api.delete({ kind: 'Device', namespace: 'default', name });
    this.#later(0, 300, () => this.#create(name));
  }

  #move(): void {
    const found = this.#device();
    if (!found) return;
    const copy = structuredClone(found);
    const nodeName = this.#nodeName();
    if (nodeName) copy.spec.nodeName = nodeName;
    else delete copy.spec.nodeName;
    this.#trace(`move ${copy.metadata.name} to ${nodeName}`);
    this.#world.api.put(copy);
  }

  #changeModel(): void {
    const name = this.#random.pick(MODELS) as string;
    const changed = model(name, this.#random);
    this.#world.commands.areModelsStill = false;
    this.#trace(
      `model ${name}: ${changed.spec.properties?.map((each) => `${each.name} ${each.maximum}`).join()}`,
    );
    this.#world.api.put(changed);
  }

  // The cloud's surroundings

  #apiDown(): void {
    this.#trace('api down');
    this.#world.api.isDown = true;
    this.#later(100, 6000, () => {
      this.#world.api.isDown = false;
      this.#world.commands.cloudForgot();
    });
  }

  #stallWatches(): void {
    this.#trace('watches stall');
    this.#world.cloud?.informers.stall(this.#random.int(10, 5000));
  }

  #reconnectReader(): void {
    const { cloud, readers } = this.#world;
    const reader = this.#random.pick(readers);
    reader?.disconnect();
    this.#later(0, 4000, () => this.#world.cloud && this.#world.cloud === cloud && reader?.connect(cloud));
  }
}

const describe = ({ id, device: name, values, expiresAt }: Change) =>
  `${id} ${name} ${values.map(({ property, value }) => `${property} = ${value}`).join(', ')}${expiresAt ? ` until ${expiresAt - EPOCH}` : ''}`;

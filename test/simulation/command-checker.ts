import type { Verdict } from '../../tunnel/messages.ts';
import { desiredOf } from '../../twin/desired.ts';
import { idOf, splitId } from '../../twin/device-object.ts';
import { propertyMap } from '../../twin/model.ts';
import type { Desired, Proposal, Twin } from '../../twin/twin.ts';
import { encodeText } from '../../twin/value.ts';
import type { ApiEvent } from './api-server.ts';
import type { EdgeProcess } from './edge.ts';
import type { DeviceWrite } from './hardware.ts';
import { MAX_LATENCY_MS } from './network.ts';
import type { WallClock } from './process.ts';

interface Told {
  proposal: Proposal;
  storeId: string;
  nodeName: string;
  isAcknowledged: boolean;
  /** What ended it at the node; undefined while it is open there. */
  end?: string;
}

const CHANGE = 'octograph.dev/change';

/**
 * What was asked of devices, and what was done to them: nothing that nobody asked for, nothing that is over, nothing twice, nothing
 * late; and no proposal that the node acknowledged without an answer.
 */
export class CommandChecker {
  readonly #fail: (what: string) => void;
  readonly #cloudWall: WallClock;
  /** By uid and property: every text that was ever desired. */
  readonly #wishes = new Map<string, Set<string>>();
  /** By uid and property: the changes that stood in Kubernetes, in their order; and since the cloud began. */
  readonly #stood = new Map<string, string[]>();
  readonly #stoodInLife = new Map<string, string[]>();
  /** By uid and property: the text that is desired now. */
  readonly #texts = new Map<string, string>();
  readonly #told = new Map<string, Told>();
  /** By store, uid and property: the change that the device confirmed last, while nothing else was observed since. */
  readonly #confirmed = new Map<string, { change: string; device: string }>();
  /** By store and device that left its node: its twins up to there are of an earlier stay. */
  readonly #leftAt = new Map<string, number>();
  readonly #holders = new Map<string, string>();
  /** Models changed: what did not fit may fit again, and is applied anew (T6). */
  areModelsStill = true;

  constructor(fail: (what: string) => void, cloudWall: WallClock) {
    this.#fail = fail;
    this.#cloudWall = cloudWall;
  }

  apiChanged({ type, object }: ApiEvent): void {
    if (object.kind !== 'Device') return;
    for (const { proposal, nodeName, ...told } of this.#told.values()) {
      const isGone = type === 'deleted' || object.spec.nodeName !== nodeName;
      // What was proposed for it is void, whenever the node hears of it.
      if (proposal.device === idOf(object) && isGone) this.#end(proposal, told.end ?? 'device gone');
    }
    const holder = type === 'deleted' ? '' : `${object.metadata.uid} ${object.spec.nodeName}`;
    // Where it comes back, the node knows nothing of what it did before.
    if (this.#holders.get(idOf(object)) !== holder) this.#confirmed.clear();
    this.#holders.set(idOf(object), holder);
    if (type === 'deleted') return;
    for (const { name, desired } of object.spec.properties ?? []) {
      if (!desired) continue;
      const key = `${object.metadata.uid} ${name}`;
      this.#wish(key, desired.value);
      const change = desired.metadata?.[CHANGE] ?? '';
      const stood = this.#stood.get(key) ?? [];
      this.#stood.set(key, stood);
      const isSameText = this.#texts.get(key) === desired.value;
      this.#texts.set(key, desired.value);
      if (stood.at(-1) === change) continue;
      const inLife = this.#stoodInLife.get(key) ?? [];
      this.#stoodInLife.set(key, inLife);
      if (change !== '' && inLife.includes(change) && !isSameText)
        this.#fail(`${idOf(object)}/${name}: change ${change} stands again after another took its place`);
      stood.push(change);
      inLife.push(change);
    }
  }

  /** The cloud cannot know which proposals it took: it began anew, or the answers of Kubernetes got lost. */
  cloudForgot(): void {
    this.#stoodInLife.clear();
  }

  proposed(edge: EdgeProcess, proposal: Proposal): void {
    for (const other of this.#told.values()) {
      const isSame =
        other.nodeName === edge.nodeName &&
        other.proposal.device === proposal.device &&
        other.proposal.property === proposal.property;
      if (isSame && !other.end) other.end = 'superseded at the node';
    }
    this.#wish(`${proposal.uid} ${proposal.property}`, encodeText(proposal.desired.value));
    const { storeId } = edge.store.identity;
    const isHere = this.#holders.get(proposal.device) === `${proposal.uid} ${edge.nodeName}`;
    this.#told.set(`${proposal.change} ${proposal.property}`, {
      proposal,
      storeId,
      nodeName: edge.nodeName,
      isAcknowledged: false,
      end: isHere ? undefined : 'device gone',
    });
  }

  acknowledged(change: string): void {
    for (const told of this.#told.values()) if (told.proposal.change === change) told.isAcknowledged = true;
  }

  verdict({ change, property, accepted }: Verdict): void {
    const told = this.#told.get(`${change} ${property}`);
    if (told && !told.end) told.end = accepted ? 'accepted' : 'refused';
  }

  storeLost(storeId: string): void {
    for (const told of this.#told.values()) if (told.storeId === storeId) told.end ??= 'store lost';
    // Where a backup takes its place, the node does again what it knows nothing of.
    for (const key of this.#confirmed.keys()) if (key.startsWith(`${storeId} `)) this.#confirmed.delete(key);
  }

  committed(edge: EdgeProcess, updates: readonly Twin[]): void {
    for (const twin of updates)
      if (twin.sync.state === 'IN_SYNC' && twin.sync.change && twin.seq > this.#leftAtOf(edge, twin.device))
        this.#confirmed.set(keyOf(edge, twin), { change: twin.sync.change, device: twin.device });
  }

  /** The node drops the device: where it comes back, the node does again what it knows nothing of. */
  left(edge: EdgeProcess, device: string): void {
    const { storeId } = edge.store.identity;
    this.#leftAt.set(`${storeId} ${device}`, edge.store.lastSeq());
    for (const [key, confirmed] of this.#confirmed)
      if (confirmed.device === device && key.startsWith(`${storeId} `)) this.#confirmed.delete(key);
  }

  #leftAtOf({ store }: EdgeProcess, device: string): number {
    return this.#leftAt.get(`${store.identity.storeId} ${device}`) ?? 0;
  }

  /** A twin changed, durable or not. */
  observed(edge: EdgeProcess, twin: Twin): void {
    const key = keyOf(edge, twin);
    if (this.#confirmed.get(key)?.change !== twin.observedDesired?.change) this.#confirmed.delete(key);
  }

  wrote(edge: EdgeProcess, { device, uid, property, value }: DeviceWrite): void {
    const text = encodeText(value);
    const what = `${edge.nodeName} writes ${text} to ${device}/${property}`;
    if (!this.#wishes.get(`${uid} ${property}`)?.has(text)) {
      this.#fail(`${what}: nobody ever desired that of ${uid}`);
      return;
    }
    const wanted = wantedAt(edge, device, uid, property);
    if (!wanted || encodeText(wanted.value) !== text) {
      this.#fail(`${what}: what is desired there is ${wanted ? encodeText(wanted.value) : 'nothing'}`);
      return;
    }
    const lateMs = this.#cloudWall.now() - (wanted.expiresAt ?? Number.POSITIVE_INFINITY);
    if (lateMs > MAX_LATENCY_MS) this.#fail(`${what}: it expired ${lateMs} ms ago`);
    const state = edge.registry.get(device, property)?.sync.state;
    if (state !== 'DELIVERED') this.#fail(`${what}: it is ${state} already`);
    const confirmed = this.#confirmed.get(keyOf(edge, { uid, property }))?.change;
    if (this.areModelsStill && wanted.change && confirmed === wanted.change)
      this.#fail(`${what}: the device confirmed that very change before`);
  }

  /** The world is whole and quiet: every proposal that a node acknowledged has had its answer. */
  finish(): void {
    for (const { proposal, nodeName, isAcknowledged, end } of this.#told.values()) {
      const { change, device, property, uid, desired } = proposal;
      const stood = this.#stood.get(`${uid} ${property}`)?.includes(change) ?? false;
      if (end === 'accepted' && !stood && desired.value !== null)
        this.#fail(`${device}/${property}: ${change} was accepted, and never stood in Kubernetes`);
      if (isAcknowledged && !end && !stood)
        this.#fail(`${device}/${property}: ${nodeName} acknowledged ${change}, and it got no answer`);
    }
  }

  #end({ change, property }: Proposal, end: string): void {
    const told = this.#told.get(`${change} ${property}`);
    if (told) told.end = end;
  }

  #wish(key: string, text: string): void {
    this.#wishes.set(key, (this.#wishes.get(key) ?? new Set()).add(text));
  }
}

const keyOf = ({ store }: EdgeProcess, { uid, property }: Pick<Twin, 'uid' | 'property'>) =>
  `${store.identity.storeId} ${uid} ${property}`;

/** What is wanted as the node was told last: its own open proposals, else the Device object. */
function wantedAt(
  { registry, metadata }: EdgeProcess,
  id: string,
  uid: string,
  property: string,
): Desired | undefined {
  const [namespace, name] = splitId(id);
  const object = metadata.device(namespace, name);
  if (object?.metadata.uid !== uid) return undefined;
  for (const proposal of registry.proposals())
    if (proposal.device === id && proposal.property === property) return proposal.desired;
  const model = propertyMap(object, metadata.modelOf(object)).get(property);
  return model && desiredOf(object, model);
}

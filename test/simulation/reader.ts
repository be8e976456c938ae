import type { TwinEventSource } from '../../resolvers/context.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { CloudProcess } from './cloud.ts';
import { COUNTER } from './hardware.ts';

/** What a reader knows of one property. */
export interface Known {
  nodeName: string | null;
  seq: number;
  reported: TwinValue | undefined;
  desired: TwinValue | undefined;
  change: string | undefined;
  state: string;
}

/** A subscriber of the cloud's `twins`: snapshot, then events; what they add up to is what it believes. */
export class Reader {
  readonly known = new Map<string, Known>();
  /** Nodes whose store was set back: what it still had to report comes again. */
  readonly mayGoBack = new Set<string>();
  readonly #fail: (what: string) => void;
  #subscription: ReturnType<CloudProcess['live']['twins']['subscribe']> | undefined;
  #cursor: string | undefined;
  #cloudName = '';

  constructor(fail: (what: string) => void) {
    this.#fail = fail;
  }

  /** Begins at the cloud that is there now, behind what it saw last. */
  connect(cloud: CloudProcess): void {
    this.disconnect();
    if (cloud.name !== this.#cloudName && this.#cursor === undefined) this.known.clear();
    this.#cloudName = cloud.name;
    this.#subscription = cloud.live.twins.subscribe({
      after: this.#cursor,
      scope: '',
      readsTwins: false,
      matches: () => true,
    });
  }

  disconnect(): void {
    void this.#subscription?.return?.();
    this.#subscription = undefined;
  }

  /** Takes in all that has come. */
  read(): void {
    const pollable = this.#subscription as unknown as { poll(): TwinEventSource | undefined } | undefined;
    for (let event = pollable?.poll(); event; event = pollable?.poll()) this.#take(event);
  }

  #take(event: TwinEventSource): void {
    this.#cursor = event.cursor;
    if (event.kind === 'RESET') this.known.clear();
    if (event.kind === 'LEFT')
      this.known.delete(`${event.deviceRef?.namespace}/${event.deviceRef?.name}/${event.property}`);
    if (event.kind === 'LEFT' || !event.twin) return;
    const { device, model, reported, desired, sync, seq } = event.twin;
    const key = `${device.namespace}/${device.name}/${model.name}`;
    const before = this.known.get(key);
    const now: Known = {
      nodeName: device.nodeName,
      seq,
      reported: reported?.value,
      desired: desired?.value,
      change: desired?.change,
      state: sync.state,
    };
    const isBack =
      model.name === COUNTER &&
      before?.nodeName === now.nodeName &&
      !this.mayGoBack.has(now.nodeName ?? '') &&
      typeof before.reported === 'number' &&
      typeof now.reported === 'number' &&
      now.reported < before.reported;
    if (isBack)
      this.#fail(
        `a reader of ${key} saw ${before.reported} (${before.seq}), and then ${now.reported} (${seq})`,
      );
    this.known.set(key, now);
  }
}

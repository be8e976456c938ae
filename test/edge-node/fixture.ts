import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { EdgeStore } from '../../store/contract.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Proposal, Reported, Twin } from '../../twin/twin.ts';
import type { TwinValue } from '../../twin/value.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { modelObject } from '../harness/objects.ts';

export const MODEL = modelObject();
export const PUMP = 'default/pump';

/** A registry over a real store in a folder that goes away with the test. */
export class EdgeFixture {
  readonly clock = new ManualClock();
  readonly #path: string;
  store: EdgeStore;
  registry: TwinRegistry;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'octograph-edge-'));
    this.#path = join(folder, 'edge.db');
    [this.store, this.registry] = this.#open();
    onTestFinished(async () => {
      await this.store.close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** As after the end of the process and its next start. */
  async restart(): Promise<void> {
    await this.store.close();
    [this.store, this.registry] = this.#open();
  }

  /** The file is gone. */
  async lose(): Promise<void> {
    await this.store.close();
    rmSync(this.#path);
    rmSync(`${this.#path}.copy`, { force: true });
    [this.store, this.registry] = this.#open();
  }

  /** Somebody copies the file while nobody has it open. */
  async backUp(): Promise<void> {
    await this.store.close();
    copyFileSync(this.#path, `${this.#path}.backup`);
    [this.store, this.registry] = this.#open();
  }

  /** And puts it back later. */
  async restoreBackup(): Promise<void> {
    await this.store.close();
    copyFileSync(`${this.#path}.backup`, this.#path);
    [this.store, this.registry] = this.#open();
  }

  twin(property: string, device = PUMP): Twin | undefined {
    return this.registry.get(device, property);
  }

  /** Of a twin that is expected to be there. */
  state(property: string): string | undefined {
    return this.twin(property)?.sync.state;
  }

  reported(value: TwinValue, quality: Reported['quality'] = 'GOOD'): Reported {
    return { value, quality, observedAt: this.clock.now() };
  }

  /** Reports numbered values of one property, each in a commit of its own. */
  reportNumbers(from: number, count: number): void {
    for (let value = from; value < from + count; value++) {
      this.registry.report(PUMP, 'temperature', this.reported(value));
      this.store.flush();
    }
  }

  #open(): [EdgeStore, TwinRegistry] {
    const store = openSqliteStore({ path: this.#path, clock: this.clock, logger: silentLogger });
    return [store, new TwinRegistry(store, this.clock)];
  }
}

export function proposal(fields: Partial<Proposal> & { value?: TwinValue } = {}): Proposal {
  const { value = 25, change = 'chg-1', ...rest } = fields;
  return {
    change,
    device: PUMP,
    uid: 'uid-pump',
    property: 'setpoint',
    desired: { value, change, setBy: 'operator', setAt: 1 },
    base: null,
    ...rest,
  };
}

import type { Reading } from './contract.ts';

/** Lets through what differs from the last reading of the property that was reported, compared exactly. */
export class ChangeFilter {
  #reported = new Map<string, Reading>();

  changed(readings: readonly Reading[]): Reading[] {
    return readings.filter((reading) => !isSame(this.#reported.get(reading.property), reading));
  }

  /** To be called when the readings have been taken: what failed to be stored is reported again. */
  markReported(readings: readonly Reading[]): void {
    for (const reading of readings) this.#reported.set(reading.property, reading);
  }
}

function isSame(last: Reading | undefined, next: Reading): boolean {
  return (
    last !== undefined &&
    Object.is(last.value, next.value) &&
    last.quality === next.quality &&
    last.raw === next.raw
  );
}

import type { DeviceState, Reading } from '../../mappers/contract.ts';
import type { HostSink } from '../../mappers/host.ts';

/** Keeps all that a host tells. */
export class RecordingSink implements HostSink {
  readonly reports: Array<{ device: string; readings: Reading[] }> = [];
  readonly collections: Array<{ device: string; properties: string[]; at: number }> = [];
  readonly states: Array<{ device: string; state: DeviceState; reason?: string }> = [];

  report(device: { name: string }, readings: Reading[]): void {
    this.reports.push({ device: device.name, readings });
  }

  collected(device: { name: string }, properties: string[], at: number): void {
    this.collections.push({ device: device.name, properties, at });
  }

  state(device: { name: string }, state: DeviceState, reason?: string): void {
    this.states.push({ device: device.name, state, reason });
  }

  /** All reported values of one property, in order. */
  values(device: string, property: string): unknown[] {
    return this.reports
      .filter((report) => report.device === device)
      .flatMap((report) => report.readings.filter((reading) => reading.property === property))
      .map((reading) => reading.value);
  }

  /** The last reading that was reported. */
  last(device: string, property: string): Reading | undefined {
    return this.reports
      .filter((report) => report.device === device)
      .flatMap((report) => report.readings)
      .findLast((reading) => reading.property === property);
  }

  stateOf(device: string): DeviceState | undefined {
    return this.states.findLast((change) => change.device === device)?.state;
  }

  reasonOf(device: string): string | undefined {
    return this.states.findLast((change) => change.device === device)?.reason;
  }
}

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Numbers of one process, for Prometheus. */
export interface Metrics {
  /** A number that is read when somebody asks: `read` gives one value, or one per label. */
  gauge(
    name: string,
    help: string,
    read: () => number | Iterable<readonly [label: string, value: number]>,
  ): void;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
}

export function createMetrics(labelName = 'node'): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        labelNames: [labelName],
        registers: [registry],
        collect() {
          this.reset();
          const value = read();
          if (typeof value === 'number') this.set(value);
          else for (const [label, each] of value) this.set({ [labelName]: label }, each);
        },
      });
    },
    text: () => registry.metrics(),
  };
}

// Counters, gauges and histograms of one service, in Prometheus' text form.
import prom from 'prom-client';

/** Counts what happened: `inc()`, `inc(5)`, `inc({ state: 'failed' })`. */
export type Counter = Pick<prom.Counter, 'inc'>;
/** Holds how much there is now: `set(3)`, `set({ queue: 'default' }, 3)`. */
export type Gauge = Pick<prom.Gauge, 'set' | 'inc' | 'dec'>;
/** Sorts measurements into buckets: `observe(0.2)`, `observe({ rpc: 'Commit' }, 0.2)`. */
export type Histogram = Pick<prom.Histogram, 'observe'>;

/** The metrics of one service. Names are `dagmesh_<what>_<unit>`; each name is declared once. */
export type Metrics = {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(
    name: string,
    help: string,
    buckets?: readonly number[],
    labels?: readonly string[],
  ): Histogram;
  /** Everything, as Prometheus reads it. */
  text(): Promise<string>;
};

/** Buckets in seconds, from half a millisecond to ten seconds. */
const LATENCY_BUCKETS_S = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

/** How often the event loop's lag is sampled: seldom enough to cost an idle service nothing. */
const LOOP_SAMPLE_MS = 100;

/**
 * A registry of its own for one service, with the runtime's own figures (memory, CPU, event loop
 * lag).
 */
export function createMetrics(service: string): Metrics {
  const registry = new prom.Registry();
  registry.setDefaultLabels({ service });
  prom.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  const registers = [registry];
  return {
    counter: (name, help, labels = []) =>
      new prom.Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) =>
      new prom.Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, buckets = LATENCY_BUCKETS_S, labels = []) =>
      new prom.Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
    text: () => registry.metrics(),
  };
}

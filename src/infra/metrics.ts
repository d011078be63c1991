import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

/** What the process measures of itself; `/metrics` prints it. Durations are in seconds. */
export interface Metrics {
  readonly registry: Registry
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>
  readonly queryDuration: Histogram<'query'>
  readonly cacheReads: Counter<'family' | 'outcome'>
  readonly cacheFailures: Counter<'operation'>
  readonly poolConnections: Gauge<'pool' | 'state'>
  readonly rateLimitFailures: Counter<string>
  readonly counterDrift: Counter<'table'>
}

/** A registry of its own, so that two apps in one process do not share counters. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'lemonnpie_' })
  return {
    registry,
    httpDuration: new Histogram({
      name: 'lemonnpie_http_request_duration_seconds',
      help: 'Time from the request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    queryDuration: new Histogram({
      name: 'lemonnpie_query_duration_seconds',
      help: 'Time of a database query as the application sees it, by its name.',
      labelNames: ['query'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    cacheReads: new Counter({
      name: 'lemonnpie_cache_reads_total',
      help: 'Cache reads by key family and outcome: memory and redis are hits, miss was loaded, joined waited for a load.',
      labelNames: ['family', 'outcome'],
      registers,
    }),
    cacheFailures: new Counter({
      name: 'lemonnpie_cache_failures_total',
      help: 'Calls to the Redis of the cache that failed and were treated as a miss.',
      labelNames: ['operation'],
      registers,
    }),
    poolConnections: new Gauge({
      name: 'lemonnpie_pool_connections',
      help: 'Connections of a database pool (main, replica): total, idle, and requests waiting for one.',
      labelNames: ['pool', 'state'],
      registers,
    }),
    rateLimitFailures: new Counter({
      name: 'lemonnpie_rate_limit_failures_total',
      help: 'Rate limit checks that Redis did not answer; the in-process limit was applied instead.',
      registers,
    }),
    counterDrift: new Counter({
      name: 'lemonnpie_counter_drift_total',
      help: 'Rows whose counters were found to differ from what they count, and were repaired, by table.',
      labelNames: ['table'],
      registers,
    }),
  }
}

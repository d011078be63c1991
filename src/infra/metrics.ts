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
  readonly relayLag: Histogram<string>
  readonly outboxUnpublished: Gauge<string>
  readonly outboxOldest: Gauge<string>
  readonly jobs: Counter<'job' | 'outcome'>
  readonly jobDuration: Histogram<'job'>
  readonly jobWait: Histogram<'queue'>
  readonly queueJobs: Gauge<'queue' | 'state'>
  readonly stalledJobs: Counter<'queue'>
  readonly liveSockets: Gauge<'state'>
  readonly liveUnsent: Gauge<string>
  readonly liveFrames: Counter<'type'>
  readonly liveCloses: Counter<'reason'>
  readonly liveLag: Histogram<string>
}

/**
 * Adds the process itself: its processor time, memory and event loop. Once, by what runs the process, since it measures
 * until the process ends: what is opened and closed again would leave a clock ticking behind each time.
 */
export function measureProcess({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry, prefix: 'lemonnpie_' })
}

/** A registry of its own, so that two apps in one process do not share counters. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
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
    relayLag: new Histogram({
      name: 'lemonnpie_relay_lag_seconds',
      help: 'Time from an event to the jobs of its subscribers.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    outboxUnpublished: new Gauge({
      name: 'lemonnpie_outbox_unpublished',
      help: 'Events that wait for the relay; counted up to 10,000.',
      registers,
    }),
    outboxOldest: new Gauge({
      name: 'lemonnpie_outbox_oldest_seconds',
      help: 'Age of the oldest event that waits for the relay; 0 when none does.',
      registers,
    }),
    jobs: new Counter({
      name: 'lemonnpie_jobs_total',
      help: 'Jobs by subscriber or schedule and outcome: done, repeated (had been handled before), skipped (another is at it), failed (will be tried again), dead.',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    jobDuration: new Histogram({
      name: 'lemonnpie_job_duration_seconds',
      help: 'Time that a subscriber took for one event, whatever came of it.',
      labelNames: ['job'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    jobWait: new Histogram({
      name: 'lemonnpie_job_wait_seconds',
      help: 'Time from when a job could be begun to when it was, for its first attempt.',
      labelNames: ['queue'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    queueJobs: new Gauge({
      name: 'lemonnpie_queue_jobs',
      help: 'Jobs of a queue by state: waiting, active, delayed (will be tried again, or later) and failed (dead).',
      labelNames: ['queue', 'state'],
      registers,
    }),
    stalledJobs: new Counter({
      name: 'lemonnpie_jobs_stalled_total',
      help: 'Jobs whose worker died, and that were given to another, as this process noticed.',
      labelNames: ['queue'],
      registers,
    }),
    liveSockets: new Gauge({
      name: 'lemonnpie_live_sockets',
      help: 'Live sockets of this process: open, and of these waiting, which have not said yet who they are.',
      labelNames: ['state'],
      registers,
    }),
    liveUnsent: new Gauge({
      name: 'lemonnpie_live_unsent_bytes',
      help: 'Bytes that wait in this process for slow readers of live sockets.',
      registers,
    }),
    liveFrames: new Counter({
      name: 'lemonnpie_live_frames_total',
      help: 'Frames sent over live sockets, by type.',
      labelNames: ['type'],
      registers,
    }),
    liveCloses: new Counter({
      name: 'lemonnpie_live_closes_total',
      help: 'Live sockets that ended, by the reason of their close code; left: by the client, lost: without a word.',
      labelNames: ['reason'],
      registers,
    }),
    liveLag: new Histogram({
      name: 'lemonnpie_live_lag_seconds',
      help: 'Time from a notification, as its row says, to its frame.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
  }
}

import { expect, it } from 'vitest'
import { measureProcess, openMetrics } from '../../src/infra/metrics.ts'

it('prints everything under one prefix, the event loop too', async () => {
  const metrics = openMetrics()
  measureProcess(metrics)
  metrics.httpDuration.observe({ method: 'GET', route: '/api/v1/movies', status: '200' }, 0.002)
  const lines = (await metrics.registry.metrics()).split('\n')
  const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  expect(names).toEqual(
    expect.arrayContaining([
      'lemonnpie_http_request_duration_seconds',
      'lemonnpie_query_duration_seconds',
      'lemonnpie_cache_reads_total',
      'lemonnpie_cache_failures_total',
      'lemonnpie_nodejs_eventloop_lag_seconds',
    ]),
  )
  expect(names.filter((name) => !name.startsWith('lemonnpie_'))).toEqual([])
  expect(lines).toContain(
    'lemonnpie_http_request_duration_seconds_bucket{le="0.0025",method="GET",route="/api/v1/movies",status="200"} 1',
  )
})

it('counts apart in two of one process', async () => {
  const [one, other] = [openMetrics(), openMetrics()]
  one.cacheReads.inc({ family: 'movie', outcome: 'miss' })
  expect(await one.registry.metrics()).toContain('lemonnpie_cache_reads_total{family="movie",outcome="miss"} 1')
  expect(await other.registry.metrics()).not.toContain('family="movie"')
})

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Needs } from '../context.ts'
import type { Metrics } from '../infra/metrics.ts'
import type { App } from './app-type.ts'

/**
 * Times an answer by method, route and status.
 * @param route its pattern, so that the number of series stays that of the routes, whatever paths are asked for
 */
export function measureAnswer(
  { httpDuration }: Metrics,
  { method }: FastifyRequest,
  { statusCode }: FastifyReply,
  route: string | null,
  milliseconds: number,
): void {
  httpDuration.observe({ method, route: route ?? 'none', status: String(statusCode) }, milliseconds / 1_000)
}

/** What the process measures of itself, for Prometheus. */
export function serveMetrics(app: App, { metrics, pool, readPool }: Needs<'metrics' | 'pool' | 'readPool'>): void {
  app.get('/metrics', { config: { access: 'public', operational: true } }, async (_request, reply) => {
    for (const [name, one] of Object.entries({ main: pool, replica: readPool })) {
      if (one === null) continue
      metrics.poolConnections.set({ pool: name, state: 'total' }, one.totalCount)
      metrics.poolConnections.set({ pool: name, state: 'idle' }, one.idleCount)
      metrics.poolConnections.set({ pool: name, state: 'waiting' }, one.waitingCount)
    }
    const text = await metrics.registry.metrics()
    return reply.header('cache-control', 'no-store').header('content-type', metrics.registry.contentType).send(text)
  })
}

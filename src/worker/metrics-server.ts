import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Ctx } from '../context.ts'
import { outboxState } from '../infra/outbox-delivery.ts'
import { StartError } from '../infra/run-process.ts'

async function measured({ db, metrics, pool, log }: Ctx): Promise<string> {
  metrics.poolConnections.set({ pool: 'main', state: 'total' }, pool.totalCount)
  metrics.poolConnections.set({ pool: 'main', state: 'idle' }, pool.idleCount)
  metrics.poolConnections.set({ pool: 'main', state: 'waiting' }, pool.waitingCount)
  try {
    const { unpublished, oldest_seconds } = await outboxState(db)
    metrics.outboxUnpublished.set(unpublished)
    metrics.outboxOldest.set(oldest_seconds)
  } catch (error) {
    // Rather no figure than one of before.
    metrics.outboxUnpublished.set(Number.NaN)
    metrics.outboxOldest.set(Number.NaN)
    log.warn({ err: error }, 'the outbox could not be measured')
  }
  return metrics.registry.metrics()
}

/** Serves the worker's metrics for Prometheus at `/metrics`, where METRICS_PORT is set. */
export async function serveWorkerMetrics(
  ctx: Ctx,
): Promise<{ readonly url: string | null; readonly stop: () => Promise<void> }> {
  const { HOST, METRICS_PORT } = ctx.config
  if (METRICS_PORT === undefined) return { url: null, stop: async () => {} }
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end()
      return
    }
    measured(ctx).then(
      (text) =>
        response
          .writeHead(200, { 'content-type': ctx.metrics.registry.contentType, 'cache-control': 'no-store' })
          .end(text),
      (error) => {
        ctx.log.error({ err: error }, 'the metrics could not be told')
        response.writeHead(500).end()
      },
    )
  })
  server.listen(METRICS_PORT, HOST)
  await once(server, 'listening').catch((error) => {
    throw new StartError(`The worker cannot tell its metrics at ${HOST}, port ${METRICS_PORT}: ${error.code}`)
  })
  const { address, family, port } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Ctx } from '../context.ts'
import { outboxState } from '../infra/outbox-delivery.ts'
import { jobStates, type Queues } from '../infra/queues.ts'
import { StartError } from '../infra/run-process.ts'
import { queueNames } from '../lib/queue-table.ts'

/** Rather no figure than one of before: of a queue that does not answer there is none. */
async function measureQueues({ metrics, log }: Ctx, queues: Pick<Queues, 'counts'>): Promise<void> {
  await Promise.all(
    queueNames.map(async (queue) => {
      try {
        const counts = await queues.counts(queue)
        for (const state of jobStates) metrics.queueJobs.set({ queue, state }, counts[state])
      } catch (error) {
        for (const state of jobStates) metrics.queueJobs.set({ queue, state }, Number.NaN)
        log.warn({ err: error, queue }, 'a queue could not be measured')
      }
    }),
  )
}

async function measureOutbox({ db, metrics, log }: Ctx): Promise<void> {
  try {
    const { unpublished, oldest_seconds } = await outboxState(db)
    metrics.outboxUnpublished.set(unpublished)
    metrics.outboxOldest.set(oldest_seconds)
  } catch (error) {
    metrics.outboxUnpublished.set(Number.NaN)
    metrics.outboxOldest.set(Number.NaN)
    log.warn({ err: error }, 'the outbox could not be measured')
  }
}

async function measured(ctx: Ctx, queues: Pick<Queues, 'counts'>): Promise<string> {
  const { metrics, pool } = ctx
  metrics.poolConnections.set({ pool: 'main', state: 'total' }, pool.totalCount)
  metrics.poolConnections.set({ pool: 'main', state: 'idle' }, pool.idleCount)
  metrics.poolConnections.set({ pool: 'main', state: 'waiting' }, pool.waitingCount)
  await Promise.all([measureOutbox(ctx), measureQueues(ctx, queues)])
  return metrics.registry.metrics()
}

/** Serves the worker's metrics for Prometheus at `/metrics`, where METRICS_PORT is set. */
export async function serveWorkerMetrics(
  ctx: Ctx,
  queues: Pick<Queues, 'counts'>,
): Promise<{ readonly url: string | null; readonly stop: () => Promise<void> }> {
  const { HOST, METRICS_PORT } = ctx.config
  if (METRICS_PORT === undefined) return { url: null, stop: async () => {} }
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end()
      return
    }
    measured(ctx, queues).then(
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

import { runProcess } from './infra/run-process.ts'
import { startDelivery } from './worker/delivery.ts'
import { startHeartbeat } from './worker/heartbeat.ts'
import { serveWorkerMetrics } from './worker/metrics-server.ts'
import { startSchedules } from './worker/schedules.ts'
import { subscribers } from './worker/subscribers.ts'

const heartbeatMilliseconds = 10_000

await runProcess('lemonnpie-worker', async (ctx) => {
  const metrics = await serveWorkerMetrics(ctx)
  const heartbeat = startHeartbeat(ctx, heartbeatMilliseconds)
  const scheduled = startSchedules(ctx)
  const delivery = startDelivery(ctx, subscribers)
  const events = Object.values(subscribers)
  ctx.log.info(
    { events: events.length, subscribers: events.flat().length, ...(metrics.url && { metrics: metrics.url }) },
    'the worker is up',
  )
  return async () => {
    await Promise.all([delivery.stop(), scheduled.stop()])
    await heartbeat.stop()
    await metrics.stop()
  }
})

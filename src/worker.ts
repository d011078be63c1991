import { openQueues } from './infra/queues.ts'
import { runProcess } from './infra/run-process.ts'
import { startDelivery } from './worker/delivery.ts'
import { startHeartbeat } from './worker/heartbeat.ts'
import { serveWorkerMetrics } from './worker/metrics-server.ts'
import { schedules } from './worker/schedules.ts'
import { subscribers } from './worker/subscribers.ts'

const heartbeatMilliseconds = 10_000

await runProcess('lemonnpie-worker', async (ctx) => {
  const queues = openQueues(ctx)
  const metrics = await serveWorkerMetrics(ctx, queues)
  const heartbeat = startHeartbeat(ctx, heartbeatMilliseconds)
  const delivery = startDelivery(ctx, subscribers, { queues, schedules })
  const events = Object.values(subscribers)
  ctx.log.info(
    { events: events.length, subscribers: events.flat().length, ...(metrics.url && { metrics: metrics.url }) },
    'the worker is up',
  )
  return async () => {
    await metrics.stop()
    await delivery.stop()
    await heartbeat.stop()
  }
})
